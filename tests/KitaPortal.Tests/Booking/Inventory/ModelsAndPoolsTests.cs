using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.People.Roles;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Inventory;

/// <summary>/booking/models and /booking/pools.</summary>
public sealed class ModelsAndPoolsTests
{
    [Fact]
    public async Task An_administrator_registers_a_model_changes_its_set_and_retires_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        var kind = await portal.ReadAsync(db => db.DeviceClasses.Where(c => c.Code == "laptop").Select(c => c.Id).SingleAsync());

        var made = await admin.Submit("/booking/models", new Dictionary<string, string> { ["Form.Name"] = "軽量ノートPC", ["Form.ClassId"] = kind.ToString(), ["Form.Maker"] = "メーカーB", ["Form.Accessories"] = "ＡＣアダプター×1 必須\nマウス x2" });
        var model = await portal.ReadAsync(db => db.DeviceModels.Include(m => m.Accessories).AsNoTracking().SingleAsync(m => m.Name == "軽量ノートPC"));
        var change = new Dictionary<string, string> { ["Form.Version"] = $"{model.Version}", ["Form.Name"] = "軽量ノートPC", ["Form.ClassId"] = kind.ToString(), ["Form.Guide"] = "電源を入れる。", ["Form.RetiredOn"] = "2026-05-01" };
        var retired = await admin.Submit("/booking/models?id=" + model.Id, change);
        var stale = await admin.Submit("/booking/models?id=" + model.Id, change);
        var twice = await admin.Submit("/booking/models", new Dictionary<string, string> { ["Form.Name"] = "持出用ノートPC", ["Form.ClassId"] = kind.ToString() });
        var unreadable = await admin.Submit("/booking/models", new Dictionary<string, string> { ["Form.Name"] = "別の機種", ["Form.ClassId"] = kind.ToString(), ["Form.Accessories"] = "ケース×たくさん" });

        Assert.Contains("軽量ノートPCを登録しました", made.Words);
        Assert.Equal(["ACアダプター×1:True", "マウス×2:False"], model.Accessories.OrderBy(a => a.SortOrder).Select(a => $"{a.Label}:{a.Required}"));
        Assert.Contains("から貸出終了", retired.Words);
        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
        Assert.Contains("貸-943", twice.Words);
        Assert.Contains("「ケース×たくさん」を読み取れません", unreadable.Words);
        var after = await portal.ReadAsync(db => db.DeviceModels.Include(m => m.Accessories).AsNoTracking().SingleAsync(m => m.Id == model.Id));
        Assert.Equal((0, "電源を入れる。"), (after.Accessories.Count, after.Guide));
    }

    [Fact]
    public async Task A_pool_opened_to_a_section_with_a_share_refuses_others_and_more()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
        using var admin = await portal.As(portal.Town.Admin);
        var version = await portal.ReadAsync(db => db.Pools.Where(p => p.Id == town.Tablets).Select(p => p.Version).SingleAsync());

        var saved = await admin.Submit("/booking/pools?id=" + town.Tablets, new Dictionary<string, string>
        {
            ["Form.Version"] = $"{version}",
            ["Form.Openings[0].Who"] = $"d{portal.Town.GeneralAffairs}",
            ["Form.Openings[0].Share"] = "2",
            ["Form.Openings[1].Who"] = $"r{nameof(Role.Hr)}",
            ["Form.SelfService"] = "true",
        });

        Assert.Contains("総務課（2台まで）", saved.Words);
        Assert.Contains("窓口なしで受け取れる", saved.Words);
        Assert.Contains("使える所属・役割が決まっています", (await admin.Get("/booking?day=2026-04-07")).Words);
        Assert.Empty((await town.Preview(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T10:00", count: 2))).Blocks);
        Assert.Contains((await town.Preview(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T10:00", count: 3))).Blocks, b => b.Rule.Number == "貸-307");
        Assert.Contains((await town.Preview(town.Request(portal.Town.Tanaka, "2026-04-07T09:00", "2026-04-07T10:00"))).Blocks, b => b.Rule.Number == "貸-306");
    }

    [Fact]
    public async Task Only_the_inventorys_administrator_opens_them()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        using var desk = await portal.As(portal.Town.Desk);
        using var admin = await portal.As(portal.Town.Admin);

        foreach (var path in new[] { "/booking/models", "/booking/pools", $"/booking/pools?id={town.Tablets}", $"/booking/models?id={town.Laptop}" })
        {
            Assert.NotEqual(HttpStatusCode.OK, (await sato.Get(path)).Status);
            Assert.NotEqual(HttpStatusCode.OK, (await desk.Get(path)).Status);
            Assert.Equal(HttpStatusCode.OK, (await admin.Get(path)).Status);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await admin.Get($"/booking/pools?id={Guid.NewGuid()}")).Status);
    }
}
