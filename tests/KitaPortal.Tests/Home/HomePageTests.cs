using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Platform.Japanese;
using KitaPortal.Tests.Approvals;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Home;

/// <summary>The first page: what waits for a person today.</summary>
public sealed class HomePageTests
{
    [Fact]
    public async Task The_first_page_says_the_day_and_whose_page_it_is_and_what_to_do_next()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var home = await sato.Get("/");

        Assert.Equal(HttpStatusCode.OK, home.Status);
        Assert.Contains("令和8年4月6日（月）", home.Words);
        Assert.Contains("佐藤\u3000花子", home.Words);
        Assert.Contains("この先1週間の予約はありません。 機器を予約する", home.Words);
        Assert.Contains("借りている機器はありません。", home.Words);
        Assert.DoesNotContain("窓口の今日", home.Words);
    }

    [Fact]
    public async Task A_request_stands_on_the_page_of_its_head_and_as_my_own_on_mine_only()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.Ask(portal.Town.Sato, title: "大朝支所での説明会");

        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        using var other = await portal.As(portal.Town.PlanningHead);
        var (heads, mine, others) = (await head.Get("/"), await sato.Get("/"), await other.Get("/"));

        Assert.Contains("承認・決裁するもの 1 ", heads.Words);
        Assert.Contains("大朝支所での説明会", heads.Words);
        Assert.Contains("自分の申請 1 ", mine.Words);
        Assert.DoesNotContain("承認・決裁するもの", mine.Words);
        Assert.DoesNotContain("大朝支所での説明会", others.Words);
    }

    [Fact]
    public async Task A_deputy_sees_the_request_only_while_the_head_is_absent()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.Ask(portal.Town.Sato, title: "大朝支所での説明会");
        using var deputy = await portal.As(portal.Town.GeneralDeputy);
        var before = await deputy.Get("/");
        await portal.Absent(portal.Town.GeneralHead);

        var during = await deputy.Get("/");

        Assert.DoesNotContain("大朝支所での説明会", before.Words);
        Assert.Contains("大朝支所での説明会", during.Words);
        Assert.Contains("不在により代わって判断できます", during.Words);
    }

    [Fact]
    public async Task A_booked_device_is_to_collect_then_to_return_then_late_and_the_desk_counts_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        using var desk = await portal.As(portal.Town.Desk);
        using var other = await portal.As(portal.Town.GeihokuDesk);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));

        var (collect, deskBefore) = (await sato.Get("/"), await desk.Get("/"));
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-06T10:00"));
        await town.AtDesk((acts, clerk) => acts.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default));
        var (giveBack, deskDuring) = (await sato.Get("/"), await desk.Get("/"));
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-06T12:05"));
        var (late, deskAfter, elsewhere) = (await sato.Get("/"), await desk.Get("/"), await other.Get("/"));

        Assert.Contains("受け取る機器 1 ", collect.Words);
        Assert.Contains("今日 10:00から 会議用iPad", collect.Words);
        Assert.Contains("引き渡す 1件", deskBefore.Words);
        Assert.Contains("返す機器 1 ", giveBack.Words);
        Assert.Contains("返却を受ける 1件", deskDuring.Words);
        Assert.Contains("返却遅れ", late.Words);
        Assert.Contains("返却の遅れ 1件", deskAfter.Words);
        Assert.Contains("返却の遅れ 0件", elsewhere.Words);
    }

    [Fact]
    public async Task The_card_of_hours_says_the_summary_in_a_sentence_a_ring_and_a_table()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        var before = await sato.Get("/");
        await portal.ReadAsync(async db => { await HoursSummaryJob.RewriteAsync(db, FiscalYear.Of(portal.Clock.GetUtcNow()), portal.Clock.GetUtcNow(), new KitaPortal.Features.Hours.HoursOptions(), default); return true; });

        var after = await sato.Get("/");

        var summary = await portal.ReadAsync(db => db.HoursSummaries.AsNoTracking().SingleAsync());
        Assert.Contains("今年度の集計はこれからです。", before.Words);
        Assert.Contains(summary.Sentence, after.Words);
        Assert.Contains("role=\"img\"", after.Text);
        Assert.Contains($"実績 {summary.Hours:N0} 時間", after.Words);
    }

    [Fact]
    public async Task The_first_page_asks_the_database_ten_times_at_most_whatever_waits()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        await head.Get("/");
        int empty, full;
        using (var count = await StatementCount.OfAsync(portal))
        {
            await head.Get("/");
            empty = count.Statements.Count;
        }

        for (var i = 0; i < 8; i++) await portal.Ask(portal.Town.Sato, title: $"持出し {i}");
        using (var count = await StatementCount.OfAsync(portal))
        {
            Assert.Contains("持出し 0", (await head.Get("/")).Words);
            full = count.Statements.Count;
        }

        Assert.InRange(empty, 4, SessionCheck + 10);
        Assert.InRange(full, 4, SessionCheck + 10);
    }

    /// <summary>Session, postings and roles are read on every page.</summary>
    private const int SessionCheck = 3;
}
