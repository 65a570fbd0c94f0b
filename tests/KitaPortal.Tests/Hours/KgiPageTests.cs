using System.Data.Common;
using System.Net;
using KitaPortal.Data;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.Hours;

/// <summary>The KGI page: the town's real history, the goal, and the present year from the ledger.</summary>
public sealed class KgiPageTests
{
    [Fact]
    public async Task The_page_shows_the_published_history_the_goal_and_the_present_year_from_the_ledger()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-07T12:00"));
        var sato = await portal.As(portal.Town.Sato);

        var page = (await sato.Get("/hours")).Words;

        Assert.Contains("令和3年度 紙・旧集計 1,317時間 — —", page, StringComparison.Ordinal);
        Assert.Contains("令和4年度 紙・旧集計 2,475時間 1,500時間 165 % 165.0", page, StringComparison.Ordinal);
        Assert.Contains("令和5年度 紙・旧集計 6,153時間 2,750時間 223 % 223.7", page, StringComparison.Ordinal);
        Assert.Contains("令和6年度 未登録 7,000時間", page, StringComparison.Ordinal);
        Assert.Contains("6 時間 ／ 7,000時間（暫定目標） 達成率 0 % （0.0 %） 判定不可", page, StringComparison.Ordinal);    // 375 minutes today
        Assert.Contains("予約済（今後） 3 時間", page, StringComparison.Ordinal);    // 210 minutes tomorrow
        Assert.Contains("見込みは、開庁日を20日終えてから示します（いま0日）。", page, StringComparison.Ordinal);
        Assert.Contains("計数規則 v1", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_year_before_the_portal_shows_its_published_total_without_months()
    {
        await using var portal = await PortalHost.StartAsync();
        var sato = await portal.As(portal.Town.Sato);

        var page = (await sato.Get("/hours?fy=R5")).Words;

        Assert.Contains("6,153 時間 ／ 2,750時間 達成率 223 % （223.7 %） 達成", page, StringComparison.Ordinal);
        Assert.Contains("月別内訳はありません", page, StringComparison.Ordinal);
        Assert.DoesNotContain("月ごとの数字", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_year_says_what_to_do_and_odd_years_show_the_present_one()
    {
        await using var portal = await PortalHost.StartAsync();
        var sato = await portal.As(portal.Town.Sato);

        foreach (var address in new[] { "/hours", "/hours?fy=9999", "/hours?fy=abc", "/hours?fy=R8" })
            Assert.Contains("予約が確定すると、ここに時間が積み上がります。", (await sato.Get(address)).Words, StringComparison.Ordinal);
        Assert.Contains("令和8年度の時間はまだありません。", (await sato.Get("/hours/mine")).Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-07-01", "順調", "今のペースでは令和9年2月")]
    [InlineData("2026-07-01", "遅れ", "年度末見込みは")]
    public async Task A_running_year_is_graded_and_forecast(string today, string grade, string forecast)
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At(today + "T09:00"));
        var minutes = grade == "順調" ? 2_000 : 1_000;
        await FillAsync(portal, new FiscalYear(2026), DateOnly.Parse(today), _ => minutes);
        var sato = await portal.As(portal.Town.Sato);

        var page = (await sato.Get("/hours")).Words;

        Assert.Contains(grade, page, StringComparison.Ordinal);
        Assert.Contains(forecast, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_needs_few_queries_however_many_rows_there_are()
    {
        var counter = new Counter();
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-07-01T09:00"), builder =>
        {
            builder.Services.ConfigureDbContext<SqlitePortalDb>(o => o.AddInterceptors(counter));
            builder.Services.ConfigureDbContext<PostgresPortalDb>(o => o.AddInterceptors(counter));
        });
        await FillAsync(portal, new FiscalYear(2026), new(2026, 7, 1), _ => 1_500);
        var sato = await portal.As(portal.Town.Sato);
        await sato.Get("/hours");

        counter.Commands.Clear();
        await portal.ReadAsync(db => KgiYear.LoadAsync(db, new FiscalYear(2026), portal.Clock.GetUtcNow(), new HoursOptions(), CancellationToken.None));

        Assert.InRange(counter.Commands.Count, 1, 8);
    }

    [Fact]
    public async Task The_json_says_the_same_as_the_page()
    {
        await using var portal = await PortalHost.StartAsync();
        var sato = await portal.As(portal.Town.Sato);

        var answer = (await sato.Get("/api/v1/hours/kgi?fy=R5")).Json;
        var refused = await sato.Get("/api/v1/hours/kgi?fy=昨年");

        Assert.Equal((6153, 223, 2237), (answer.GetProperty("bookedHours").GetInt32(), answer.GetProperty("rate").GetProperty("percent").GetInt32(), answer.GetProperty("rate").GetProperty("tenths").GetInt32()));
        Assert.Equal(2750, answer.GetProperty("target").GetProperty("hours").GetInt32());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(HttpStatusCode.OK, (await sato.Get("/api/v1/hours/kgi")).Status);
    }

    [Fact]
    public async Task Own_hours_are_shown_to_the_person_alone()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-07T12:00"));

        var mine = (await (await portal.As(portal.Town.Sato)).Get("/hours/mine")).Words;
        var theirs = (await (await portal.As(portal.Town.Hr)).Get("/hours/mine")).Words;

        Assert.Contains(booking.Number, mine, StringComparison.Ordinal);
        Assert.Contains("予約（今日まで） 6.2 時間", mine, StringComparison.Ordinal);
        Assert.DoesNotContain(booking.Number, theirs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_summary_of_the_first_page_is_rewritten_only_when_there_is_something_new()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        await SummariseAsync(portal);
        portal.Clock.Advance(TimeSpan.FromMinutes(5));
        await SummariseAsync(portal);
        Assert.Equal(BookingTown.At("2026-04-06T09:00"), (await SummaryAsync(portal)).AsOf);

        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T17:15"));
        await SummariseAsync(portal);

        var summary = await SummaryAsync(portal);
        Assert.Equal((6, 7000, true, 0, "判定不可"), (summary.Hours, summary.TargetHours!.Value, summary.IsProvisional, summary.Rate!.Value, summary.GradeWord));
        Assert.StartsWith("令和8年度は6時間で、暫定目標7,000時間の0 %です。", summary.Sentence, StringComparison.Ordinal);
    }

    /// <summary>So many minutes on every working day of the year up to the day.</summary>
    internal static Task FillAsync(PortalHost portal, FiscalYear year, DateOnly until, Func<DateOnly, int> minutes) => portal.WriteAsync(db =>
    {
        foreach (var day in new WorkYear(year, WorkCalendar.Plain).OpenDays.Where(d => d <= until))
            db.Add(new LedgerEntry(new LedgerKey(SourceKind.Line, Guid.CreateVersion7(), day, Measure.Booked, 1), 1, minutes(day),
                LedgerSnapshot.None with { OfficeId = portal.Town.MainOffice, Class = "laptop", Purpose = "HomeWork" }, Grain.Day, EntryKind.Posting, day.Month, portal.Clock.GetUtcNow(), null));
        return Task.CompletedTask;
    });

    private static Task<string?> SummariseAsync(PortalHost portal) => portal.ReadAsync(db => new HoursSummaryJob(db, Microsoft.Extensions.Options.Options.Create(new HoursOptions())).RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None));

    private static Task<HoursSummary> SummaryAsync(PortalHost portal) => portal.ReadAsync(db => db.HoursSummaries.AsNoTracking().SingleAsync(s => s.FiscalYear == new FiscalYear(2026)));

    private sealed class Counter : DbCommandInterceptor
    {
        public List<string> Commands { get; } = [];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Commands.Add(command.CommandText);
            return new(result);
        }
    }
}
