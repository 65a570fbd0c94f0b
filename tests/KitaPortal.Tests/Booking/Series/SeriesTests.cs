using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Series;
using KitaPortal.Features.Notifications;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Approvals;
using KitaPortal.Tests.Booking.Life;
using KitaPortal.Tests.Host;
using KitaPortal.Tests.Notifications;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Series;

/// <summary>Bookings that repeat: each day judged, saved whole or not at all, one permission for all, and removed days never come back.</summary>
public sealed class SeriesTests
{
    [Fact]
    public async Task A_weekly_series_is_booked_at_once_and_told_once()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);

        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=3");

        Assert.Equal(["2026-04-07", "2026-04-14", "2026-04-21"], await Booked(portal, series.Id));
        Assert.Equal(3, await portal.ReadAsync(db => db.BookingLines.CountAsync(l => l.Status == LineStatus.Approved)));
        Assert.Equal(1, await portal.ReadAsync(db => db.Set<Notification>().CountAsync(n => n.Kind == "booking.confirmed" && n.StaffId == portal.Town.Sato)));
    }

    [Fact]
    public async Task A_conflict_on_one_day_is_named_and_never_skipped_silently()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-14T09:00", "2026-04-14T12:00"));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=3"));
        var before = await portal.ReadAsync(db => db.Bookings.CountAsync(b => b.BorrowerId == portal.Town.Sato));
        var skipped = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=3", picks: (new DateOnly(2026, 4, 14), Pick.Skip));

        var broken = Assert.Single(refused.Broken);
        Assert.Equal(("貸-201", "Picks[2026-04-14]"), (broken.Rule.Number, broken.Field));
        Assert.StartsWith("4月14日（火）：", broken.Message);
        Assert.Equal(0, before);
        Assert.Equal(["2026-04-07", "2026-04-21"], await Booked(portal, skipped.Id));
        Assert.Equal(SeriesDayState.Skipped, await portal.ReadAsync(db => db.SeriesDays.Where(d => d.Day == new DateOnly(2026, 4, 14)).Select(d => d.State).SingleAsync()));
    }

    [Fact]
    public async Task The_preview_offers_another_way_for_the_day_and_it_can_be_taken()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-14T09:00", "2026-04-14T10:30"));

        var days = await Preview(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=2");
        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=2", picks: (days[1].Day, days[1].Alternative!));

        Assert.Equal([true, false], days.Select(d => d.IsPossible));
        Assert.Equal(At("2026-04-14T10:30"), days[1].AlternativeRequest!.From);
        var second = series.Days.Single(d => d.Day == days[1].Day).BookingId!.Value;
        Assert.Equal(At("2026-04-14T10:30"), (await town.Line(second)).From);
    }

    [Theory]
    [InlineData(HolidayPolicy.Skip, "2026-04-22 2026-05-13")]
    [InlineData(HolidayPolicy.Previous, "2026-04-22 2026-04-28 2026-05-01 2026-05-13")]
    [InlineData(HolidayPolicy.Next, "2026-04-22 2026-04-30 2026-05-07 2026-05-13")]
    public async Task A_closed_day_is_skipped_or_moved_as_chosen(HolidayPolicy policy, string expected)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);

        // 29 April and 6 May 2026 are holidays.
        var series = await Reserve(portal, town, "2026-04-22T10:00", "2026-04-22T11:00", "FREQ=WEEKLY;UNTIL=20260513", policy);

        Assert.Equal(expected.Split(' '), series.Days.Where(d => d.State == SeriesDayState.Booked).Select(d => $"{d.HeldOn:yyyy-MM-dd}").Order());
        Assert.Equal(4, series.Days.Count);
    }

    [Fact]
    public async Task Days_that_would_meet_on_one_day_are_booked_once()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);

        var series = await Reserve(portal, town, "2026-04-10T10:00", "2026-04-10T11:00", "FREQ=DAILY;COUNT=4", HolidayPolicy.Next);    // Fri, Sat, Sun, Mon

        Assert.Equal(["2026-04-10", "2026-04-13"], series.Days.Where(d => d.State == SeriesDayState.Booked).Select(d => $"{d.HeldOn:yyyy-MM-dd}").Order());
    }

    [Fact]
    public async Task One_approval_covers_the_whole_series()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);

        var series = await Reserve(portal, town, "2026-04-07T08:30", "2026-04-07T17:15", "FREQ=WEEKLY;COUNT=3", pool: town.Laptops, aim: AtHome);
        var asked = await portal.ReadAsync(db => db.BookingLines.CountAsync(l => l.Status == LineStatus.Requested));
        await portal.Act(new Features.Approvals.ApprovalRequestId(series.ApprovalRequestId!.Value), portal.Town.GeneralHead, (request, acting) => request.Approve(acting));

        Assert.Equal(3, asked);
        Assert.Equal(1, await portal.ReadAsync(db => db.Set<Features.Approvals.ApprovalRequest>().CountAsync()));
        Assert.Equal(3, await portal.ReadAsync(db => db.BookingLines.CountAsync(l => l.Status == LineStatus.Approved)));
        Assert.Equal(3, await portal.ReadAsync(db => db.TakeOutPermissions.CountAsync(p => p.DecidedBy == portal.Town.GeneralHead)));
    }

    [Fact]
    public async Task A_day_given_up_leaves_the_request_open_for_the_others_and_a_refusal_ends_them()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var series = await Reserve(portal, town, "2026-04-07T08:30", "2026-04-07T17:15", "FREQ=WEEKLY;COUNT=3", pool: town.Laptops, aim: AtHome);
        var id = new Features.Approvals.ApprovalRequestId(series.ApprovalRequestId!.Value);

        await town.Cancel(series.Days.OrderBy(d => d.Day).First().BookingId!.Value, portal.Town.Sato);
        var open = await portal.ReadAsync(db => db.Set<Features.Approvals.ApprovalRequest>().Select(r => r.State).SingleAsync());
        await portal.Act(id, portal.Town.GeneralHead, (request, acting) => request.Reject(acting with { Reason = "今月は出勤してください" }));

        Assert.Equal(Features.Approvals.RequestState.Circulating, open);
        Assert.Equal([LineStatus.Cancelled, LineStatus.Rejected, LineStatus.Rejected], await portal.ReadAsync(db => db.BookingLines.OrderBy(l => l.From).Select(l => l.Status).ToListAsync()));
        Assert.Equal(0, await portal.ReadAsync(db => db.Occupancies.CountAsync(o => o.Active)));
    }

    [Fact]
    public async Task The_request_of_a_series_that_was_given_up_whole_is_closed()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var series = await Reserve(portal, town, "2026-04-07T08:30", "2026-04-07T17:15", "FREQ=WEEKLY;COUNT=2", pool: town.Laptops, aim: AtHome);

        await Act(portal, town, portal.Town.Sato, async (bookings, asker) => { await bookings.CancelAsync(series.Id, null, asker, null, default); return true; });

        Assert.Equal(Features.Approvals.RequestState.Withdrawn, await portal.ReadAsync(db => db.Set<Features.Approvals.ApprovalRequest>().Select(r => r.State).SingleAsync()));
        Assert.Equal(2, await portal.ReadAsync(db => db.BookingLines.CountAsync(l => l.Status == LineStatus.Cancelled)));
    }

    [Fact]
    public async Task From_this_day_on_cancels_the_rest_and_keeps_what_was_before()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=4");

        await Act(portal, town, portal.Town.Sato, async (bookings, asker) => { await bookings.CancelAsync(series.Id, new DateOnly(2026, 4, 21), asker, null, default); return true; });
        var none = await Assert.ThrowsAsync<RuleViolation>(() => Act(portal, town, portal.Town.Sato, async (bookings, asker) => { await bookings.CancelAsync(series.Id, new DateOnly(2026, 4, 21), asker, null, default); return true; }));
        await Assert.ThrowsAsync<NotHereException>(() => Act(portal, town, portal.Town.Tanaka, async (bookings, asker) => { await bookings.CancelAsync(series.Id, null, asker, null, default); return true; }));

        Assert.Equal(["2026-04-07", "2026-04-14"], await Booked(portal, series.Id));
        Assert.Equal("貸-933", Assert.Single(none.Broken).Rule.Number);
        var kept = await portal.ReadAsync(db => db.BookingSeries.SingleAsync());
        Assert.Equal(new DateOnly(2026, 4, 20), kept.Recurrence.Until);
    }

    [Fact]
    public async Task Changing_all_days_keeps_removed_days_removed_and_adds_only_new_ones()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=4");
        await town.Cancel(series.Days.Single(d => d.Day == new DateOnly(2026, 4, 14)).BookingId!.Value, portal.Town.Sato);

        await Change(portal, town, new SeriesChange(series.Id, null, new TimeOnly(13, 0), new TimeOnly(15, 0)) { Until = new DateOnly(2026, 5, 12) });

        Assert.Equal(["2026-04-07", "2026-04-21", "2026-04-28", "2026-05-12"], await Booked(portal, series.Id));    // 5 May is a holiday
        var lines = await portal.ReadAsync(db => db.BookingLines.Where(l => l.Status == LineStatus.Approved).OrderBy(l => l.From).Select(l => new { l.From, l.To }).ToListAsync());
        Assert.Equal(4, lines.Count);
        Assert.All(lines, l => Assert.Equal((4, 6), (l.From.Hour, l.To.Hour)));
        Assert.Equal(1, await portal.ReadAsync(db => db.SeriesDays.CountAsync(d => d.State == SeriesDayState.Removed)));
    }

    [Fact]
    public async Task Changing_from_a_day_on_splits_the_series()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=4");
        await town.Cancel(series.Days.Single(d => d.Day == new DateOnly(2026, 4, 28)).BookingId!.Value, portal.Town.Sato);

        var rest = await Change(portal, town, new SeriesChange(series.Id, new DateOnly(2026, 4, 21), new TimeOnly(13, 0), new TimeOnly(15, 0)));
        await Change(portal, town, new SeriesChange(series.Id, null, new TimeOnly(9, 0), new TimeOnly(10, 0)));

        Assert.NotEqual(series.Id, rest.Id);
        Assert.Equal((series.Id, new DateOnly(2026, 4, 21)), (rest.SplitFrom!.Value, rest.FirstDay));
        Assert.Equal(["2026-04-07", "2026-04-14"], await Booked(portal, series.Id));
        Assert.Equal(["2026-04-21"], await Booked(portal, rest.Id));
        Assert.Equal(SeriesDayState.Removed, rest.Days.Single(d => d.Day == new DateOnly(2026, 4, 28)).State);
        Assert.Equal([0, 0, 4], await portal.ReadAsync(db => db.BookingLines.Where(l => l.Status == LineStatus.Approved).OrderBy(l => l.From).Select(l => l.From.Hour).ToListAsync()));
    }

    [Fact]
    public async Task A_change_that_one_day_forbids_changes_none()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=3");
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-14T14:00", "2026-04-14T16:00"));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Change(portal, town, new SeriesChange(series.Id, null, new TimeOnly(13, 0), new TimeOnly(15, 0))));

        Assert.Equal(("貸-201", "Picks[2026-04-14]"), (Assert.Single(refused.Broken).Rule.Number, refused.Broken[0].Field));
        Assert.All(await portal.ReadAsync(db => db.BookingLines.Where(l => db.Set<Features.Booking.Booking>().Any(b => b.Id == l.BookingId && b.SeriesId != null)).Select(l => l.From).ToListAsync()), f => Assert.Equal(1, f.Hour));
    }

    [Fact]
    public async Task A_change_that_the_permission_does_not_cover_asks_once_for_all()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var series = await Reserve(portal, town, "2026-04-07T09:00", "2026-04-07T16:00", "FREQ=WEEKLY;COUNT=3", pool: town.Laptops, aim: AtHome);
        await portal.Act(new Features.Approvals.ApprovalRequestId(series.ApprovalRequestId!.Value), portal.Town.GeneralHead, (request, acting) => request.Approve(acting));

        var shorter = await Change(portal, town, new SeriesChange(series.Id, null, new TimeOnly(9, 30), new TimeOnly(16, 0)));
        var kept = await portal.ReadAsync(db => db.BookingLines.CountAsync(l => l.Status == LineStatus.Approved));
        var longer = await Change(portal, town, new SeriesChange(series.Id, null, new TimeOnly(9, 30), new TimeOnly(17, 0)));

        Assert.Equal((3, series.ApprovalRequestId), (kept, shorter.ApprovalRequestId));
        Assert.NotEqual(series.ApprovalRequestId, longer.ApprovalRequestId);
        Assert.Equal(3, await portal.ReadAsync(db => db.BookingLines.CountAsync(l => l.Status == LineStatus.Requested)));
        Assert.Equal(2, await portal.ReadAsync(db => db.Set<Features.Approvals.ApprovalRequest>().CountAsync()));
    }

    [Fact]
    public async Task A_series_is_one_of_the_bookings_a_person_may_have_open()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        await portal.WriteAsync(db => { db.Add(new RuleSet(1, new DateOnly(2026, 4, 6), null, null, null, null, "件数").Set("OpenBookings", "2").Publish(StaffId.New(), portal.Clock.GetUtcNow())); return Task.CompletedTask; });
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T14:00", "2026-04-07T15:00"));

        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=4");
        await Change(portal, town, new SeriesChange(series.Id, null, new TimeOnly(9, 0), new TimeOnly(10, 0)));
        var third = await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T14:00", "2026-04-08T15:00")));

        Assert.Equal(4, (await Booked(portal, series.Id)).Count);
        Assert.Equal("貸-403", Assert.Single(third.Broken).Rule.Number);
    }

    [Fact]
    public async Task Giving_up_all_days_is_told_once_and_a_change_begins_on_a_day_of_the_series()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=4");

        await Assert.ThrowsAsync<NotHereException>(() => Change(portal, town, new SeriesChange(series.Id, new DateOnly(2026, 4, 15), new TimeOnly(9, 0), new TimeOnly(10, 0))));
        await Act(portal, town, portal.Town.Desk, async (bookings, asker) => { await bookings.CancelAsync(series.Id, null, asker, "会議室の工事", default); return true; });

        Assert.Empty(await Booked(portal, series.Id));
        Assert.Equal(1, await portal.ReadAsync(db => db.Set<Notification>().CountAsync(n => n.Kind == "booking.cancelled" && n.StaffId == portal.Town.Sato)));
    }

    [Fact]
    public async Task More_than_52_times_or_beyond_the_window_is_refused()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);

        var many = await Assert.ThrowsAsync<RuleViolation>(() => Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=DAILY;COUNT=53"));
        var far = await Assert.ThrowsAsync<RuleViolation>(() => Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=MONTHLY;COUNT=5"));

        Assert.Equal(("貸-801", "繰り返しは52回までです。"), (Assert.Single(many.Broken).Rule.Number, many.Broken[0].Message));
        Assert.All(far.Broken, b => Assert.Equal("貸-103", b.Rule.Number));
        Assert.Equal(["Picks[2026-07-07]", "Picks[2026-08-07]"], far.Broken.Select(b => b.Field));
    }

    [Fact]
    public async Task Two_rows_for_one_day_of_a_series_are_refused_by_the_database()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=2");
        await town.Cancel(series.Days[0].BookingId!.Value, portal.Town.Sato);

        var removed = await portal.ReadAsync(db => db.SeriesDays.CountAsync(d => d.State == SeriesDayState.Removed));
        var twice = await Record.ExceptionAsync(() => portal.WriteAsync(async db =>
        {
            var day = await db.SeriesDays.AsNoTracking().SingleAsync(d => d.State == SeriesDayState.Removed);
            var again = new SeriesDay(day.Day, SeriesDayState.Booked, day.Day, BookingId.New());
            db.Add(again);
            db.Entry(again).Property(d => d.SeriesId).CurrentValue = series.Id;
        }));

        Assert.Equal(1, removed);
        Assert.True(KitaPortal.Data.DatabaseErrors.IsUnique(twice!));
    }

    [Theory]
    [InlineData("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4", "2026-04-07 2026-04-09 2026-04-14 2026-04-16")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;COUNT=3", "2026-04-07 2026-04-21 2026-05-05")]
    [InlineData("FREQ=MONTHLY;BYDAY=1TU;COUNT=3", "2026-04-07 2026-05-05 2026-06-02")]
    [InlineData("FREQ=DAILY;UNTIL=20260409", "2026-04-07 2026-04-08 2026-04-09")]
    [InlineData("FREQ=DAILY;UNTIL=20260408T150000Z", "2026-04-07 2026-04-08 2026-04-09")]
    [InlineData("RRULE:FREQ=MONTHLY;BYMONTHDAY=7;COUNT=2", "2026-04-07 2026-05-07")]
    public void Rules_name_their_days(string rule, string days)
        => Assert.Equal(days.Split(' '), Recurrence.Parse(rule).Days(new DateOnly(2026, 4, 7)).Select(d => $"{d:yyyy-MM-dd}"));

    [Theory]
    [InlineData("")]
    [InlineData("FREQ=HOURLY;COUNT=3")]
    [InlineData("FREQ=YEARLY;COUNT=3")]
    [InlineData("FREQ=WEEKLY")]
    [InlineData("FREQ=WEEKLY;COUNT=3;UNTIL=20260501")]
    [InlineData("FREQ=WEEKLY;COUNT=0")]
    [InlineData("FREQ=WEEKLY;BYHOUR=9;COUNT=3")]
    [InlineData("FREQ=DAILY;INTERVAL=0;COUNT=3")]
    [InlineData("FREQ=WEEKLY;BYDAY=XX;COUNT=3")]
    [InlineData("nonsense")]
    public void What_is_no_rule_of_the_town_is_refused(string rule)
        => Assert.Equal("貸-931", Assert.Single(Assert.Throws<RuleViolation>(() => Recurrence.Parse(rule)).Broken).Rule.Number);

    [Fact]
    public async Task The_pages_show_each_day_save_the_picked_ones_and_cancel_one()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-14T09:00", "2026-04-14T17:00"));
        using var sato = await portal.As(portal.Town.Sato);
        using var tanaka = await portal.As(portal.Town.Tanaka);
        var id = Guid.NewGuid();
        var form = $"Id={id}&Form.Choice=p{town.Tablets}&Form.Count=1&Form.From=2026-04-07T10:00&Form.To=2026-04-07T11:00&Form.Purpose=OnlineMeeting&Form.DestinationKind=InBuilding&Form.InfoClass=Class2&Repeat.Frequency=WEEKLY&Repeat.Interval=1&Repeat.Count=3&Repeat.Holidays=Skip";
        var fields = new Dictionary<string, string>(form.Split('&').Select(p => p.Split('=')).Select(p => KeyValuePair.Create(p[0], p[1])));

        var shown = await sato.Get($"/booking/series/new?{form}");
        var refused = await sato.Submit($"/booking/series/new?{form}", new Dictionary<string, string>(fields) { ["Picks[2026-04-14]"] = "book" });
        var made = await sato.Submit($"/booking/series/new?{form}", new Dictionary<string, string>(fields) { ["Picks[2026-04-14]"] = "skip" });
        var cancelled = await sato.Submit($"/booking/series/{id}", new { scope = "this", day = "2026-04-21" }, $"/booking/series/{id}?handler=Cancel");

        Assert.Contains("4月14日（火） 予約できません", shown.Words);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("4月14日（火）：会議用iPad（本庁）はこの期間に空きがありません。", refused.Words);
        Assert.Contains("2回を予約しました。", made.Words);
        Assert.Contains("取消", cancelled.Words);
        Assert.Equal(HttpStatusCode.NotFound, (await tanaka.Get($"/booking/series/{id}")).Status);
    }

    [Fact]
    public async Task The_API_takes_a_rule_and_the_same_id_gives_the_same_series()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var id = Guid.NewGuid();

        var first = await sato.PostJson("/api/v1/booking/bookings", Body(town, id, "FREQ=WEEKLY;COUNT=2"));
        var again = await sato.PostJson("/api/v1/booking/bookings", Body(town, id, "FREQ=WEEKLY;COUNT=2"));
        var other = await sato.PostJson("/api/v1/booking/bookings", Body(town, id, "FREQ=WEEKLY;COUNT=3"));
        var wrong = await sato.PostJson("/api/v1/booking/bookings", Body(town, Guid.NewGuid(), "FREQ=SECONDLY;COUNT=3"));

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity], [first.Status, again.Status, other.Status, wrong.Status]);
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(2, first.Json.GetProperty("bookings").GetArrayLength());
    }

    [Fact]
    public async Task A_day_that_was_mailed_by_itself_is_changed_and_taken_out_of_the_calendar_with_the_series()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var series = await Reserve(portal, town, "2026-04-07T10:00", "2026-04-07T11:00", "FREQ=WEEKLY;COUNT=3");
        var second = await portal.ReadAsync(db => db.Bookings.AsNoTracking().Include(b => b.Lines).SingleAsync(b => b.OccurrenceDate == new DateOnly(2026, 4, 14)));
        await portal.Change(town, portal.Town.Desk, second, "2026-04-14T13:00", "2026-04-14T14:00");

        await Change(portal, town, new SeriesChange(series.Id, null, new TimeOnly(15, 0), new TimeOnly(16, 0)));
        await Act(portal, town, portal.Town.Sato, async (bookings, asker) => { await bookings.CancelAsync(series.Id, null, asker, null, default); return true; });
        await NewsTests.Send(portal);

        var parts = (await NewsTests.Mails(portal)).SelectMany(m => m.BodyParts.OfType<MimeKit.TextPart>()).Where(p => p.ContentType.MimeType == "text/calendar").ToList();
        Assert.All(parts, p => Assert.Contains($"UID:{second.Lines[0].Id}", p.Text, StringComparison.Ordinal));
        Assert.Equal(["REQUEST", "REQUEST", "CANCEL"], parts.OrderBy(p => int.Parse(System.Text.RegularExpressions.Regex.Match(p.Text, "SEQUENCE:([0-9]+)").Groups[1].ValueSpan)).Select(p => p.ContentType.Parameters["method"]));
    }

    private static object Body(BookingTown town, Guid id, string rrule) => new
    {
        id,
        rrule,
        lines = new[] { new { poolId = town.Tablets.Value } },
        from = "2026-04-07T09:00:00+09:00",
        to = "2026-04-07T10:00:00+09:00",
        purpose = "OnlineMeeting",
        destination = "InBuilding",
    };

    internal static Task<BookingSeries> Reserve(PortalHost portal, BookingTown town, string from, string to, string rule, HolidayPolicy holidays = HolidayPolicy.Skip, PoolId? pool = null, BookingAim? aim = null, params (DateOnly, Pick)[] picks)
        => Act(portal, town, portal.Town.Sato, (bookings, asker) => bookings.ReserveAsync(
            new SeriesRequest(SeriesId.New(), town.Request(portal.Town.Sato, from, to, pool, aim: aim), Recurrence.Parse(rule), holidays) { Picks = picks.ToDictionary(p => p.Item1, p => p.Item2) }, asker, default));

    private static Task<IReadOnlyList<JudgedDay>> Preview(PortalHost portal, BookingTown town, string from, string to, string rule)
        => Act(portal, town, portal.Town.Sato, (bookings, asker) => bookings.PreviewAsync(new SeriesRequest(SeriesId.New(), town.Request(portal.Town.Sato, from, to), Recurrence.Parse(rule), HolidayPolicy.Skip), asker, default));

    private static Task<BookingSeries> Change(PortalHost portal, BookingTown town, SeriesChange act)
        => Act(portal, town, portal.Town.Sato, (bookings, asker) => bookings.ChangeAsync(act, asker, default));

    internal static async Task<T> Act<T>(PortalHost portal, BookingTown town, StaffId person, Func<SeriesBooking, Asker, Task<T>> act)
    {
        var asker = await town.AskerAsync(person);
        return await portal.InScopeAsync(services => act(services.GetRequiredService<SeriesBooking>(), asker));
    }

    internal static Task<List<string>> Booked(PortalHost portal, SeriesId id) => portal.ReadAsync(async db =>
        (await db.SeriesDays.Where(d => d.SeriesId == id && d.State == SeriesDayState.Booked).OrderBy(d => d.Day).Select(d => d.Day).ToListAsync()).Select(d => $"{d:yyyy-MM-dd}").ToList());
}
