using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>貸出停止期間 as programs enter it.</summary>
public sealed class BlackoutApiTests
{
    private const string Blackouts = "/api/v1/booking/blackouts";

    [Fact]
    public async Task A_blackout_is_entered_once_with_what_is_done_with_its_bookings_and_ended_by_its_version()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T09:00", "2026-04-08T12:00"));
        using var admin = await portal.As(portal.Town.Admin);
        using var desk = await portal.As(portal.Town.Desk);
        var body = new { id = Guid.NewGuid(), officeId = portal.Town.MainOffice.Value, from = "2026-04-08T08:30:00+09:00", to = "2026-04-08T17:15:00+09:00", reason = "停電", choices = new Dictionary<Guid, string> { [booking.Lines[0].Id.Value] = "Cancel" } };

        var preview = await admin.PostJson($"{Blackouts}/preview", body);
        Assert.Equal(LineStatus.Approved, (await town.Line(booking.Id)).Status);
        var answers = new[]
        {
            await admin.PostJson(Blackouts, body),
            await admin.PostJson(Blackouts, body),
            await admin.PostJson(Blackouts, body with { reason = "工事" }),
            await desk.PostJson(Blackouts, body with { id = Guid.NewGuid() }),
            await admin.SendJson(HttpMethod.Put, $"{Blackouts}/{body.id}", new { version = 7, lifted = true }),
            await admin.SendJson(HttpMethod.Put, $"{Blackouts}/{body.id}", new { lifted = false }),
            await admin.SendJson(HttpMethod.Put, $"{Blackouts}/{body.id}", new { version = 0, lifted = true }),
        };

        Assert.Equal(booking.Number, Assert.Single(preview.Json.EnumerateArray()).GetProperty("number").GetString());
        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Forbidden, HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK], answers.Select(a => a.Status));
        Assert.Equal("停電", answers[4].Json.GetProperty("present").GetProperty("reason").GetString());
        Assert.Equal(["lifted", "version"], answers[5].WrongFields.Order());
        Assert.Equal(LineStatus.Cancelled, (await town.Line(booking.Id)).Status);
        Assert.Equal(0, (await admin.Get(Blackouts)).Json.GetArrayLength());
        portal.Clock.SetUtcNow(At("2026-04-09T10:00"));
        var again = await admin.SendJson(HttpMethod.Put, $"{Blackouts}/{body.id}", new { version = answers[6].Json.GetProperty("version").GetInt32(), lifted = true });
        Assert.Equal((HttpStatusCode.OK, answers[6].Json.GetProperty("lastsUntil").GetString()), (again.Status, again.Json.GetProperty("lastsUntil").GetString()));
    }

    [Fact]
    public async Task What_is_wrong_with_a_blackout_is_told_all_at_once()
    {
        await using var portal = await PortalHost.StartAsync();
        using var admin = await portal.As(portal.Town.Admin);

        var empty = await admin.PostJson(Blackouts, new { id = Guid.NewGuid() });
        var backwards = await admin.PostJson(Blackouts, new { id = Guid.NewGuid(), from = "2026-04-08T17:00:00+09:00", to = "2026-04-08T08:00:00+09:00", reason = "停電", repeat = "YEARLY" });

        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (empty.Status, backwards.Status));
        var nowhere = await admin.PostJson(Blackouts, new { id = Guid.NewGuid(), officeId = Guid.NewGuid(), classId = Guid.NewGuid(), from = "2026-04-08T08:00:00+09:00", to = "2026-04-08T17:00:00+09:00", reason = "停電" });
        Assert.Equal(["classId", "officeId"], nowhere.WrongFields.Order());
        Assert.Equal(["from", "reason", "to"], empty.WrongFields.Order());
        Assert.Equal(2, backwards.Rules.Count());
    }
}
