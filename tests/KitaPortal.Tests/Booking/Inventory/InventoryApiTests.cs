using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.People.Roles;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Inventory;

/// <summary>Devices, models and pools as programs keep them.</summary>
public sealed class InventoryApiTests
{
    private const string Devices = "/api/v1/booking/devices", Models = "/api/v1/booking/models", Pools = "/api/v1/booking/pools";

    [Fact]
    public async Task A_device_is_registered_once_read_by_everybody_and_changed_by_the_version_that_was_read()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        using var sato = await portal.As(portal.Town.Sato);
        var body = new { id = Guid.NewGuid(), version = (int?)null, label = "PC-777", modelId = town.Laptop.Value, officeId = portal.Town.MainOffice.Value, serial = "S-777", status = "InService", note = "角に傷", encrypted = true };

        var answers = new[]
        {
            await admin.PostJson(Devices, body),
            await admin.PostJson(Devices, body),
            await admin.PostJson(Devices, body with { label = "PC-778" }),
            await sato.PostJson(Devices, body with { id = Guid.NewGuid() }),
            await admin.SendJson(HttpMethod.Put, $"{Devices}/{body.id}", body with { version = 0, label = "PC-779" }),
            await admin.SendJson(HttpMethod.Put, $"{Devices}/{body.id}", body with { version = 0, label = "PC-780" }),
            await sato.Get($"{Devices}/{body.id}"),
            await sato.Get($"{Devices}?q=77"),
            await sato.Get($"{Devices}/{Guid.NewGuid()}"),
        };

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound], answers.Select(a => a.Status));
        Assert.Equal(answers[0].Text, answers[1].Text);
        Assert.Equal(["貸-903"], answers[2].Rules);
        Assert.Equal("PC-779", answers[5].Json.GetProperty("present").GetProperty("label").GetString());
        Assert.Equal(("PC-779", false), (answers[6].Json.GetProperty("label").GetString(), answers[6].Text.Contains("角に傷", StringComparison.Ordinal)));
        Assert.Equal("S-777", Assert.Single(answers[7].Json.EnumerateArray()).GetProperty("serial").GetString());
        Assert.Contains("角に傷", answers[4].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_device_is_told_all_at_once()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", device: town.LaptopIds[0]));
        using var admin = await portal.As(portal.Town.Admin);
        var version = (await admin.Get($"{Devices}/{town.LaptopIds[0]}")).Json.GetProperty("version").GetInt32();

        var empty = await admin.PostJson(Devices, new { id = Guid.NewGuid(), serial = new string('x', 61) });
        var noId = await admin.PostJson(Devices, new { label = "PC-777", modelId = town.Laptop.Value, officeId = portal.Town.MainOffice.Value });
        var unknown = await admin.PostJson(Devices, new { id = Guid.NewGuid(), label = "PC-777", modelId = Guid.NewGuid(), officeId = Guid.NewGuid(), status = "InService" });
        var noVersion = await admin.SendJson(HttpMethod.Put, $"{Devices}/{town.LaptopIds[0]}", new { modelId = town.Laptop.Value, officeId = portal.Town.MainOffice.Value });
        var kept = await admin.SendJson(HttpMethod.Put, $"{Devices}/{town.LaptopIds[0]}", new { version, label = "PC-002", modelId = town.Laptop.Value, officeId = portal.Town.Geihoku.Value, status = "Retired" });

        Assert.All([empty, noId, unknown, noVersion, kept], a => Assert.Equal(HttpStatusCode.UnprocessableEntity, a.Status));
        Assert.Equal(["label", "modelId", "officeId", "serial", "status"], empty.WrongFields.Order());
        Assert.Equal(["id"], noId.WrongFields);
        Assert.Equal(["modelId", "officeId"], unknown.WrongFields.Order());
        Assert.Equal(["label", "status", "version"], noVersion.WrongFields.Order());
        Assert.Equal(["貸-204", "貸-944", "貸-945"], kept.Rules.Order());
        Assert.Equal(town.LaptopIds[0], (await town.Line(booking.Id)).DeviceId);
    }

    [Fact]
    public async Task What_is_left_out_is_asked_for_or_stays_and_the_same_id_with_anything_else_is_a_conflict()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        var (device, model, pool) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var kind = await portal.ReadAsync(db => db.DeviceClasses.Where(c => c.Code == "laptop").Select(c => c.Id).SingleAsync());
        var said = new { id = device, label = "PC-777", modelId = town.Laptop.Value, officeId = portal.Town.MainOffice.Value, status = "InService", note = "角に傷", encrypted = true, patchedOn = "2026-04-01" };
        var lend = new { id = pool, officeId = portal.Town.MainOffice.Value, modelId = model, openTo = new[] { new { departmentId = portal.Town.GeneralAffairs.Value } } };
        Assert.All(
            [
                await admin.PostJson(Devices, said),
                await admin.PostJson(Models, new { id = model, classId = kind.Value, name = "軽量ノートPC", maker = "青葉", accessories = "マウス×2" }),
                await admin.PostJson(Pools, lend),
            ], a => Assert.Equal(HttpStatusCode.Created, a.Status));

        Answer[] others =
        [
            await admin.PostJson(Devices, said with { note = "傷なし" }), await admin.PostJson(Devices, said with { status = "Maintenance" }),
            await admin.PostJson(Models, new { id = model, classId = kind.Value, name = "軽量ノートPC", maker = "瀬戸", accessories = "マウス×2" }),
            await admin.PostJson(Models, new { id = model, classId = kind.Value, name = "軽量ノートPC", maker = "青葉", accessories = "マウス×1" }),
            await admin.PostJson(Pools, new { lend.id, lend.officeId, lend.modelId }), await admin.PostJson(Pools, new { lend.id, lend.officeId, lend.modelId, lend.openTo, selfService = true }),
        ];
        Assert.All(others, a => Assert.Equal((HttpStatusCode.Conflict, "貸-903"), (a.Status, a.Rules.Single())));

        var noStatus = await admin.SendJson(HttpMethod.Put, $"{Devices}/{device}", new { version = 0, said.label, said.modelId, said.officeId });
        var number = await admin.SendJson(HttpMethod.Put, $"{Devices}/{device}", new { version = 0, said.label, said.modelId, said.officeId, status = 0 });
        var noOpening = await admin.SendJson(HttpMethod.Put, $"{Pools}/{pool}", new { version = 0 });
        var nobody = await admin.SendJson(HttpMethod.Put, $"{Pools}/{pool}", new { version = 0, openTo = new[] { new { departmentId = Guid.NewGuid() } } });
        Assert.All([noStatus, number, noOpening, nobody], a => Assert.Equal(HttpStatusCode.UnprocessableEntity, a.Status));
        Assert.Equal(["status"], noStatus.WrongFields);
        Assert.Equal(["openTo"], noOpening.WrongFields);

        var kept = (await admin.SendJson(HttpMethod.Put, $"{Devices}/{device}", new { version = 0, said.label, said.modelId, said.officeId, status = "Maintenance" })).Json.GetProperty("compliance");
        Assert.Equal((true, "2026-04-01"), (kept.GetProperty("encrypted").GetBoolean(), kept.GetProperty("patchedOn").GetString()));
    }

    [Fact]
    public async Task The_management_of_devices_sends_what_it_found_and_what_it_leaves_out_stays()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var security = await portal.As(portal.Town.Security);
        using var sato = await portal.As(portal.Town.Sato);
        var address = $"{Devices}/{town.LaptopIds[0]}/compliance";
        Task<Answer> Put(PortalClient who, object body) => who.SendJson(HttpMethod.Put, address, body);

        var done = await Put(security, new { patchedOn = "2026-04-05", checkedAt = "2026-04-06T08:00:00+09:00", source = "Intune" });
        var older = await Put(security, new { patchedOn = "2026-03-01", checkedAt = "2026-04-05T08:00:00+09:00" });
        var stale = await Put(security, new { version = 0, mdmEnrolled = false });
        var future = await Put(security, new { patchedOn = "2026-04-07", antivirusOn = "2026-05-01", checkedAt = "2026-04-06T12:00:00+09:00" });
        var nobody = await Put(sato, new { encrypted = false });
        using var elsewhere = await portal.As(portal.Town.GeihokuDesk);
        using var desk = await portal.As(portal.Town.Desk);
        Assert.Equal(HttpStatusCode.NotFound, (await Put(elsewhere, new { encrypted = false })).Status);
        Assert.Equal(HttpStatusCode.OK, (await Put(desk, new { antivirusOn = "2026-04-06", source = "窓口" })).Status);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity, HttpStatusCode.Forbidden), (done.Status, older.Status, stale.Status, future.Status, nobody.Status));
        Assert.Equal("2026-04-05", older.Json.GetProperty("present").GetProperty("patchedOn").GetString());
        Assert.Equal(["貸-946", "貸-946", "貸-946"], future.Rules);
        Assert.Equal(new Compliance(true, new DateOnly(2026, 4, 5), new DateOnly(2026, 4, 6), true, portal.Clock.GetUtcNow(), "窓口"), await portal.ReadAsync(db => db.Devices.AsNoTracking().Where(d => d.Id == town.LaptopIds[0]).Select(d => d.Compliance).SingleAsync()));
    }

    [Fact]
    public async Task Models_and_pools_are_written_by_the_administrator_and_their_mistakes_told_together()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        using var sato = await portal.As(portal.Town.Sato);
        var kind = await portal.ReadAsync(db => db.DeviceClasses.Where(c => c.Code == "laptop").Select(c => c.Id).SingleAsync());
        var model = new { id = Guid.NewGuid(), version = (int?)null, classId = kind.Value, name = "軽量ノートPC", accessories = "ACアダプター×1 必須\nマウス×2" };
        var pool = new { id = Guid.NewGuid(), version = (int?)null, officeId = portal.Town.MainOffice.Value, modelId = model.id, openTo = new object[] { new { departmentId = portal.Town.GeneralAffairs.Value, share = 2 }, new { role = nameof(Role.Hr) } } };

        var answers = new[]
        {
            await admin.PostJson(Models, model),
            await admin.PostJson(Models, model),
            await admin.PostJson(Models, model with { name = "別" }),
            await sato.PostJson(Models, model),
            await admin.SendJson(HttpMethod.Put, $"{Models}/{model.id}", model with { version = 0, accessories = "ケース×1" }),
            await admin.SendJson(HttpMethod.Put, $"{Models}/{model.id}", model with { version = 0, accessories = "" }),
            await admin.PostJson(Pools, pool),
            await admin.PostJson(Pools, pool),
            await admin.SendJson(HttpMethod.Put, $"{Pools}/{pool.id}", pool with { version = 0, openTo = [] }),
            await admin.SendJson(HttpMethod.Put, $"{Pools}/{pool.id}", pool with { version = 0 }),
            await sato.SendJson(HttpMethod.Put, $"{Pools}/{pool.id}", pool with { version = 1 }),
        };
        var badModel = await admin.PostJson(Models, new { id = Guid.NewGuid(), maker = new string('x', 101) });
        var badText = await admin.PostJson(Models, new { id = Guid.NewGuid(), name = "何か", classId = Guid.NewGuid(), accessories = "ケース×たくさん" });
        var badPool = await admin.PostJson(Pools, new { id = Guid.NewGuid() });
        var badOpening = await admin.PostJson(Pools, pool with { id = Guid.NewGuid(), openTo = [new { share = 0 }] });

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Forbidden], answers.Select(a => a.Status));
        Assert.Equal("ケース", answers[5].Json.GetProperty("present").GetProperty("accessories")[0].GetProperty("name").GetString());
        Assert.Equal(0, answers[9].Json.GetProperty("present").GetProperty("openTo").GetArrayLength());
        Assert.Equal(["classId", "maker", "name"], badModel.WrongFields.Order());
        Assert.Equal(["accessories", "classId"], badText.WrongFields.Order());
        Assert.Equal(["modelId", "officeId"], badPool.WrongFields.Order());
        Assert.Equal(2, badOpening.Json.GetProperty("errors").GetProperty("openTo").GetArrayLength());
        Assert.Contains((await sato.Get($"{Pools}?office={portal.Town.MainOffice}")).Json.EnumerateArray(), p => p.GetProperty("id").GetGuid() == pool.id);
        Assert.Contains("軽量ノートPC", (await sato.Get(Models)).Json.EnumerateArray().Select(m => m.GetProperty("name").GetString()));
    }
}
