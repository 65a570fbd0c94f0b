using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Booking.Life;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Waiting;

/// <summary>The waiting list: offers to the oldest entry that fits, passed on when declined or not answered, without any job.</summary>
public sealed class WaitingTests
{
    [Fact]
    public async Task A_freed_device_is_offered_to_the_oldest_and_accepting_turns_the_same_row_into_the_booking()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        var entry = await Queue(portal, town, portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T11:00");
        var second = await Queue(portal, town, portal.Town.Tanaka, "2026-04-07T10:00", "2026-04-07T11:00");

        portal.Clock.SetUtcNow(At("2026-04-06T09:00:01"));
        await town.Cancel(first.Id, portal.Town.Suzuki);
        var hold = await portal.ReadAsync(db => db.Occupancies.AsNoTracking().SingleAsync(o => o.Active));
        var booking = await Accept(portal, town, entry, portal.Town.Sato);

        Assert.Equal((OccupancyKind.Hold, entry.Value, At("2026-04-06T10:00:01")), (hold.Kind, hold.SourceId, hold.ExpiresAt!.Value));
        var taken = await portal.ReadAsync(db => db.Occupancies.AsNoTracking().SingleAsync(o => o.Active));
        Assert.Equal((hold.Id, OccupancyKind.Booking, booking.Lines[0].Id.Value), (taken.Id, taken.Kind, taken.SourceId));
        Assert.Equal(LineStatus.Approved, booking.Lines[0].Status);
        Assert.Equal([WaitlistStatus.Taken, WaitlistStatus.Waiting], [await Status(portal, entry), await Status(portal, second)]);
    }

    [Fact]
    public async Task Nobody_else_gets_the_device_while_it_is_offered()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        await Queue(portal, town, portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T11:00");
        await town.Cancel(first.Id, portal.Town.Suzuki);

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T10:30", "2026-04-07T11:30")));
        var beside = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T11:00", "2026-04-07T12:00"));

        Assert.Equal("貸-201", Assert.Single(refused.Broken).Rule.Number);
        Assert.Equal(LineStatus.Approved, beside.Lines[0].Status);
    }

    [Fact]
    public async Task An_offer_passes_from_one_to_the_next_three_times_without_any_job()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        var a = await Queue(portal, town, portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T11:00");
        var b = await Queue(portal, town, portal.Town.Tanaka, "2026-04-07T10:00", "2026-04-07T11:00");
        var c = await Queue(portal, town, portal.Town.GeneralHead, "2026-04-07T10:00", "2026-04-07T11:00");

        await town.Cancel(first.Id, portal.Town.Suzuki);
        portal.Clock.SetUtcNow(At("2026-04-06T10:00:01"));    // a's hour is over; b declines; c gets it
        await Act(portal, town, portal.Town.Tanaka, (line, asker) => Assert.ThrowsAsync<RuleViolation>(() => line.AcceptAsync(a, new Acceptance([]), asker, default)));
        await Settle(portal, town);
        var offeredToB = await Status(portal, b);
        await Act(portal, town, portal.Town.Tanaka, async (line, asker) => { await line.LeaveAsync(b, asker, default); return true; });

        Assert.Equal(WaitlistStatus.Offered, offeredToB);
        Assert.Equal([WaitlistStatus.Missed, WaitlistStatus.Declined, WaitlistStatus.Offered], [await Status(portal, a), await Status(portal, b), await Status(portal, c)]);
        var told = await portal.ReadAsync(db => db.Set<Features.Notifications.Notification>().Where(n => n.Kind == "booking.offer").OrderBy(n => n.At).Select(n => new { n.StaffId, Gone = n.RetractedAt != null }).ToListAsync());
        Assert.Equal([(portal.Town.Sato, true), (portal.Town.Tanaka, true), (portal.Town.GeneralHead, false)], told.Select(t => (t.StaffId, t.Gone)));
        Assert.Equal(1, await portal.ReadAsync(db => db.Occupancies.CountAsync(o => o.Active && o.Kind == OccupancyKind.Hold)));
    }

    [Fact]
    public async Task Who_waits_for_a_kit_that_is_lent_no_more_does_not_stop_the_clock()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var kit = await Kits.KitTests.MakeAsync(portal, town, laptops: 0, tablets: 1);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T10:00", "2026-04-07T11:00"));
        var wanted = town.Request(portal.Town.Tanaka, "2026-04-07T10:00", "2026-04-07T11:00") with { Wanted = [], KitId = kit, KitOfficeId = town.OfficeId };
        var entry = await Act(portal, town, portal.Town.Tanaka, async (line, asker) => (await line.QueueAsync(WaitlistEntryId.New(), wanted, 0, [], asker, default)).Id);
        var asked = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00", town.Laptops, aim: AtHome));
        await portal.WriteAsync(async db => (await db.Set<Features.Booking.Kits.Kit>().SingleAsync()).Retire(true));

        await town.Cancel(first.Id, portal.Town.Suzuki);
        portal.Clock.SetUtcNow(At("2026-04-06T10:01"));
        await portal.RunJob("ClockJob");

        Assert.Equal(LineStatus.Lapsed, (await town.Line(asked.Id)).Status);
        Assert.Equal(WaitlistStatus.Waiting, await Status(portal, entry));
    }

    [Theory]
    [InlineData("2026-04-06T10:00:00", true)]
    [InlineData("2026-04-06T10:00:01", false)]
    public async Task An_offer_can_be_taken_until_its_last_second_and_not_after(string at, bool works)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        var entry = await Queue(portal, town, portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T11:00");
        portal.Clock.SetUtcNow(At("2026-04-06T09:00:01"));
        await town.Cancel(first.Id, portal.Town.Suzuki);
        portal.Clock.SetUtcNow(At(at));

        var problem = await Record.ExceptionAsync(() => Accept(portal, town, entry, portal.Town.Sato));

        if (works) Assert.Null(problem);
        else Assert.Equal("貸-802", Assert.Single(Assert.IsType<RuleViolation>(problem).Broken).Rule.Number);
        Assert.Equal(works ? 1 : 0, await portal.ReadAsync(db => db.Bookings.CountAsync(b => b.BorrowerId == portal.Town.Sato)));
    }

    [Theory]
    [InlineData("2026-04-06T16:45", "2026-04-07T10:00", "2026-04-07T09:00")]    // 30 minutes today, 30 tomorrow
    [InlineData("2026-04-07T09:20", "2026-04-07T10:00", "2026-04-07T09:45")]    // 15 minutes before the start come first
    public async Task An_offer_is_held_for_an_hour_of_the_desk_or_until_shortly_before_the_start(string freed, string from, string until)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:30", "2026-04-07T12:00"));
        await Queue(portal, town, portal.Town.Sato, from, "2026-04-07T11:00");
        portal.Clock.SetUtcNow(At(freed));

        await town.Cancel(first.Id, portal.Town.Suzuki);

        Assert.Equal(At(until), (await portal.ReadAsync(db => db.WaitlistEntries.Select(e => e.OfferUntil).SingleAsync()))!.Value);
    }

    [Fact]
    public async Task An_entry_ends_at_its_start_and_nothing_is_offered_in_the_last_quarter_of_an_hour()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T11:00", "2026-04-06T12:00"));
        var entry = await Queue(portal, town, portal.Town.Sato, "2026-04-06T11:00", "2026-04-06T12:00");
        portal.Clock.SetUtcNow(At("2026-04-06T10:46"));

        await town.Cancel(first.Id, portal.Town.Suzuki);
        var late = await Status(portal, entry);
        portal.Clock.SetUtcNow(At("2026-04-06T11:00"));
        await Settle(portal, town);

        Assert.Equal((WaitlistStatus.Waiting, WaitlistStatus.Ended), (late, await Status(portal, entry)));
    }

    [Fact]
    public async Task An_early_return_and_a_no_show_free_devices_for_those_who_wait()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var lent = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T09:00", "2026-04-06T17:00", device: town.TabletIds[0]));
        await town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-06T09:00", "2026-04-06T17:00", device: town.TabletIds[1]));
        var loan = Assert.Single(await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(lent.Lines[0].Id)]), clerk, default)));
        var first = await Queue(portal, town, portal.Town.Sato, "2026-04-06T15:00", "2026-04-06T16:00");
        var second = await Queue(portal, town, portal.Town.GeneralHead, "2026-04-06T15:00", "2026-04-06T16:00");

        portal.Clock.SetUtcNow(At("2026-04-06T10:00"));
        await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(loan.DeviceId)]), clerk, default));
        Assert.Equal((WaitlistStatus.Offered, WaitlistStatus.Waiting), (await Status(portal, first), await Status(portal, second)));
        portal.Clock.SetUtcNow(At("2026-04-06T11:00"));    // Tanaka never came; the first offer lapses at the same moment
        await Settle(portal, town);

        Assert.Equal((WaitlistStatus.Missed, WaitlistStatus.Offered), (await Status(portal, first), await Status(portal, second)));
    }

    [Fact]
    public async Task A_flexible_wish_is_offered_another_start_or_another_office()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T10:30"));
        foreach (var device in town.LaptopIds) await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00", device: device, acknowledged: "booking.same-time"));

        var later = await Queue(portal, town, portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T11:00", flex: 30);
        var elsewhere = await Queue(portal, town, portal.Town.Tanaka, "2026-04-07T10:00", "2026-04-07T11:00", pool: town.Laptops, or: [town.GeihokuLaptops]);

        var (a, b) = (await Entry(portal, later), await Entry(portal, elsewhere));
        Assert.Equal((WaitlistStatus.Offered, At("2026-04-07T10:30")), (a.Status, a.OfferFrom!.Value));
        Assert.Equal((WaitlistStatus.Offered, town.GeihokuLaptops), (b.Status, b.OfferPoolId!.Value));
        Assert.Equal(At("2026-04-07T10:30"), (await Accept(portal, town, later, portal.Town.Sato)).From);
    }

    [Fact]
    public async Task What_is_free_or_forbidden_anyway_is_not_waited_for()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));

        var free = await Assert.ThrowsAsync<RuleViolation>(() => Queue(portal, town, portal.Town.Sato, "2026-04-07T12:00", "2026-04-07T13:00"));
        var closed = await Assert.ThrowsAsync<RuleViolation>(() => Queue(portal, town, portal.Town.Sato, "2026-04-07T07:00", "2026-04-07T10:00"));

        Assert.Equal("貸-921", Assert.Single(free.Broken).Rule.Number);
        Assert.Contains("貸-107", closed.Broken.Select(b => b.Rule.Number));
    }

    [Fact]
    public async Task Accepting_asks_all_rules_again_and_a_refusal_keeps_the_offer()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        var entry = await Queue(portal, town, portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T11:00");
        await town.Cancel(first.Id, portal.Town.Suzuki);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T11:00", town.Laptops));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Accept(portal, town, entry, portal.Town.Sato));
        var kept = await portal.ReadAsync(db => db.Occupancies.CountAsync(o => o.Active && o.Kind == OccupancyKind.Hold));
        var taken = await Accept(portal, town, entry, portal.Town.Sato, "booking.same-time");

        Assert.Equal("貸-406", Assert.Single(refused.Broken).Rule.Number);
        Assert.Equal((1, LineStatus.Approved), (kept, taken.Lines[0].Status));
    }

    [Fact]
    public async Task A_device_that_is_needed_or_broken_takes_the_offer_back_and_the_person_waits_on()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        var entry = await Queue(portal, town, portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T11:00");
        await town.Cancel(first.Id, portal.Town.Suzuki);
        using var admin = await portal.As(portal.Town.Admin);

        await SetStatus(admin, town, DeviceStatus.Maintenance);
        var broken = await Status(portal, entry);
        await SetStatus(admin, town, DeviceStatus.InService);

        Assert.Equal((WaitlistStatus.Waiting, WaitlistStatus.Offered), (broken, await Status(portal, entry)));
    }

    [Fact]
    public async Task The_pages_lead_from_a_refusal_to_the_queue_and_from_the_offer_to_the_booking()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        using var sato = await portal.As(portal.Town.Sato);
        var query = $"Form.Id={Guid.NewGuid()}&Form.Choice=p{town.Tablets}&Form.Count=1&Form.From=2026-04-07T10:00&Form.To=2026-04-07T11:00&Form.Purpose=OnlineMeeting&Form.DestinationKind=InBuilding&Form.InfoClass=Class2";

        var refused = await sato.Get($"/booking/reserve?{query}");
        var queued = await sato.Submit($"/booking/waitlist/new?{query}", new Dictionary<string, string>(query.Split('&').Select(p => p.Split('=')).Select(p => KeyValuePair.Create(p[0], p[1]))) { ["Wait.FlexMinutes"] = "0" });
        await town.Cancel(first.Id, portal.Town.Suzuki);
        var offered = await sato.Get("/booking/waitlist");
        var id = await portal.ReadAsync(db => db.WaitlistEntries.Select(e => e.Id).SingleAsync());
        var made = await sato.Submit("/booking/waitlist", new { id }, "/booking/waitlist?handler=Accept");

        Assert.Contains("空きを待つ", refused.Words);
        Assert.Contains("1番目", queued.Words);
        Assert.Contains("空きが出ました", offered.Words);
        Assert.Contains("あと60分", offered.Words);
        Assert.Contains("予約しました", made.Words);
    }

    [Fact]
    public async Task The_API_queues_once_accepts_once_and_knows_only_the_own_entries()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var first = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        using var sato = await portal.As(portal.Town.Sato);
        using var tanaka = await portal.As(portal.Town.Tanaka);
        var id = Guid.NewGuid();

        var queued = await sato.PostJson("/api/v1/booking/waitlist", Body(town, id, "11"));
        var again = await sato.PostJson("/api/v1/booking/waitlist", Body(town, id, "11"));
        var other = await sato.PostJson("/api/v1/booking/waitlist", Body(town, id, "12"));
        var early = await sato.PostJson($"/api/v1/booking/waitlist/{id}/acceptance", new { });
        await town.Cancel(first.Id, portal.Town.Suzuki);
        var foreign = await tanaka.PostJson($"/api/v1/booking/waitlist/{id}/acceptance", new { });
        var notMine = await tanaka.SendJson(HttpMethod.Delete, $"/api/v1/booking/waitlist/{id}");
        var taken = await sato.PostJson($"/api/v1/booking/waitlist/{id}/acceptance", new { });
        var twice = await sato.PostJson($"/api/v1/booking/waitlist/{id}/acceptance", new { });

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity], [queued.Status, again.Status, other.Status, early.Status]);
        Assert.Equal(queued.Text, again.Text);
        Assert.Equal([HttpStatusCode.UnprocessableEntity, HttpStatusCode.NotFound, HttpStatusCode.Created, HttpStatusCode.OK], [foreign.Status, notMine.Status, taken.Status, twice.Status]);
        Assert.Equal(taken.Text, twice.Text);
        Assert.Equal("貸-802", foreign.Rules.First());
    }

    private static object Body(BookingTown town, Guid id, string until) => new
    {
        request = new { id, lines = new[] { new { poolId = town.Tablets.Value } }, from = "2026-04-07T10:00:00+09:00", to = $"2026-04-07T{until}:00:00+09:00", purpose = "OnlineMeeting", destination = "InBuilding" },
    };

    private static async Task SetStatus(PortalClient admin, BookingTown town, DeviceStatus status)
    {
        var address = $"/booking/devices/edit/{town.TabletIds[0]}";
        var page = await admin.Get(address);
        var version = System.Text.RegularExpressions.Regex.Match(page.Text, "name=\"Form.Version\" value=\"(\\d+)\"").Groups[1].Value;
        var saved = await admin.Submit(address, new Dictionary<string, string>
        {
            ["Form.Version"] = version,
            ["Form.Label"] = "iPad-001",
            ["Form.ModelId"] = town.Tablet.ToString(),
            ["Form.OfficeId"] = town.OfficeId.ToString(),
            ["Form.Status"] = status.ToString(),
        });
        Assert.Equal("/booking/devices", saved.Address.AbsolutePath);
    }

    internal static async Task<WaitlistEntryId> Queue(PortalHost portal, BookingTown town, StaffId person, string from, string to, PoolId? pool = null, int flex = 0, params PoolId[] or)
    {
        portal.Clock.Advance(TimeSpan.FromTicks(10_000));
        return await Act(portal, town, person, async (line, asker) => (await line.QueueAsync(WaitlistEntryId.New(), town.Request(person, from, to, pool), flex, or, asker, default)).Id);
    }

    internal static Task<Features.Booking.Booking> Accept(PortalHost portal, BookingTown town, WaitlistEntryId entry, StaffId person, params string[] acknowledged)
        => Act(portal, town, person, (line, asker) => line.AcceptAsync(entry, new Acceptance(acknowledged), asker, default));

    internal static async Task<T> Act<T>(PortalHost portal, BookingTown town, StaffId person, Func<WaitingLine, Asker, Task<T>> act)
    {
        var asker = await town.AskerAsync(person);
        return await portal.InScopeAsync(services => act(services.GetRequiredService<WaitingLine>(), asker));
    }

    // What any command on the pool begins with: here a booking of another time.
    private static async Task Settle(PortalHost portal, BookingTown town)
    {
        var hour = 9 + await portal.ReadAsync(db => db.Bookings.CountAsync(b => b.BorrowerId == portal.Town.Suzuki));
        await town.Reserve(town.Request(portal.Town.Suzuki, $"2026-05-08T{hour:00}:00", $"2026-05-08T{hour:00}:45"));
    }

    private static Task<WaitlistEntry> Entry(PortalHost portal, WaitlistEntryId id) => portal.ReadAsync(db => db.WaitlistEntries.AsNoTracking().SingleAsync(e => e.Id == id));

    private static async Task<WaitlistStatus> Status(PortalHost portal, WaitlistEntryId id) => (await Entry(portal, id)).Status;
}
