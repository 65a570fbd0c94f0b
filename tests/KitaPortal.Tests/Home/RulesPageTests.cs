using System.Net;
using KitaPortal.Tests.Host;

namespace KitaPortal.Tests.Home;

/// <summary>The rules page, the files every page needs, and the pages shown when something is wrong.</summary>
public sealed class RulesPageTests
{
    [Fact]
    public async Task Everybody_reads_the_rules_with_number_and_remedy_and_finds_them_in_any_script()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var all = await sato.Get("/help/rules");
        var found = await sato.Get("/help/rules?q=" + Uri.EscapeDataString("ﾖﾐ"));
        var nothing = await sato.Get("/help/rules?q=" + Uri.EscapeDataString("かめのこ"));

        Assert.Contains("職-1", all.Words);
        Assert.Contains("その職員を開いて確認してください。", all.Words);
        Assert.Contains("職-4", found.Words);
        Assert.DoesNotContain("職-1 ", found.Words);
        Assert.Contains("「かめのこ」に合う決まりはありません。", nothing.Words);
    }

    [Fact]
    public async Task The_files_of_every_page_are_served_under_their_fingerprint()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        var page = await sato.Get("/help/rules");

        var named = System.Text.RegularExpressions.Regex.Matches(page.Text, "(?:href|src)=\"(/(?:css|js|lib|img)/[^\"#]+)").Select(m => m.Groups[1].Value).Distinct().ToList();

        Assert.Contains(named, path => path.StartsWith("/lib/tokens.", StringComparison.Ordinal) && path != "/lib/tokens.css");
        foreach (var path in named)
        {
            var file = await sato.Get(path);
            Assert.Equal(HttpStatusCode.OK, file.Status);
            Assert.NotEmpty(file.Text);
        }
    }

    [Fact]
    public async Task An_unknown_address_is_a_page_of_the_portal_with_status_404()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var lost = await sato.Get("/no/such/page");

        Assert.Equal(HttpStatusCode.NotFound, lost.Status);
        Assert.Contains("ページが見つかりません", lost.Words);
        Assert.Contains("<nav class=\"side\"", lost.Text);
    }
}
