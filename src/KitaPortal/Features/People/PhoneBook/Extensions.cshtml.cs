using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.Shared;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.People.PhoneBook;

/// <summary>内線表: the whole town on paper, two columns, by department.</summary>
public sealed class ExtensionsPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    public IReadOnlyList<(string Department, string Office, IReadOnlyList<PhoneBookEntry> Entries)> Groups { get; private set; } = [];

    public PrintHead Head { get; private set; } = null!;

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        Head = new("内線表", JapaneseDate.Long(today), $"{me.DepartmentName}　{me.Name}");
        var entries = await (await PhoneBook.OpenAsync(db, today, ct)).ListAsync(new(), ct);
        Groups = [.. entries.Where(e => e.Department.Length > 0).GroupBy(e => e.Department).Select(g => (g.Key, g.First().Office, (IReadOnlyList<PhoneBookEntry>)[.. g]))];
    }
}
