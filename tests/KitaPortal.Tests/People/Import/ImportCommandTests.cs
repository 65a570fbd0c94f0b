using KitaPortal.Features.Admin.Commands;
using KitaPortal.Platform.Audit;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.People.Import;

/// <summary>The same imports from the command line.</summary>
public class ImportCommandTests
{
    private static FileInfo Office(string name) => new(Path.Combine(AppContext.BaseDirectory, "Data", "office-files", name));

    [Fact]
    public async Task The_command_shows_what_the_page_shows_and_imports_only_when_nothing_is_wrong_or_chosen()
    {
        await using var portal = await PortalHost.StartEmptyAsync(new(2026, 3, 16, 9, 0, 0, TimeSpan.FromHours(9)));
        async Task<(int Code, string Said)> Run(bool dry, bool onlyCorrect)
        {
            var console = new StringWriter();
            return (await portal.InScopeAsync(s => ImportCommand.RunAsync(s, "organisation", Office("組織図_R8.xlsx"), dry, onlyCorrect, console, CancellationToken.None)), console.ToString());
        }
        Task<int> Departments() => portal.ReadAsync(db => db.Set<KitaPortal.Features.People.Department>().CountAsync());

        var dry = await Run(dry: true, onlyCorrect: false);
        var refused = await Run(dry: false, onlyCorrect: false);
        var before = await Departments();
        var done = await Run(dry: false, onlyCorrect: true);

        Assert.Equal(1, dry.Code);
        Assert.Contains("28行目\tエラー\t収納係\t上位所属（F列）", dry.Said, StringComparison.Ordinal);
        Assert.Contains("追加 80", dry.Said, StringComparison.Ordinal);
        Assert.Equal((1, 0), (refused.Code, before));
        Assert.Equal((0, 80), (done.Code, await Departments()));
        Assert.All(await portal.ReadAsync(db => db.Set<AuditEntry>().Where(e => e.Action == "department.created").ToListAsync()), e => Assert.StartsWith("os:", e.ActorName, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_kind_or_file_is_said()
    {
        await using var portal = await PortalHost.StartEmptyAsync();
        var console = new StringWriter();

        Assert.Equal(2, await portal.InScopeAsync(s => ImportCommand.RunAsync(s, "cats", Office("組織図_R8.xlsx"), true, false, console, CancellationToken.None)));
        Assert.Equal(2, await portal.InScopeAsync(s => ImportCommand.RunAsync(s, "roster", Office("ない.csv"), true, false, console, CancellationToken.None)));
        Assert.Contains("organisation, roster, devices", console.ToString(), StringComparison.Ordinal);
    }
}
