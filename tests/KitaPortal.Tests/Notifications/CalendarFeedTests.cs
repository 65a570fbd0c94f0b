using System.Net;
using System.Text.RegularExpressions;
using Ical.Net.CalendarComponents;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Notifications;

/// <summary>The calendar feed: one revocable secret address per person, true to what happens to the bookings.</summary>
public sealed class CalendarFeedTests
{
    [Fact]
    public async Task A_change_keeps_the_UID_raises_SEQUENCE_and_a_cancelled_line_stays_for_sixty_days()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var address = await MakeAsync(sato);
        using var calendar = portal.Anonymous();
        var aim = InBuilding with { PurposeNote = "ひみつの会議", InfoClass = KitaPortal.Platform.Domain.InfoClass.Class3C };
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", aim: aim));
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-08T09:00", "2026-04-08T12:00"));

        var before = await calendar.Get(address);
        await town.Cancel(booking.Id, portal.Town.Sato);
        var after = Assert.Single(Events(await calendar.Get(address)));
        portal.Clock.SetUtcNow(At("2026-06-04T09:00"));
        var still = Events(await calendar.Get(address));
        portal.Clock.SetUtcNow(At("2026-06-06T09:00"));
        var gone = Events(await calendar.Get(address));

        var first = Assert.Single(Events(before));
        Assert.Equal((booking.Lines[0].Id.ToString(), "端末の予約 会議用iPad", "本庁の貸出窓口", "CONFIRMED"), (first.Uid, first.Summary, first.Location, first.Status));
        Assert.Contains("DTSTART;TZID=Asia/Tokyo:20260407T090000", before.Text);
        Assert.Contains("BEGIN:VTIMEZONE", before.Text);
        Assert.DoesNotContain("ひみつ", before.Text);
        Assert.DoesNotContain("会議）", before.Text);
        Assert.DoesNotContain("3C", Regex.Replace(before.Text, "UID:.*", ""));
        Assert.Equal((first.Uid, "CANCELLED", true), (after.Uid, after.Status, after.Sequence > first.Sequence));
        Assert.Equal((1, 0), (still.Count, gone.Count));
    }

    [Fact]
    public async Task The_feed_answers_304_until_something_changes()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var address = await MakeAsync(sato);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00"));
        using var calendar = portal.Anonymous();

        var first = await calendar.Get(address);
        calendar.Http.DefaultRequestHeaders.Add("If-None-Match", first.Response.Headers.ETag!.ToString());
        portal.Clock.Advance(TimeSpan.FromMinutes(5));
        var same = await calendar.Get(address);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T09:00", "2026-04-08T12:00"));
        var changed = await calendar.Get(address);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotModified, HttpStatusCode.OK], [first.Status, same.Status, changed.Status]);
        Assert.Equal("text/calendar", first.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(2, Events(changed).Count);
    }

    [Fact]
    public async Task The_address_is_shown_once_stored_hashed_replaced_and_revoked_by_its_owner()
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        using var calendar = portal.Anonymous();

        var first = await MakeAsync(sato);
        var readable = await calendar.Get(first);
        var second = await MakeAsync(sato);
        var shownAgain = await sato.Get("/notifications/calendar");
        var (old, now) = (await calendar.Get(first), await calendar.Get(second));
        await sato.Submit("/notifications/calendar", null, "/notifications/calendar?handler=Revoke");
        var revoked = await calendar.Get(second);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.NotFound], [readable.Status, old.Status, now.Status, revoked.Status]);
        Assert.DoesNotContain(second[^52..], shownAgain.Text);
        var audit = await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Audit.AuditEntry>().Where(e => e.SubjectKind == "calendar-feed").OrderBy(e => e.At).Select(e => e.Action + (e.After ?? "")).ToListAsync());
        Assert.Equal(3, audit.Count);
        Assert.All(audit, a => Assert.DoesNotContain(second[^52..^4], a));
    }

    [Fact]
    public async Task The_feed_ends_the_day_its_owner_leaves_and_says_only_busy_when_asked_to()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var address = await MakeAsync(sato, "no");
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00"));
        using var calendar = portal.Anonymous();

        var busy = Assert.Single(Events(await calendar.Get(address)));
        await portal.WriteAsync(async db => (await db.Set<Features.People.StaffMember>().SingleAsync(s => s.Id == portal.Town.Sato)).Leave(new DateOnly(2026, 4, 6)));
        var gone = await calendar.Get(address);

        Assert.Equal("予約あり", busy.Summary);
        Assert.Equal(HttpStatusCode.NotFound, gone.Status);
    }

    private static async Task<string> MakeAsync(PortalClient person, string fullTitles = "yes")
    {
        var made = await person.Submit("/notifications/calendar", new { FullTitles = fullTitles }, "/notifications/calendar?handler=Make");
        var found = Regex.Match(made.Text, "/notifications/calendar/[0-9a-f]{48}\\.ics");
        Assert.True(found.Success, made.Words);
        return found.Value;
    }

    private static List<CalendarEvent> Events(Answer answer) => [.. Ical.Net.Calendar.Load(answer.Text)!.Events];
}
