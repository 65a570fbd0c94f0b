using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace KitaPortal.Features.Notifications.Calendar;

/// <summary>Answers <c>/notifications/calendar/{secret}.ics</c>: whoever has the address reads the owner's appointments, nothing else.</summary>
internal static class CalendarReader
{
    private const int DaysBack = 30, DaysAhead = 180, CancelledDays = 60;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/notifications/calendar/{secret:length(48)}.ics", ReadAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> ReadAsync(string secret, HttpContext http, PortalDb db, IEnumerable<ICalendarSource> sources, IOptions<CalendarFeedOptions> options, TimeProvider clock, CancellationToken ct)
    {
        var (now, today) = (clock.GetUtcNow(), clock.Today());
        var hash = CalendarFeed.HashOf(secret);
        var feed = options.Value.Feeds ? await db.CalendarFeeds.SingleOrDefaultAsync(f => f.SecretHash == hash, ct) : null;
        if (feed is null) return Results.NotFound();
        var owner = feed.OwnerId;
        if (!await db.Staff.On(today).AnyAsync(s => s.Id == owner, ct)) return Results.NotFound();

        var items = await ItemsAsync(sources, owner, now, feed.FullTitles, ct);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(items)))[..32]}\"");
        if (feed.ReadAt(now)) await db.WriteAsync(() => Task.CompletedTask, ct);
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers.ETag = tag.ToString();
        if (http.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false))) return Results.StatusCode(StatusCodes.Status304NotModified);
        return Results.Text(CalendarText.Feed(items, "職員ポータル", now), "text/calendar", Encoding.UTF8);
    }

    /// <summary>What the feed holds now, in order of time.</summary>
    public static async Task<IReadOnlyList<CalendarItem>> ItemsAsync(IEnumerable<ICalendarSource> sources, StaffId owner, DateTimeOffset now, bool fullTitles, CancellationToken ct)
    {
        var window = new Period(now.AddDays(-DaysBack), now.AddDays(DaysAhead));
        var items = new List<CalendarItem>();
        foreach (var source in sources) items.AddRange(await source.AppointmentsAsync(owner, window, now.AddDays(-CancelledDays), ct));
        return [.. items.OrderBy(i => i.From).ThenBy(i => i.Uid, StringComparer.Ordinal).Select(i => fullTitles ? i : i with { Summary = "予約あり", Location = "" })];
    }
}

/// <summary>Settings of calendar feeds.</summary>
public sealed class CalendarFeedOptions
{
    /// <summary>Persons may make an address for their calendar program.</summary>
    public bool Feeds { get; set; } = true;
}
