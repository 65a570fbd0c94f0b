using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Hours.HoursTown;

namespace KitaPortal.Tests.Hours;

/// <summary>Closed months do not move; what comes later counts in the next open month, and every minute counts exactly once.</summary>
public sealed class ClosingTests
{
    private static readonly FiscalYear R8 = new(2026);

    [Fact]
    public async Task Months_close_in_order_and_not_before_they_end()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-05-29T09:00"));

        Assert.Equal("hours.close-order", await RefusedAsync(portal, 5));
        await CloseAsync(portal, 4);
        Assert.Equal("hours.closed", await RefusedAsync(portal, 4));
        Assert.Equal("hours.close-order", await RefusedAsync(portal, 6));

        portal.Clock.SetUtcNow(BookingTown.At("2026-06-01T00:00"));
        await CloseAsync(portal, 5);
        Assert.Equal([4, 5], await portal.ReadAsync(db => db.MonthCloses.Where(m => m.FiscalYear == R8 && m.ClosedAt != null).Select(m => m.Month).ToListAsync()));
    }

    [Fact]
    public async Task What_changes_after_the_close_counts_in_the_next_open_month_and_the_closed_one_does_not_move()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-06-29T09:00"));
        var town = await BookingTown.SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-06-29T09:00", "2026-07-02T17:15", aim: AtBranch));
        await HandOverAsync(portal, town, booking.Lines[0].Id);
        portal.Clock.SetUtcNow(BookingTown.At("2026-07-02T08:30"));
        await NightAsync(portal);

        var closed = await CloseUpToAsync(portal, 6);
        Assert.Equal(435 + 465, closed.SumOf(Measure.Booked));
        portal.Clock.SetUtcNow(BookingTown.At("2026-07-02T16:00"));
        await TakeBackAsync(portal, town);
        await RepostAllAsync(portal);
        await ChangeCountingAsync(portal);

        var (sha256, rows) = await portal.ReadAsync(db => MonthClosing.HashAsync(db, R8, 6, CancellationToken.None));
        Assert.Equal((closed.Sha256, closed.Rows), (sha256, rows));
        var entries = await portal.ReadAsync(db => db.LedgerEntries.AsNoTracking().Where(e => e.FiscalYear == R8).ToListAsync());
        var late = entries.Where(e => e.Kind == EntryKind.Adjustment).ToList();
        Assert.NotEmpty(late);
        Assert.All(late, e => Assert.Equal((7, 6), (e.CountedMonth!.Value, e.WorkDate.Month)));
        // by 計上月 and by 実日付 the year is the same
        foreach (var measure in Enum.GetValues<Measure>())
            Assert.Equal(entries.Where(e => e.Measure == measure).Sum(e => e.Minutes), new[] { 6, 7 }.Sum(m => entries.Where(e => e.Measure == measure && e.CountedMonth == m).Sum(e => e.Minutes)));
        Assert.Empty(await portal.InScopeAsync(s => s.GetRequiredService<LedgerCheck>().CompareAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task When_all_months_are_closed_differences_count_in_the_year_end()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2027-04-01T09:00"));
        foreach (var month in R8.Months) await CloseAsync(portal, month.Month);

        await portal.InScopeAsync(s => s.GetRequiredService<PortalDb>().WriteAsync(() => s.GetRequiredService<LedgerBook>().WriteAsync(
            [new LedgerDraft(new(SourceKind.Line, Guid.CreateVersion7(), new(2026, 10, 1), Measure.Booked, 1), 1, 60, LedgerSnapshot.None)], CancellationToken.None), CancellationToken.None));

        Assert.Equal((MonthClose.YearEnd, EntryKind.Adjustment), await portal.ReadAsync(async db => (await db.LedgerEntries.Where(e => e.FiscalYear == R8).Select(e => new { e.CountedMonth, e.Kind }).SingleAsync()) is { } e ? (e.CountedMonth!.Value, e.Kind) : default));
    }

    [Fact]
    public async Task Closing_while_take_backs_arrive_counts_every_minute_exactly_once()
    {
        const int Devices = 12;
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-06-29T09:00"));
        var town = await BookingTown.SeedAsync(portal, tablets: Devices);
        var lent = new List<Features.Booking.Booking>();
        var people = await PeopleAsync(portal, Devices);
        foreach (var person in people)
        {
            var booking = await town.Reserve(town.Request(person, "2026-06-29T09:00", "2026-06-30T17:15", aim: AtBranch));
            await HandOverAsync(portal, town, booking.Lines[0].Id);
            lent.Add(booking);
        }
        portal.Clock.SetUtcNow(BookingTown.At("2026-07-01T08:45"));

        await CloseUpToAsync(portal, 5);

        MonthClose? closed = null;
        await Task.WhenAll(lent.Select((b, i) => Task.Run(async () =>
        {
            if (i == Devices / 2) closed = await CloseAsync(portal, 6);
            await TakeBackAsync(portal, town, b);
        })));

        var (sha256, rows) = await portal.ReadAsync(db => MonthClosing.HashAsync(db, R8, 6, CancellationToken.None));
        Assert.Equal((closed!.Sha256, closed.Rows), (sha256, rows));
        var entries = await portal.ReadAsync(db => db.LedgerEntries.AsNoTracking().Where(e => e.FiscalYear == R8).ToListAsync());
        // 29 June from 9:00 to 1 July 8:45: 15 + 24 + 8.75 hours of custody a device
        Assert.Equal(Devices * 2_865, entries.Where(e => e.Measure == Measure.Custody).Sum(e => e.Minutes));
        Assert.Equal(closed.SumOf(Measure.Custody), entries.Where(e => e is { Measure: Measure.Custody, CountedMonth: 6 }).Sum(e => e.Minutes));
        Assert.All(entries.Where(e => e.WorkDate.Month == 6 && e.CountedMonth != 6), e => Assert.Equal(EntryKind.Adjustment, e.Kind));
        Assert.Empty(await portal.InScopeAsync(s => s.GetRequiredService<LedgerCheck>().CompareAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task A_manual_adjustment_counts_only_when_a_second_person_has_confirmed_it()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-05-11T09:00"));
        await CloseAsync(portal, 4);
        var id = ManualAdjustmentId.New();

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => ProposeAsync(portal, ManualAdjustmentId.New(), "停電", evidence: false));
        Assert.Equal(["理由は10文字以上で入れてください。", "根拠の資料がありません。"], refused.Broken.Select(b => b.Message));
        await ProposeAsync(portal, id, "4月10日の停電中の紙の管理簿 7件分", evidence: true);
        Assert.Equal(0, await BookedAsync(portal));
        var own = await Assert.ThrowsAsync<RuleViolation>(() => InClosing(portal, c => c.ConfirmAsync(id, portal.Town.Hr, CancellationToken.None)));
        Assert.Equal(HoursRules.SecondPerson, own.Broken.Single().Rule);

        await InClosing(portal, c => c.ConfirmAsync(id, portal.Town.Security, CancellationToken.None));

        Assert.Equal(630, await BookedAsync(portal));
        var row = await portal.ReadAsync(db => db.LedgerEntries.AsNoTracking().SingleAsync(e => e.Kind == EntryKind.Manual));
        Assert.Equal((5, 4, "総務課", portal.Town.MainOffice), (row.CountedMonth!.Value, row.WorkDate.Month, row.DepartmentName, row.OfficeId!.Value));
        var again = await Assert.ThrowsAsync<RuleViolation>(() => InClosing(portal, c => c.ConfirmAsync(id, portal.Town.Security, CancellationToken.None)));
        Assert.Equal(HoursRules.Decided, again.Broken.Single().Rule);
    }

    [Fact]
    public async Task Stored_sums_and_the_rows_behind_them_say_the_same_at_every_moment()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-04-28T09:00"));
        var town = await BookingTown.SeedAsync(portal, tablets: 4);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-28T09:00", "2026-04-28T17:15", aim: AtBranch));
        var second = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-30T08:30", "2026-05-01T17:15", aim: AtBranch));
        await SameAsync(portal);

        foreach (var (at, enough) in new[] { ("2026-04-28T09:01", 1), ("2026-04-30T00:30", 1), ("2026-05-02T00:30", 1000) })
        {
            portal.Clock.SetUtcNow(BookingTown.At(at));
            await portal.ReadAsync(async db => { await new LedgerTotalsJob(db).AddUpAsync(portal.Clock.Today().AddDays(-1), enough, CancellationToken.None); return true; });
            await SameAsync(portal);
            if (second is null) continue;
            await town.Cancel(second.Id, portal.Town.Suzuki);
            second = null;
            await SameAsync(portal);
        }
        Assert.True(await portal.ReadAsync(db => db.LedgerTotals.AnyAsync()));
    }

    private static async Task SameAsync(PortalHost portal)
    {
        var today = portal.Clock.Today();
        var rows = await portal.ReadAsync(db => db.LedgerEntries.AsNoTracking().Where(e => e.WorkDate <= today).ToListAsync());
        foreach (var sort in Enum.GetValues<TotalSort>())
        {
            var figures = await portal.ReadAsync(db => db.Figures(sort, new FiscalYear(2021), R8, today).ToListAsync());
            Assert.Equal(rows.Count, figures.Sum(f => f.Rows));
            foreach (var measure in Enum.GetValues<Measure>())
                Assert.Equal(rows.Where(r => r.Measure == measure).Sum(r => (long)r.Minutes), figures.Where(f => f.Measure == measure.ToString()).Sum(f => f.Minutes));
        }
    }

    /// <summary>Closes a month as HR does when nobody has checked the ledger yet: with a reason.</summary>
    internal static Task<MonthClose> CloseAsync(PortalHost portal, int month, string? note = "照合を待たずに締める試験のため")
        => portal.InScopeAsync(s => s.GetRequiredService<MonthClosing>().CloseAsync(R8, month, note, portal.Town.Hr, CancellationToken.None));

    private static async Task<MonthClose> CloseUpToAsync(PortalHost portal, int month)
    {
        for (var m = 4; m < month; m++) await CloseAsync(portal, m);
        return await CloseAsync(portal, month);
    }

    private static async Task<string> RefusedAsync(PortalHost portal, int month)
        => (await Assert.ThrowsAsync<RuleViolation>(() => CloseAsync(portal, month))).Broken.Select(b => b.Rule.Code).Distinct().Single();

    private static Task<bool> InClosing(PortalHost portal, Func<MonthClosing, Task> act)
        => portal.InScopeAsync(async s => { await act(s.GetRequiredService<MonthClosing>()); return true; });

    private static Task<ManualAdjustment> ProposeAsync(PortalHost portal, ManualAdjustmentId id, string reason, bool evidence) => portal.InScopeAsync(async s =>
    {
        var db = s.GetRequiredService<PortalDb>();
        var file = new StoredFile(new string('a', 64), 3, "application/pdf", portal.Clock.GetUtcNow());
        if (evidence) { db.Add(file); await db.SaveChangesAsync(); }
        return await s.GetRequiredService<MonthClosing>().ProposeAsync(id, portal.Town.GeneralAffairs, R8, 4, Measure.Booked, 630, reason, evidence ? [new TakenFile(file.Id, "管理簿.pdf")] : [], portal.Town.Hr, CancellationToken.None);
    });

    private static Task<int> BookedAsync(PortalHost portal) => portal.ReadAsync(db => db.LedgerEntries.Where(e => e.FiscalYear == R8 && e.Measure == Measure.Booked).SumAsync(e => e.Minutes));

    private static Task<List<StaffId>> PeopleAsync(PortalHost portal, int count) => portal.WriteAsync(db =>
    {
        var people = Enumerable.Range(0, count).Select(_ => StaffId.New()).ToList();
        for (var i = 0; i < count; i++) TestTown.Add(db, people[i], $"{700000 + i}", "借", $"{i}", "かり", "ひと", portal.Town.GeneralAffairs, portal.Town.ClerkPost);
        return Task.FromResult(people);
    });

    private static Task<int> RepostAllAsync(PortalHost portal) => portal.InScopeAsync(async s =>
    {
        var db = s.GetRequiredService<PortalDb>();
        var ids = await db.BookingLines.Select(l => l.Id).ToListAsync();
        return await db.WriteAsync(() => s.GetRequiredService<LedgerPosting>().PostAsync(ids, CancellationToken.None), CancellationToken.None);
    });

    /// <summary>Somebody corrects the calendar of a past day, and the lines are counted anew.</summary>
    private static async Task ChangeCountingAsync(PortalHost portal)
    {
        await portal.WriteAsync(db => { db.Add(new HolidayOverride(new DateOnly(2026, 6, 30), null, HolidayKind.Closed, "臨時閉庁")); return Task.CompletedTask; });
        await RepostAllAsync(portal);
    }
}
