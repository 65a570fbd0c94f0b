using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>The same case is answered with the same rules on every way in: preview, page, API, desk, walk-up, approval.</summary>
public sealed class PathsTests
{
    /// <summary>A request that breaks several rules at once, for somebody who signed nothing.</summary>
    [Theory]
    [InlineData("2026-04-07T06:00", "2026-04-07T18:00", "InBuilding", null, "貸-107,貸-108,貸-109,貸-304,貸-305")]
    [InlineData("2026-07-11T09:00", "2026-08-20T12:00", "BranchOrOutpost", "どこか", "貸-103,貸-105,貸-106,貸-107,貸-109,貸-304,貸-305,貸-504,貸-602")]
    [InlineData("2026-04-06T09:00", "2026-04-06T09:10", "Home", null, "貸-101,貸-104,貸-304,貸-305,貸-501")]
    public async Task Preview_submit_page_and_api_name_the_same_rules(string from, string to, string destination, string? note, string expected)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var aim = InBuilding with { DestinationKind = Enum.Parse<DestinationKind>(destination), DestinationNote = note };
        var request = town.Request(portal.Town.Desk, from, to, town.Laptops, aim: aim);
        using var yamada = await portal.As(portal.Town.Desk);

        var preview = await town.Preview(request);
        var submit = await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(request));
        var page = await yamada.Submit("/booking/reserve", Form(town, from, to, destination, note));
        var body = new
        {
            id = Guid.NewGuid(),
            lines = new[] { new { poolId = town.Laptops.Value, count = 1 } },
            from = At(from),
            to = At(to),
            purpose = "OnlineMeeting",
            destination,
            destinationNote = note,
        };
        var apiPreview = await yamada.PostJson("/api/v1/booking/preview", body);
        var api = await yamada.PostJson("/api/v1/booking/bookings", body);

        Assert.Equal(expected.Split(','), preview.Findings.Select(f => f.Rule.Text.Number));
        Assert.Equal(expected.Split(','), apiPreview.Rules);
        // What blocks refuses everywhere; what only asks for permission refuses nowhere.
        var blocking = preview.Findings.Where(f => f.Grade is Grade.Block or Grade.Warn).Select(f => f.Rule.Text.Number).ToList();
        Assert.Equal(blocking, submit.Broken.Select(b => b.Rule.Number));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.All(preview.Findings.Where(f => f.Grade is Grade.Block or Grade.Warn), f => Assert.Contains(f.Broken.Message, page.Words));
        Assert.All(preview.Findings.Where(f => f.Grade == Grade.Block), f => Assert.Contains(f.Broken.Remedy, page.Words));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, api.Status);
        Assert.All(blocking, number => Assert.Contains(number, api.Text));
        Assert.Equal(0, await portal.ReadAsync(db => db.Bookings.CountAsync()));
    }

    [Fact]
    public async Task A_walk_up_is_refused_by_the_rules_of_a_booking_and_of_a_hand_over()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await Recheck(portal, town.LaptopIds[0], c => c with { AntivirusOn = new DateOnly(2026, 3, 1) });
        WalkingUp Act(StaffId borrower, string to) => new(Guid.NewGuid(), town.LaptopIds[0], borrower, At(to), InBuilding);

        var asBooking = await Refused(() => town.AtDesk((desk, clerk) => desk.WalkUpAsync(Act(portal.Town.PlanningHead, "2026-04-06T18:00"), clerk, default)));
        var asHandOver = await Refused(() => town.AtDesk((desk, clerk) => desk.WalkUpAsync(Act(portal.Town.Sato, "2026-04-06T12:00"), clerk, default)));

        Assert.Equal(["貸-108", "貸-304", "貸-305"], asBooking);
        Assert.Equal(["貸-603"], asHandOver);
        Assert.Equal(0, await portal.ReadAsync(db => db.Bookings.CountAsync()));
    }

    [Fact]
    public async Task Approval_and_hand_over_ask_again_and_name_all_that_is_broken_by_then()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", device: town.LaptopIds[0], pool: town.Laptops, aim: AtHome));
        await portal.WriteAsync(async db =>
        {
            db.RemoveRange(await db.TrainingRecords.Where(t => t.StaffId == portal.Town.Sato).ToListAsync());
            (await db.Devices.SingleAsync(d => d.Id == town.LaptopIds[0])).Recall("電池の不具合");
        });

        var decided = await Refused(() => LifeOfALineTests.Decide(portal, booking, portal.Town.GeneralHead).ContinueWith(t => { t.GetAwaiter().GetResult(); return 0; }));
        portal.Clock.SetUtcNow(At("2026-04-07T08:45"));
        await Recheck(portal, town.LaptopIds[0], c => c with { Encrypted = false });
        var handed = await Refused(() => town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default)));

        Assert.Equal(["貸-305", "貸-606"], decided);
        Assert.Equal(["貸-305", "貸-506", "貸-601", "貸-606"], handed);
    }

    [Fact]
    public async Task An_extension_is_previewed_and_refused_by_the_same_rules_on_its_new_period()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default));
        await portal.WriteAsync(async db =>
        {
            db.RemoveRange(await db.TrainingRecords.Where(t => t.StaffId == portal.Town.Sato).ToListAsync());
            db.Add(new Blackout(portal.Town.MainOffice, null, null, At("2026-04-06T17:00"), At("2026-04-06T20:00"), "停電点検"));
        });
        var act = new Extending(booking.Id, null, At("2026-04-06T18:00"));

        var preview = await Life((life, asker) => life.PreviewExtensionAsync(act, asker, default));
        var refused = await Refused(() => Life((life, asker) => life.ExtendAsync(act, asker, default)));
        await portal.WriteAsync(db => { db.Add(new TrainingRecord(portal.Town.Sato, "研修", new DateOnly(2026, 4, 1), new DateOnly(2027, 3, 31))); return Task.CompletedTask; });
        var extended = await Life((life, asker) => life.ExtendAsync(act with { To = At("2026-04-06T17:00") }, asker, default));

        Assert.Equal(["貸-108", "貸-109", "貸-111", "貸-305"], preview.Findings.Select(f => f.Rule.Text.Number));
        Assert.Equal(["貸-108", "貸-111", "貸-305"], refused);
        Assert.True(extended);

        Task<T> Life<T>(Func<LineLife, Asker, Task<T>> what) => portal.InScopeAsync(async services => await what(services.GetRequiredService<LineLife>(), await town.AskerAsync(portal.Town.Sato)));
    }

    [Fact]
    public async Task Taking_back_follows_the_rule_sets_of_class_and_day()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await portal.WriteAsync(async db =>
        {
            (await db.DeviceClasses.SingleAsync(c => c.Code == "tablet")).Demand(false, false, false, erasure: true);
            db.Add(new RuleSet(1, new DateOnly(2026, 4, 7), "tablet", null, null, null, "消去を求めない").Grade("booking.not-erased", "off").Publish(StaffId.New(), portal.Clock.GetUtcNow()));
        });
        var today = await Out(portal, town, "2026-04-06T09:00", "2026-04-06T10:00");
        var refused = await Refused(() => Back(portal, town, today));
        await Back(portal, town, today, erased: true);
        portal.Clock.SetUtcNow(At("2026-04-07T09:00"));
        var tomorrow = await Out(portal, town, "2026-04-07T09:00", "2026-04-07T10:00");

        await Back(portal, town, tomorrow);

        Assert.Equal(["貸-708"], refused);
        Assert.Equal(2, await portal.ReadAsync(db => db.Loans.CountAsync(l => l.InAt != null)));
    }

    [Fact]
    public async Task A_rule_is_passed_only_with_the_right_and_a_reason_which_stays_with_the_booking_and_in_the_audit()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await portal.WriteAsync(async db => (await db.Pools.SingleAsync(p => p.Id == town.Tablets)).OpenOnlyTo((portal.Town.Planning, null, null)));
        var request = town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00");
        BookingRequest Passing(string reason) => request with { Overrides = new Dictionary<string, string> { ["booking.not-open"] = reason } };

        Assert.Equal(["貸-306"], (await town.Preview(request)).Findings.Select(f => f.Rule.Text.Number));
        Assert.Contains("企画課専用です", (await town.Preview(request)).Blocks.Single().Message);
        Assert.Equal(["貸-904"], await Refused(() => town.Reserve(Passing("企画課の了解を得ています。"))));
        Assert.Equal(["貸-904"], await Refused(() => town.Reserve(Passing("急ぎです"), portal.Town.Desk)));
        var booking = await town.Reserve(Passing("企画課の了解を得ています。"), portal.Town.Desk);

        Assert.Equal("貸-306：企画課の了解を得ています。", booking.Overrides);
        var audit = await portal.ReadAsync(db => db.Set<AuditEntry>().SingleAsync(a => a.Action == "booking.rules-passed"));
        Assert.Contains("企画課の了解を得ています。", audit.After);
        using var sato = await portal.As(portal.Town.Sato);
        Assert.Contains("企画課の了解を得ています。", (await sato.Get($"/booking/{booking.Id}")).Words);
        portal.Clock.SetUtcNow(At("2026-04-07T09:00"));
        await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default));
    }

    [Fact]
    public async Task What_only_the_security_manager_may_pass_the_desk_does_not()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await portal.WriteAsync(db => { db.Add(new Suspension(portal.Town.Sato, At("2026-04-01T00:00"), null, "返却遅延")); return Task.CompletedTask; });
        var request = town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00") with { Overrides = new Dictionary<string, string> { ["booking.suspended"] = "災害対応の会議に必要なため" } };

        Assert.Equal(["貸-904"], await Refused(() => town.Reserve(request, portal.Town.Desk)));
        var byManager = await Refused(() => town.Reserve(request, portal.Town.Security));
        await portal.WriteAsync(db => { db.Add(new KitaPortal.Features.People.Roles.RoleGrant(KitaPortal.Features.People.Roles.Role.LendingManager, portal.Town.Security, null, null, new DateOnly(2026, 4, 1), null, "兼務", null)); return Task.CompletedTask; });
        var booking = await town.Reserve(request, portal.Town.Security);

        Assert.Equal(["貸-308"], byManager);
        Assert.Equal(LineStatus.Approved, booking.Lines[0].Status);
    }

    [Fact]
    public async Task A_booking_begun_before_a_version_is_judged_by_the_version_of_its_start()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await portal.WriteAsync(db =>
        {
            db.Add(new RuleSet(1, new DateOnly(2026, 4, 8), null, null, null, null, "厳しく").Set("EarlyMinutes", "0").Publish(StaffId.New(), portal.Clock.GetUtcNow()));
            return Task.CompletedTask;
        });
        var before = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T11:00"));
        var after = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T10:00", "2026-04-08T11:00"));

        Assert.Equal(("", "1"), (before.RuleSetVersions, after.RuleSetVersions));
        Assert.Contains("30分前", RuleWords.Of(CounterRules.TooEarly, await Policy(portal, new DateOnly(2026, 4, 7))));
        Assert.Contains("0分前", RuleWords.Of(CounterRules.TooEarly, await Policy(portal, new DateOnly(2026, 4, 8))));
    }

    private static Task<RulePolicy> Policy(PortalHost portal, DateOnly day)
        => portal.ReadAsync(async db => (await PublishedRules.LoadAsync(db, default)).For("tablet", portal.Town.MainOffice, new HashSet<KitaPortal.Features.People.Roles.Role>(), day));

    private static async Task<Loan> Out(PortalHost portal, BookingTown town, string from, string to)
    {
        var booking = await town.Reserve(town.Request(portal.Town.Sato, from, to));
        return Assert.Single(await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default)));
    }

    private static Task<IReadOnlyList<Loan>> Back(PortalHost portal, BookingTown town, Loan loan, bool erased = false)
        => town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(loan.DeviceId, Erased: erased)]), clerk, default));

    private static async Task<IEnumerable<string>> Refused<T>(Func<Task<T>> act)
        => (await Assert.ThrowsAsync<RuleViolation>(act)).Broken.Select(b => b.Rule.Number).Distinct().Order(StringComparer.Ordinal);

    private static Task Recheck(PortalHost portal, DeviceId id, Func<Compliance, Compliance> change)
        => portal.WriteAsync(async db => { var device = await db.Devices.SingleAsync(d => d.Id == id); device.Check(change(device.Compliance)); });

    private static Dictionary<string, string> Form(BookingTown town, string from, string to, string destination, string? note) => new()
    {
        ["Form.Id"] = $"{Guid.NewGuid()}",
        ["Form.Choice"] = $"p{town.Laptops}",
        ["Form.Count"] = "1",
        ["Form.From"] = from,
        ["Form.To"] = to,
        ["Form.Purpose"] = "OnlineMeeting",
        ["Form.DestinationKind"] = destination,
        ["Form.DestinationNote"] = note ?? "",
        ["Form.InfoClass"] = "Class2",
    };
}
