using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Booking.Life;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>Rules that count what others have booked: desk caps, shares, quotas.</summary>
public sealed class CountedRulesTests
{
    [Fact]
    public async Task The_cap_of_a_desk_day_is_never_exceeded_by_people_who_book_at_once()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 6, tablets: 6);
        await portal.ReadAsync(async db => { await DeskDayRows.CapAsync(db, portal.Town.MainOffice, new DateOnly(2026, 4, 7), 3, default); return 0; });
        StaffId[] people = [portal.Town.Sato, portal.Town.Suzuki, portal.Town.GeneralHead, portal.Town.Tanaka];
        var requests = people.SelectMany(p => new[] { (p, town.Laptops, "2026-04-07T09:00", "2026-04-07T10:00"), (p, town.Tablets, "2026-04-07T09:30", "2026-04-07T10:30") });

        var answers = await Task.WhenAll(requests.Select(r => Task.Run(() => Try(() => town.Reserve(town.Request(r.p, r.Item3, r.Item4, r.Item2, acknowledged: "booking.same-time"))))));

        Assert.Equal(3, answers.Count(a => a is null));
        Assert.All(answers.OfType<string>(), a => Assert.Equal("貸-110", a));
        Assert.Equal(3, await portal.ReadAsync(db => db.BookingLines.CountAsync()));
        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T13:00", "2026-04-07T14:00"))));
        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T09:00", "2026-04-08T10:00"))));
    }

    [Fact]
    public async Task A_section_borrows_up_to_its_share_and_another_one_up_to_its_own()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 4);
        await portal.WriteAsync(async db => (await db.Pools.SingleAsync(p => p.Id == town.Tablets)).OpenOnlyTo((portal.Town.GeneralAffairs, null, 2), (null, Role.Desk, 1)));

        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00"))));
        Assert.Equal("貸-307", await Try(() => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00", count: 2))));
        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"))));
        Assert.Equal("貸-307", await Try(() => town.Reserve(town.Request(portal.Town.GeneralHead, "2026-04-07T11:45", "2026-04-07T13:00"))));
        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.GeneralHead, "2026-04-07T12:00", "2026-04-07T13:00"))));
        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.Desk, "2026-04-07T09:00", "2026-04-07T12:00"))));
        Assert.Equal("貸-307", await Try(() => town.Reserve(town.Request(portal.Town.Desk, "2026-04-07T09:00", "2026-04-07T12:00", acknowledged: "booking.same-time"))));
        Assert.Equal("貸-306", await Try(() => town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-07T14:00", "2026-04-07T15:00"))));
    }

    [Fact]
    public async Task Quotas_of_a_person_and_of_a_section_are_counted_by_month()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
        await portal.WriteAsync(db => { db.Add(new RuleSet(1, new DateOnly(2026, 4, 6), null, null, null, null, "枠").Set("QuotaHours", "5").Set("SectionQuotaHours", "8").Publish(StaffId.New(), portal.Clock.GetUtcNow())); return Task.CompletedTask; });

        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T13:00"))));
        var own = (await town.Preview(town.Request(portal.Town.Sato, "2026-04-08T09:00", "2026-04-08T10:30"))).Blocks.Single();
        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T13:00", "2026-04-07T16:30"))));
        var section = (await town.Preview(town.Request(portal.Town.GeneralHead, "2026-04-08T09:00", "2026-04-08T10:00"))).Blocks.Single();

        Assert.Equal("4月の予約枠（5時間）を超えます（残り1時間）。", own.Message);
        Assert.Equal("4月の予約枠（8時間）を超えます（残り0時間30分）。", section.Message);
        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.Sato, "2026-05-07T09:00", "2026-05-07T13:00"))));
        Assert.Null(await Try(() => town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-08T09:00", "2026-04-08T13:00"))));
    }

    [Fact]
    public async Task What_is_changed_or_extended_does_not_count_against_itself()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
        await portal.WriteAsync(async db =>
        {
            (await db.Pools.SingleAsync(p => p.Id == town.Tablets)).OpenOnlyTo((portal.Town.GeneralAffairs, null, 1));
            db.Add(new RuleSet(1, new DateOnly(2026, 4, 6), null, null, null, null, "枠").Set("SectionQuotaHours", "8").Set("DeskCap", "1").Publish(StaffId.New(), portal.Clock.GetUtcNow()));
        });
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T14:00"));

        Assert.Null(await Try(() => portal.Change(town, portal.Town.Sato, booking, "2026-04-06T09:15", "2026-04-06T14:30")));
        await portal.HandOver(town, (await town.Line(booking.Id)).Id);
        Assert.True(await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T15:30"));
        Assert.Equal("貸-307,貸-404", await Try(() => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T13:00", "2026-04-06T16:00"))));
    }

    private static async Task<string?> Try(Func<Task<Features.Booking.Booking>> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (RuleViolation refused)
        {
            return string.Join(',', refused.Broken.Select(b => b.Rule.Number));
        }
    }
}
