using KitaPortal.Data;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;

namespace KitaPortal.Features.People.PhoneBook;

/// <summary>電話帳: finds a colleague by name, reading, extension, department or post.</summary>
public sealed class PhoneBookPage(PortalDb db, TimeProvider clock) : FormPage
{
    public const int Size = 100;

    [BindProperty(SupportsGet = true, Name = "q")] public string? Words { get; set; }

    [BindProperty(SupportsGet = true)] public DepartmentId? Department { get; set; }

    [BindProperty(SupportsGet = true)] public OfficeId? Office { get; set; }

    [BindProperty(SupportsGet = true)] public string? Row { get; set; }

    [BindProperty(SupportsGet = true), FromQuery(Name = "page")] public int PageNo { get; set; } = 1;

    public PhoneBook Book { get; private set; } = null!;

    public IReadOnlyList<PhoneBookEntry> Entries { get; private set; } = [];

    public int Total { get; private set; }

    public bool IsFiltered => Words is not null || Department is not null || Office is not null || Row is not null;

    public override async Task LoadAsync(CancellationToken ct)
    {
        Book = await PhoneBook.OpenAsync(db, clock.Today(), ct);
        PageNo = Math.Max(1, PageNo);
        (Entries, Total) = await Book.FindAsync(new(Words, Department, Office, Row), (PageNo - 1) * Size, Size, ct);
    }

    /// <summary>The address of this list with another row of the index.</summary>
    public string RowHref(string? row) => "/people" + Query(row);

    /// <summary>The query of the present filter.</summary>
    public string Query(string? row)
    {
        var query = new Microsoft.AspNetCore.Http.Extensions.QueryBuilder();
        if (!string.IsNullOrWhiteSpace(Words)) query.Add("q", Words);
        if (Department is { } d) query.Add("department", d.ToString());
        if (Office is { } o) query.Add("office", o.ToString());
        if (row is not null) query.Add("row", row);
        return query.ToQueryString().ToString();
    }
}
