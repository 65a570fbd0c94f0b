using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Overdue;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>督促の段階: each step once per loan, by open days of the desk, up to the suspension and the proposal of an incident.</summary>
public sealed class LadderTests
{
    [Fact]
    public async Task Each_step_is_taken_once_from_the_day_before_to_the_fifth_day_after()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-09T12:00"));
        await portal.HandOver(town, booking.Lines[0].Id);
        var steps = new List<(string At, int Taken)>();

        // Thursday's due; the days after it are Friday, Monday, Tuesday, Wednesday, Thursday.
        foreach (var at in new[] { "04-08T11:59", "04-08T12:00", "04-09T12:00", "04-09T13:00", "04-10T12:00", "04-13T12:00", "04-14T12:00", "04-15T12:00", "04-16T12:00", "04-17T12:00" })
        {
            portal.Clock.SetUtcNow(At($"2026-{at}"));
            steps.Add((at, await portal.Climb() + await portal.Climb()));
        }

        Assert.Equal(["04-08T12:00", "04-09T12:00", "04-09T13:00", "04-10T12:00", "04-14T12:00", "04-16T12:00"], steps.Where(s => s.Taken > 0).Select(s => s.At));
        Assert.All(steps, s => Assert.True(s.Taken is 0 or 1));
        Assert.Equal([("booking.suspended", 1), ("loan.due", 1), ("loan.overdue", 5)], (await portal.Told(portal.Town.Sato)).CountBy(k => k).Where(k => k.Key is "loan.due" or "loan.overdue" or "booking.suspended").Select(k => (k.Key, k.Value)).Order());
        Assert.Equal(3, (await portal.Told(portal.Town.GeneralHead)).Count(k => k == "loan.overdue"));
        Assert.Single(await portal.Told(portal.Town.Security), k => k == "loan.propose-incident");
    }

    [Fact]
    public async Task A_suspended_person_borrows_again_only_after_the_manager_lifted_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        var loan = await portal.HandOver(town, booking.Lines[0].Id);
        portal.Clock.SetUtcNow(At("2026-04-09T12:00"));
        await portal.Climb();
        await portal.TakeBack(town, loan.DeviceId);

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(town.Request(portal.Town.Sato, "2026-04-09T13:00", "2026-04-09T14:00")));
        Assert.Equal("貸-303", Assert.Single(refused.Broken).Rule.Number);
        var id = await portal.ReadAsync(async db => (await db.Suspensions.AsNoTracking().SingleAsync()).Id);
        using var sato = await portal.As(portal.Town.Sato);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await sato.Get("/booking/suspensions")).Status);
        using var security = await portal.As(portal.Town.Security);
        var lifted = await security.Submit("/booking/suspensions", new { suspension = id }, "/booking/suspensions?handler=Lift");

        Assert.Contains("解除しました", lifted.Words);
        Assert.Equal(LineStatus.Approved, (await town.Reserve(town.Request(portal.Town.Sato, "2026-04-09T13:00", "2026-04-09T14:00"))).Lines[0].Status);
    }

    [Fact]
    public async Task After_standing_still_the_acts_are_made_up_but_only_the_last_plain_reminder_is_told()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        await portal.HandOver(town, booking.Lines[0].Id);
        portal.Clock.SetUtcNow(At("2026-04-20T09:00"));

        Assert.Equal(3, await portal.Climb());

        Assert.Equal((6, 1), (await portal.ReadAsync(db => db.LoanReminders.CountAsync()), await portal.ReadAsync(db => db.Suspensions.CountAsync())));
        Assert.Equal(3, await portal.ReadAsync(db => db.LoanReminders.CountAsync(r => r.IsTold)));
    }

    [Fact]
    public async Task A_closed_desk_moves_the_due_without_blame_also_when_it_is_entered_later()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-07T12:00"));
        await portal.HandOver(town, booking.Lines[0].Id);
        await portal.WriteAsync(db => { db.Add(new HolidayOverride(new DateOnly(2026, 4, 7), null, HolidayKind.Closed, "臨時閉庁")); return Task.CompletedTask; });
        portal.Clock.SetUtcNow(At("2026-04-07T14:00"));

        await portal.Climb();
        Assert.DoesNotContain("loan.overdue", await portal.Told(portal.Town.Sato));
        using var sato = await portal.As(portal.Town.Sato);
        Assert.DoesNotContain("返却遅れ", (await sato.Get("/booking/mine")).Words);
        portal.Clock.SetUtcNow(At("2026-04-08T08:30"));    // the next opening
        await portal.Climb();
        Assert.Single(await portal.Told(portal.Town.Sato), k => k == "loan.overdue");
    }

    [Fact]
    public async Task Taking_back_or_extending_takes_the_reminders_back_and_an_extension_begins_anew()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await ExtensionTests.OutAsync(portal);
        await portal.Climb();
        Assert.Contains("loan.due", await portal.Told(portal.Town.Sato));
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T15:00");
        Assert.DoesNotContain("loan.due", await portal.Told(portal.Town.Sato));
        portal.Clock.SetUtcNow(At("2026-04-06T16:00"));
        await portal.Climb();
        Assert.Contains("loan.overdue", await portal.Told(portal.Town.Sato));

        await portal.TakeBack(town, (await town.Line(booking.Id)).DeviceId!.Value);

        Assert.DoesNotContain("loan.overdue", await portal.Told(portal.Town.Sato));
    }

    [Theory]
    [InlineData("-1d, 0, +1h, +1d head, +3d suspend, +5d incident", 6)]
    [InlineData("0, +30m", 2)]
    [InlineData("tomorrow", -1)]
    [InlineData("+1d fire", -1)]
    public void A_ladder_is_read_or_named_as_unreadable(string steps, int count)
    {
        var settings = new LadderSettings { Steps = steps, ByClass = "extra: 0" };

        Assert.Equal(count > 0, Ladder.CanRead(settings));
        if (count > 0) Assert.Equal((count, 1), (new Ladder(settings).Of("laptop").Count, new Ladder(settings).Of("extra").Count));
    }
}
