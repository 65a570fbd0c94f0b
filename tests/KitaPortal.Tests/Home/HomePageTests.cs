using System.Net;
using KitaPortal.Tests.Host;

namespace KitaPortal.Tests.Home;

/// <summary>The first page.</summary>
public sealed class HomePageTests
{
    [Fact]
    public async Task The_first_page_says_the_day_and_whose_page_it_is()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var home = await sato.Get("/");

        Assert.Equal(HttpStatusCode.OK, home.Status);
        Assert.Contains("令和8年4月6日（月）", home.Words);
        Assert.Contains("佐藤\u3000花子", home.Words);
    }
}
