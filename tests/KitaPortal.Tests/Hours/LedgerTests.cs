using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Booking.Life;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Hours.HoursTown;

namespace KitaPortal.Tests.Hours;

/// <summary>The ledger follows every booking in the same transaction, and says what counting anew says.</summary>
public sealed class LedgerTests
{

    [Fact]
    public async Task A_confirmed_booking_stands_in_the_ledger_with_who_where_and_what()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);

        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-09T13:00", "2026-04-10T12:00"));

        var rows = await RowsAsync(portal);
        Assert.Equal("4/9 255 4/10 210", Text(rows, Measure.Booked));
        Assert.Equal("4/9 660 4/10 720", Text(rows, Measure.BookedGross));
        var row = rows.First(r => r.Measure == Measure.Booked);
        Assert.Equal(("総務課", "主事", "tablet", "OnlineMeeting", 1, new FiscalYear(2026), 4), (row.DepartmentName, row.PostName, row.Class, row.Purpose, row.PolicyNumber, row.FiscalYear, row.CountedMonth));
        Assert.Equal((portal.Town.MainOffice, portal.Town.MainOffice, booking.Lines[0].DeviceId!.Value.Value), (row.OfficeId!.Value, row.LendingOfficeId!.Value, row.DeviceId!.Value));
        var person = await portal.ReadAsync(db => db.LedgerPeople.SingleAsync());
        Assert.Equal((portal.Town.Sato, person.Id), (person.StaffId, row.PersonKey!.Value));
    }

    [Fact]
    public async Task Posting_again_writes_nothing()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        var booking = await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-07T12:00", aim: AtBranch));
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-08T10:00"));
        Assert.NotEqual(0, await PostAsync(portal, booking.Lines[0].Id));    // two more days out

        await NightAsync(portal);    // what could be lent yesterday

        Assert.Equal(0, await PostAsync(portal, booking.Lines[0].Id));
        Assert.Null(await NightAsync(portal));
        Assert.Empty(await CompareAsync(portal));
    }

    [Fact]
    public async Task Taking_back_early_keeps_the_booked_time_and_ends_custody_and_use()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T17:15", aim: AtBranch));

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-06T14:30"));
        await TakeBackAsync(portal, town);

        var rows = await RowsAsync(portal);
        Assert.Equal(("4/6 435", "4/6 495", "4/6 330", "4/6 270", "4/6 270"),
            (Text(rows, Measure.Booked), Text(rows, Measure.BookedGross), Text(rows, Measure.Custody), Text(rows, Measure.Used), Text(rows, Measure.Distributed)));
        Assert.Empty(await CompareAsync(portal));
    }

    [Fact]
    public async Task A_device_still_out_is_counted_every_night_up_to_yesterday()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-08T17:15", aim: AtBranch));
        Assert.Equal("", Text(await RowsAsync(portal), Measure.Custody));

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-08T00:20"));
        Assert.NotNull(await NightAsync(portal));

        var rows = await RowsAsync(portal);
        Assert.Equal(("4/6 900 4/7 1440", "4/6 435 4/7 465"), (Text(rows, Measure.Custody), Text(rows, Measure.Used)));
        Assert.Null(await NightAsync(portal));
    }

    [Fact]
    public async Task A_lost_device_is_counted_until_its_loss_was_known_and_no_longer()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        var booking = await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-08T17:15", aim: AtBranch));
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T10:00"));
        await portal.Lose(town, portal.Town.Sato, booking.Lines[0].Id);

        foreach (var night in new[] { "2026-04-08T00:20", "2026-04-09T00:20", "2027-04-02T00:20" })
        {
            portal.Clock.SetUtcNow(BookingTown.At(night));
            await NightAsync(portal);
        }

        var rows = await RowsAsync(portal);
        Assert.Equal(("4/6 435 4/7 465 4/8 465", "4/6 900 4/7 600", "4/6 435 4/7 90", "4/6 435 4/7 90"),
            (Text(rows, Measure.Booked), Text(rows, Measure.Custody), Text(rows, Measure.Used), Text(rows, Measure.Distributed)));
        Assert.Equal(1, await portal.ReadAsync(db => db.LedgerPeople.CountAsync()));
        Assert.Empty(await CompareAsync(portal));
    }

    [Fact]
    public async Task Cancelling_takes_the_booked_time_back_and_shows_it_as_cancelled()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T08:30", "2026-04-08T17:15"));
        Assert.Equal("4/8 465", Text(await RowsAsync(portal), Measure.Booked));

        await town.Cancel(booking.Id, portal.Town.Sato);

        var rows = await RowsAsync(portal);
        Assert.Equal(("", "", "4/8 465"), (Text(rows, Measure.Booked), Text(rows, Measure.BookedGross), Text(rows, Measure.Cancelled)));
        Assert.Equal([(1, 465), (2, -465)], rows.Where(r => r.Measure == Measure.Booked).OrderBy(r => r.Revision).Select(r => (r.Revision, r.Minutes)));
        Assert.Empty(await CompareAsync(portal));
    }

    [Fact]
    public async Task What_was_not_collected_is_unused()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T08:30", "2026-04-08T17:15"));

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-08T09:30"));
        await town.Cancel(booking.Id, portal.Town.Sato);

        var rows = await RowsAsync(portal);
        Assert.Equal(("", "4/8 465", ""), (Text(rows, Measure.Booked), Text(rows, Measure.Unused), Text(rows, Measure.Cancelled)));
    }

    [Fact]
    public async Task A_booking_over_31_March_stands_in_two_fiscal_years_with_a_key_for_each()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2027-03-30T09:00"));
        var town = await BookingTown.SeedAsync(portal);

        await town.Reserve(town.Request(portal.Town.Sato, "2027-03-31T13:00", "2027-04-01T12:00", acknowledged: ["booking.year-end"]));

        var rows = (await RowsAsync(portal)).Where(r => r.Measure == Measure.Booked).OrderBy(r => r.WorkDate).ToList();
        Assert.Equal([(new FiscalYear(2026), 3, 255), (new FiscalYear(2027), 4, 210)], rows.Select(r => (r.FiscalYear, r.CountedMonth!.Value, r.Minutes)));
        Assert.NotEqual(rows[0].PersonKey, rows[1].PersonKey);
    }

    [Fact]
    public async Task A_device_lent_again_after_an_early_return_is_not_counted_twice()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal, tablets: 1);
        await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-08T17:15"));
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-06T16:00"));
        await TakeBackAsync(portal, town);
        var second = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T13:00", "2026-04-08T12:00"));
        Assert.Equal("4/6 435 4/7 720 4/8 675", Text(await RowsAsync(portal), Measure.Booked));    // both, until it is handed over

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T13:00"));
        await HandOverAsync(portal, town, second.Lines[0].Id);

        Assert.Equal("4/6 435 4/7 465 4/8 465", Text(await RowsAsync(portal), Measure.Booked));
        Assert.Empty(await CompareAsync(portal));
    }

    [Fact]
    public async Task Two_devices_of_one_person_at_once_are_one_distributed_working_time()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal, tablets: 2);
        await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T15:00", aim: AtBranch));
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-06T10:00"));
        await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T17:15", aim: AtBranch, acknowledged: ["booking.same-time"]));

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T00:20"));
        await NightAsync(portal);

        var rows = await RowsAsync(portal);
        Assert.Equal(("4/6 810", "4/6 435"), (Text(rows, Measure.Used), Text(rows, Measure.Distributed)));
    }

    [Fact]
    public async Task A_booking_that_fails_after_it_was_counted_leaves_no_ledger_row()
    {
        await using var portal = await PortalHost.StartAsync(adjust: b => b.Services.AddScoped<IHandle<BookingApproved>, Veto>());
        var town = await BookingTown.SeedAsync(portal);
        Veto.Saw = 0;

        await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T08:30", "2026-04-08T17:15")));

        Assert.NotEqual(0, Veto.Saw);
        Assert.Empty(await RowsAsync(portal));
        Assert.Equal((0, 0), await portal.ReadAsync(async db => (await db.BookingLines.CountAsync(), await db.LedgerPeople.CountAsync())));
    }

    [Fact]
    public async Task Handler_night_job_and_reposting_at_once_give_the_same_sums()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal, tablets: 4);
        var lent = new List<Features.Booking.Booking>();
        foreach (var person in new[] { portal.Town.Sato, portal.Town.Suzuki, portal.Town.GeneralHead })
            lent.Add(await LendAsync(portal, town, town.Request(person, "2026-04-06T09:00", "2026-04-08T17:15", aim: AtBranch)));
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-09T10:00"));

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            if (i % 3 == 0) await NightAsync(portal);
            else if (i == 1) await TakeBackAsync(portal, town, lent[0]);
            else await PostAsync(portal, [.. (i % 2 == 0 ? lent : Enumerable.Reverse(lent)).Select(b => b.Lines[0].Id)]);
        })));

        Assert.Empty(await CompareAsync(portal));
        Assert.Equal(3 * (435 + 465 + 465), (await RowsAsync(portal)).Where(r => r.Measure == Measure.Booked).Sum(r => r.Minutes));
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public async Task Random_histories_keep_the_ledger_equal_to_its_recount_and_inside_its_bounds(int seed)
    {
        var dice = new Random(seed);
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal, laptops: 2, tablets: 3);
        StaffId[] people = [portal.Town.Sato, portal.Town.Suzuki, portal.Town.GeneralHead, portal.Town.Tanaka];
        string[] ticks = ["booking.outside-hours", "booking.same-time", "booking.year-end"];
        var acts = new int[6];

        for (var step = 0; step < 90; step++)
        {
            var now = portal.Clock.GetUtcNow();
            var coming = await portal.ReadAsync(db => db.BookingLines.AsNoTracking().Where(l => l.Status == LineStatus.Approved || l.Status == LineStatus.Requested || l.Status == LineStatus.Ready).ToListAsync());
            var kind = dice.Next(6);
            var done = await Record.ExceptionAsync(async () =>
            {
                switch (kind)
                {
                    case 0 or 1:
                        // Any times, in any order; half of them such at which a desk is open, so that much is booked.
                        var from = dice.Next(2) == 0 ? DeskTime(dice, TokyoTime.DayOf(now).AddDays(dice.Next(0, 4))) : now.AddTicks(-(now.Ticks % TimeSpan.FromMinutes(15).Ticks)).AddMinutes(15 * dice.Next(1, 120));
                        var until = dice.Next(2) == 0 ? DeskTime(dice, TokyoTime.DayOf(from).AddDays(dice.Next(0, 4))) : from.AddMinutes(15 * dice.Next(2, 250));
                        var person = people[dice.Next(people.Length)];
                        await town.Reserve(town.Request(person, Local(from), Local(until), dice.Next(3) == 0 ? town.Laptops : town.Tablets,
                            aim: dice.Next(2) == 0 ? AtBranch : BookingTown.InBuilding, acknowledged: ticks));
                        break;
                    case 2 when coming.Count > 0:
                        await HandOverAsync(portal, town, coming[dice.Next(coming.Count)].Id);
                        break;
                    case 3:
                        await TakeBackAsync(portal, town);
                        break;
                    case 4 when coming.Count > 0:
                        var line = coming[dice.Next(coming.Count)];
                        await town.Cancel(line.BookingId, portal.Town.Sato);
                        break;
                    default:
                        portal.Clock.Advance(TimeSpan.FromMinutes(dice.Next(20, 900)));
                        if (TokyoTime.DayOf(now) != TokyoTime.DayOf(portal.Clock.GetUtcNow())) await NightAsync(portal);
                        break;
                }
            });
            if (done is null) acts[kind]++;
            else Assert.True(done is RuleViolation or NotHereException, $"seed {seed}: {done}");
        }

        Assert.All(acts[1..], count => Assert.True(count > 0, $"seed {seed}: {string.Join(' ', acts)}"));
        await NightAsync(portal);
        var differences = await CompareAsync(portal);
        Assert.True(differences.Count == 0, $"seed {seed}: {string.Join("; ", differences)}");
        var rows = await RowsAsync(portal);
        foreach (var line in rows.Where(r => r.SourceKind == SourceKind.Line).GroupBy(r => (r.SourceId, r.WorkDate)))
            Assert.True(Sum(line, Measure.Used) <= Sum(line, Measure.Custody) && Sum(line, Measure.Booked) <= Sum(line, Measure.BookedGross), $"seed {seed}");
        foreach (var device in rows.Where(r => r.DeviceId is not null && r.WorkDate < portal.Clock.Today()).GroupBy(r => (r.DeviceId, r.WorkDate)))
            Assert.True(Sum(device, Measure.Custody) <= 1440 && Sum(device, Measure.Booked) <= 465, $"seed {seed}: {device.Key}");
        foreach (var key in rows.GroupBy(r => r.Key))
            Assert.Equal(Enumerable.Range(1, key.Count()), key.Select(r => r.Revision).Order());
    }

    /// <summary>A quarter of an hour in which a desk is open, if the day is a working day.</summary>
    private static DateTimeOffset DeskTime(Random dice, DateOnly day) => TokyoTime.At(day, new TimeOnly(8, 30).AddMinutes(15 * dice.Next(0, 35)));

    private static int Sum(IEnumerable<LedgerEntry> rows, Measure measure) => rows.Where(r => r.Measure == measure).Sum(r => r.Minutes);

    private static string Local(DateTimeOffset moment) => moment.ToOffset(TokyoTime.Offset).ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture);

    private static Task<int> PostAsync(PortalHost portal, params BookingLineId[] lines)
        => portal.InScopeAsync(services => services.GetRequiredService<PortalDb>().WriteAsync(() => services.GetRequiredService<LedgerPosting>().PostAsync(lines, CancellationToken.None), CancellationToken.None));

    private static Task<IReadOnlyList<LedgerDifference>> CompareAsync(PortalHost portal)
        => portal.InScopeAsync(services => services.GetRequiredService<LedgerCheck>().CompareAsync(CancellationToken.None));

    private static Task<List<LedgerEntry>> RowsAsync(PortalHost portal)
        => portal.ReadAsync(db => db.LedgerEntries.AsNoTracking().Where(e => e.Kind == EntryKind.Posting).OrderBy(e => e.WorkDate).ToListAsync());

    /// <summary>Balances by day, days that balance to nothing left out.</summary>
    private static string Text(IEnumerable<LedgerEntry> rows, Measure measure) => string.Join(' ', rows.Where(r => r.Measure == measure).GroupBy(r => r.WorkDate).OrderBy(g => g.Key)
        .Select(g => (Day: g.Key, Minutes: g.Sum(r => r.Minutes))).Where(d => d.Minutes != 0).Select(d => $"{d.Day.Month}/{d.Day.Day} {d.Minutes}"));

    private sealed class Veto(PortalDb db) : IHandle<BookingApproved>
    {
        public static int Saw { get; set; }

        public async Task HandleAsync(BookingApproved happened, CancellationToken ct)
        {
            await db.SaveChangesAsync(ct);
            Saw = await db.LedgerEntries.CountAsync(e => e.Kind == EntryKind.Posting, ct);
            throw new RuleViolation(new Rule("試-1", "test.veto", "試験のため断ります。", "なし").With());
        }
    }
}
