using System.Data.Common;
using System.Net;
using System.Text.Json;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Outbox;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Sheets;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Hours.HoursTown;

namespace KitaPortal.Tests.Hours;

/// <summary>The work around the ledger: use told by people, counting policies, checks and posting again, the monthly mail.</summary>
public sealed class HoursWorkTests
{

    [Fact]
    public async Task Use_told_by_the_borrower_replaces_the_countable_time_of_that_day_only()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await LentAsync(portal);
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-08T17:15"));
        await TakeBackAsync(portal, town);

        var sato = await portal.As(portal.Town.Sato);
        var told = await sato.Submit("/hours/mine", UseFields(booking, "2026-04-07", "07:00", "09:30"), "/hours/mine?handler=Use");

        Assert.Equal(HttpStatusCode.OK, told.Status);
        var used = await MinutesAsync(portal, Measure.Used);
        Assert.Equal((435, 150, 465), (used[new(2026, 4, 6)], used[new(2026, 4, 7)], used[new(2026, 4, 8)]));
        Assert.Equal(used, await MinutesAsync(portal, Measure.Distributed));
        Assert.Equal(435 + 465 + 465, (await MinutesAsync(portal, Measure.Booked)).Values.Sum());
        Assert.Empty(await CompareAsync(portal));
    }

    [Fact]
    public async Task Use_of_a_closed_month_is_refused_and_nothing_changes()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await LentAsync(portal);
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-08T17:15"));
        await TakeBackAsync(portal, town);
        portal.Clock.SetUtcNow(BookingTown.At("2026-05-01T09:00"));
        await ClosingTests.CloseAsync(portal, 4);
        var sato = await portal.As(portal.Town.Sato);

        var told = await sato.Submit("/hours/mine", UseFields(booking, "2026-04-07", "07:00", "09:30"), "/hours/mine?handler=Use");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, told.Status);
        Assert.Contains("時-106", told.Words, StringComparison.Ordinal);
        Assert.Equal(0, await portal.ReadAsync(db => db.UseSessions.CountAsync()));
        Assert.Equal(0, await portal.ReadAsync(db => db.LedgerEntries.CountAsync(e => e.Kind == EntryKind.Adjustment)));
    }

    [Fact]
    public async Task A_forgotten_use_ends_at_the_end_of_the_countable_time()
    {
        await using var portal = await PortalHost.StartAsync();
        var (_, booking) = await LentAsync(portal);
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T13:00"));
        await portal.InScopeAsync(s => s.GetRequiredService<UseRecording>().BeginAsync(Guid.CreateVersion7(), booking.Lines[0].Id, portal.Town.Sato, CancellationToken.None));

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-08T00:10"));
        await portal.InScopeAsync(s => s.GetRequiredService<OpenUseJob>().RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None));

        var use = await portal.ReadAsync(db => db.UseSessions.AsNoTracking().SingleAsync());
        Assert.Equal((BookingTown.At("2026-04-07T17:15").ToUniversalTime(), true), (use.To!.Value, use.WasForgotten));
        Assert.Equal(255, (await MinutesAsync(portal, Measure.Used))[new(2026, 4, 7)]);
    }

    [Fact]
    public async Task A_counting_policy_is_tried_without_a_trace_and_counts_once_a_second_person_confirms_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, _) = await LentAsync(portal);
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-08T17:15"));
        await TakeBackAsync(portal, town);
        var hr = await portal.As(portal.Town.Hr);
        var before = await portal.ReadAsync(async db => (await db.LedgerEntries.CountAsync(), await db.CountingPolicies.CountAsync()));
        var terms = new { From = "2026-04-07", Classes = new[] { "laptop", "tablet" }, Purposes = Array.Empty<string>(), DistributedPurposes = new[] { "BranchWork" }, Span = "09:00-17:00", Breaks = "12:00-13:00", CountOutside = "IfPermitted", UsedWithoutSession = "Countable", KgiMeasure = "Booked" };

        var tried = JsonDocument.Parse((await hr.PostJson("/api/v1/hours/what-if", new { terms, first = "2026-04-06", last = "2026-04-08" })).Text).RootElement.EnumerateArray().ToDictionary(r => r.GetProperty("measure").GetString()!, r => (r.GetProperty("now").GetInt64(), r.GetProperty("then").GetInt64()));
        Assert.Equal((1365, 3 * 420), tried["Booked"]);
        Assert.Equal(before, await portal.ReadAsync(async db => (await db.LedgerEntries.CountAsync(), await db.CountingPolicies.CountAsync())));

        Assert.Equal(HttpStatusCode.OK, (await hr.PostJson("/api/v1/hours/policies", new { terms, note = "時差勤務の見直し" })).Status);
        Assert.Equal(1365, (await MinutesAsync(portal, Measure.Booked)).Values.Sum());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await hr.PostJson("/api/v1/hours/policies/2/confirmation", new { })).Status);
        Assert.Equal(HttpStatusCode.OK, (await (await portal.As(portal.Town.Security)).PostJson("/api/v1/hours/policies/2/confirmation", new { })).Status);

        Assert.Equal(435 + 420 + 420, (await MinutesAsync(portal, Measure.Booked)).Values.Sum());
        Assert.Empty(await CompareAsync(portal));
        portal.Clock.SetUtcNow(BookingTown.At("2026-05-01T09:00"));
        await ClosingTests.CloseAsync(portal, 4);
        var late = await hr.PostJson("/api/v1/hours/policies", new { terms, note = "締めた月から" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.Status);
        Assert.Contains("時-104", late.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_counts_every_day_by_the_draft_whatever_policies_begin_within_it()
    {
        await using var portal = await PortalHost.StartAsync();
        await LentAsync(portal);
        var terms = new PolicyTerms(new(2026, 4, 8), ["laptop", "tablet"], [], ["BranchWork"], "10:00-12:00", "", OutsideCounting.Never, UsedWithoutSession.Countable, Measure.Booked);
        await portal.InScopeAsync(async s =>
        {
            var change = s.GetRequiredService<PolicyChange>();
            return await change.ConfirmAsync((await change.ProposeAsync(terms, "8日から", portal.Town.Hr, CancellationToken.None)).Number, portal.Town.Security, CancellationToken.None);
        });

        var rows = await portal.InScopeAsync(s => s.GetRequiredService<WhatIf>().CountAsync(new CountingPolicy(int.MaxValue, terms with { From = new(2026, 4, 6), Span = "09:00-17:00", Breaks = "12:00-13:00" }, "試算", portal.Town.Hr), new(2026, 4, 6), new(2026, 4, 8), CancellationToken.None));

        var booked = rows.Single(r => r.Measure == Measure.Booked);
        Assert.Equal((435 + 465 + 120, 3 * 420), (booked.Now, booked.Then));
    }

    [Fact]
    public async Task Years_are_told_by_the_measure_that_was_their_kgi()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(db =>
        {
            foreach (var (day, measure, minutes) in new[] { (new DateOnly(2026, 3, 30), Measure.Booked, 600), (new DateOnly(2026, 3, 30), Measure.BookedGross, 1200), (new DateOnly(2026, 4, 1), Measure.Booked, 300), (new DateOnly(2026, 4, 1), Measure.BookedGross, 420) })
                db.Add(new LedgerEntry(new(SourceKind.Line, Guid.CreateVersion7(), day, measure, 1), 1, minutes, LedgerSnapshot.None, Grain.Day, EntryKind.Posting, day.Month, portal.Clock.GetUtcNow(), null));
            return Task.CompletedTask;
        });
        await portal.InScopeAsync(async s =>
        {
            var change = s.GetRequiredService<PolicyChange>();
            var terms = new PolicyTerms(new(2026, 4, 1), ["laptop", "tablet"], [], ["BranchWork"], "08:30-17:15", "12:00-13:00", OutsideCounting.IfPermitted, UsedWithoutSession.Countable, Measure.BookedGross);
            return await change.ConfirmAsync((await change.ProposeAsync(terms, "総時間で数える", portal.Town.Hr, CancellationToken.None)).Number, portal.Town.Security, CancellationToken.None);
        });

        var kgi = await portal.ReadAsync(db => KgiYear.LoadAsync(db, new FiscalYear(2026), portal.Clock.GetUtcNow(), new HoursOptions(), CancellationToken.None));

        Assert.Equal((600L, 420L), (kgi.History.Single(h => h.Year == new FiscalYear(2025)).Minutes!.Value, kgi.Booked));
        Assert.Equal(6153 * 60, kgi.History.Single(h => h.Year == new FiscalYear(2023)).Minutes);
    }

    [Fact]
    public async Task The_29th_of_February_neither_doubles_nor_swallows_a_day_of_the_year_before()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2029-03-30T09:00"));
        foreach (var year in new[] { 2026, 2027 }) await KgiPageTests.FillAsync(portal, new FiscalYear(year), new(year + 1, 3, 31), d => d.DayNumber);
        var hr = await portal.As(portal.Town.Hr);

        foreach (var (fy, last) in new[] { (2027, 2026), (2028, 2027) })
        {
            var sum = await portal.ReadAsync(db => db.LedgerEntries.Where(e => e.FiscalYear == new FiscalYear(last) && e.Grain == Grain.Day).SumAsync(e => (long)e.Minutes));
            var days = JsonDocument.Parse((await hr.Get($"/api/v1/hours/burn-up?fy={fy}")).Text).RootElement.GetProperty("days").EnumerateArray().ToList();
            Assert.Equal((fy, sum), (fy, days[^1].GetProperty("lastYear").GetInt64()));
            var kgi = await portal.ReadAsync(db => KgiYear.LoadAsync(db, new FiscalYear(fy), portal.Clock.GetUtcNow(), new HoursOptions(), CancellationToken.None));
            Assert.Equal(sum, kgi.Months.Sum(m => m.LastYear));
        }
    }

    [Fact]
    public async Task What_is_booked_while_the_ledger_is_checked_is_no_difference()
    {
        var meanwhile = new Meanwhile();
        await using var portal = await PortalHost.StartAsync(adjust: builder =>
        {
            builder.Services.ConfigureDbContext<SqlitePortalDb>(o => o.AddInterceptors(meanwhile));
            builder.Services.ConfigureDbContext<PostgresPortalDb>(o => o.AddInterceptors(meanwhile));
        });
        var (town, _) = await LentAsync(portal);
        meanwhile.Act = () => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-09T10:00", "2026-04-09T12:00"));

        var found = await portal.InScopeAsync(s => s.GetRequiredService<LedgerCheck>().CompareAsync(CancellationToken.None));
        Assert.NotEmpty(found);    // one look alone takes it for one
        meanwhile.Act = () => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-10T10:00", "2026-04-10T12:00"));
        var run = await portal.InScopeAsync(s => s.GetRequiredService<LedgerCheck>().RunAsync(CancellationToken.None));

        Assert.Null(meanwhile.Act);
        Assert.Equal(0, run.Differences);
    }

    /// <summary>Does something else in the moment before the check reads the ledger's rows.</summary>
    private sealed class Meanwhile : DbCommandInterceptor
    {
        public Func<Task>? Act { get; set; }

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (Act is not { } act || !command.CommandText.Contains("\"PostName\"", StringComparison.Ordinal)) return result;
            Act = null;
            await act();
            return result;
        }
    }

    [Fact]
    public async Task A_difference_is_found_not_repaired_and_posted_again_only_with_a_reason()
    {
        await using var portal = await PortalHost.StartAsync();
        var (_, booking) = await LentAsync(portal);
        await portal.WriteAsync(db =>
        {
            db.Add(new LedgerEntry(new(SourceKind.Line, booking.Lines[0].Id.Value, new(2026, 4, 6), Measure.Booked, 1), 2, 60, LedgerSnapshot.None, Grain.Day, EntryKind.Posting, 4, portal.Clock.GetUtcNow(), null));
            return Task.CompletedTask;
        });
        var hr = await portal.As(portal.Town.Hr);

        await hr.Submit("/hours/checks", null, "/hours/checks?handler=Run");
        var page = await hr.Get("/hours/checks");
        Assert.Contains("R8.4.6 予約時間 予約 495 435 -60", page.Words, StringComparison.Ordinal);
        Assert.Equal(495 + 465 + 465, (await MinutesAsync(portal, Measure.Booked)).Values.Sum());
        Assert.Equal("hours.checks-open", (await Assert.ThrowsAsync<RuleViolation>(() => CloseApril(portal))).Broken.Single().Rule.Code);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await hr.Submit("/hours/checks", new { Reason = "直す" }, "/hours/checks?handler=Repost")).Status);
        await hr.Submit("/hours/checks", new { Reason = "手で加えた行を打ち消すため" }, "/hours/checks?handler=Repost");

        Assert.Equal(435 + 465 + 465, (await MinutesAsync(portal, Measure.Booked)).Values.Sum());
        Assert.Empty(await CompareAsync(portal));
        Assert.True(await portal.ReadAsync(db => db.LedgerEntries.AnyAsync(e => e.Reason == "手で加えた行を打ち消すため")));
        var admin = await (await portal.As(portal.Town.Admin)).Get("/hours/checks");
        Assert.Equal(HttpStatusCode.OK, admin.Status);
        Assert.DoesNotContain("/hours/review/booking/", admin.Text, StringComparison.Ordinal);

        static Task<MonthClose> CloseApril(PortalHost portal)
        {
            portal.Clock.SetUtcNow(BookingTown.At("2026-05-01T09:00"));
            return ClosingTests.CloseAsync(portal, 4, note: null);
        }
    }

    [Fact]
    public async Task The_monthly_mail_goes_out_once_however_often_and_wherever_the_job_runs()
    {
        await using var portal = await PortalHost.StartAsync();
        await LentAsync(portal);
        portal.Clock.SetUtcNow(BookingTown.At("2026-05-01T08:00"));
        await MailAsync(portal);
        Assert.Equal(0, await portal.ReadAsync(db => db.HoursMails.CountAsync()));

        portal.Clock.SetUtcNow(BookingTown.At("2026-05-07T08:30"));    // the first working day was missed
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => MailAsync(portal))));
        await MailAsync(portal);

        var messages = await portal.ReadAsync(db => db.OutboxMessages.AsNoTracking().Where(m => m.Kind == "hours-mail").ToListAsync());
        var letter = JsonDocument.Parse(Assert.Single(messages).Payload).RootElement;
        Assert.Equal("s000106@town.example.jp", letter.GetProperty("To").GetString());
        Assert.Equal("分散勤務の実績　令和8年度4月", letter.GetProperty("Subject").GetString());
        var body = letter.GetProperty("Body").GetString()!;
        foreach (var words in new[] { "4月の予約時間　22.7時間", "達成率", "必要な時間", "前の月から大きく変わった所属", "総務課", "未利用", "返却の遅れ", "締めの準備" }) Assert.Contains(words, body, StringComparison.Ordinal);
        var book = SheetReader.Read(letter.GetProperty("Workbook").GetBytesFromBase64());
        Assert.Equal(["概要", "集計", "説明"], book.Sheets.Select(s => s.Name));
        Assert.DoesNotContain("佐藤", string.Concat(book.Sheets.SelectMany(s => s.Rows).SelectMany(r => r.Cells).Select(c => c.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_be_lent_is_written_once_a_day_and_later_inventory_does_not_change_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal, laptops: 3, tablets: 1);
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T00:20"));
        await NightAsync(portal);
        var first = await MinutesAsync(portal, Measure.Capacity);
        Assert.Equal(5 * 465, first[new(2026, 4, 6)]);

        await portal.WriteAsync(db => { BookingTown.Add(db, "PC-950", town.Laptop, town.Laptops); return Task.CompletedTask; });
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-09T00:20"));
        await NightAsync(portal);

        var later = await MinutesAsync(portal, Measure.Capacity);
        Assert.Equal((5 * 465, 6 * 465, 6 * 465), (later[new(2026, 4, 6)], later[new(2026, 4, 7)], later[new(2026, 4, 8)]));

        portal.Clock.SetUtcNow(BookingTown.At("2026-06-30T00:20"));    // the portal stood still for more than a month
        await NightAsync(portal);
        var caughtUp = await MinutesAsync(portal, Measure.Capacity);
        Assert.Equal(new DateOnly(2026, 6, 1), caughtUp.Keys.Where(d => d > new DateOnly(2026, 4, 8)).Min());
        Assert.Equal(6 * 465, caughtUp[new(2026, 6, 29)]);
    }

    [Fact]
    public async Task Who_may_open_and_do_what()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = portal.Town;
        var rights = new (string Path, StaffId[] May)[]
        {
            ("/hours/closes", [town.Hr, town.Security]), ("/hours/policies", [town.Hr, town.Security]), ("/hours/opening", [town.Hr]), ("/hours/checks", [town.Hr, town.Auditor, town.Admin]),
            ("/hours/review/lists", [town.Hr]), ("/api/v1/hours/closes?fy=R8", [town.Hr, town.Auditor, town.Admin]), ("/api/v1/hours/ledger?fy=R8", [town.Hr]),
            ("/hours/review", [town.Sato, town.GeneralHead, town.Hr, town.Auditor, town.Admin, town.Security]), ("/api/v1/hours/matrix?fy=R8", [town.Sato, town.GeneralHead, town.Hr, town.Auditor, town.Admin, town.Security]),
            ("/api/v1/hours/burn-up", [town.Sato, town.Hr, town.GeneralHead, town.Auditor, town.Admin, town.Security]),
        };
        foreach (var person in new[] { town.Sato, town.GeneralHead, town.Hr, town.Auditor, town.Admin, town.Security })
        {
            var client = await portal.As(person);
            foreach (var (path, may) in rights)
                Assert.Equal((path, may.Contains(person)), (path, (await client.Get(path)).Status == HttpStatusCode.OK));
        }
        var hr = await portal.As(town.Hr);
        var early = await hr.PostJson("/api/v1/hours/closes", new { fy = "R8", month = 4 });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, early.Status);
        Assert.Contains("時-101", early.Text, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> UseFields(Features.Booking.Booking booking, string day, string from, string to) => new Dictionary<string, string>
    {
        ["Form.Id"] = Guid.CreateVersion7().ToString(),
        ["Form.Line"] = booking.Lines[0].Id.ToString(),
        ["Form.Day"] = day,
        ["Form.From"] = from,
        ["Form.To"] = to,
    };

    private static async Task<(BookingTown Town, Features.Booking.Booking Booking)> LentAsync(PortalHost portal)
    {
        var town = await BookingTown.SeedAsync(portal);
        return (town, await LendAsync(portal, town));
    }

    private static Task<string?> MailAsync(PortalHost portal) => portal.InScopeAsync(s => s.GetRequiredService<MonthlyMailJob>().RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None));

    private static Task<IReadOnlyList<LedgerDifference>> CompareAsync(PortalHost portal) => portal.InScopeAsync(s => s.GetRequiredService<LedgerCheck>().CompareAsync(CancellationToken.None));

    private static Task<Dictionary<DateOnly, int>> MinutesAsync(PortalHost portal, Measure measure)
        => portal.ReadAsync(async db => (await db.LedgerEntries.AsNoTracking().Where(e => e.Measure == measure && e.FiscalYear == new FiscalYear(2026)).ToListAsync()).GroupBy(e => e.WorkDate).Select(g => (g.Key, Sum: g.Sum(e => e.Minutes))).Where(g => g.Sum != 0).ToDictionary(g => g.Key, g => g.Sum));
}
