using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>拾得の届け出: tells the desk a device belongs to where it lies; when it was reported lost, the security manager hears it too.</summary>
public sealed class FindReporting(PortalDb db, TimeProvider clock)
{
    public Task TellAsync(Device device, Office office, StaffId finder, string? place, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var day = TokyoTime.DayOf(now);
        var lost = await db.Incidents.AsNoTracking().Where(i => i.DeviceId == device.Id && i.FoundAt == null && (i.Kind == IncidentKind.Loss || i.Kind == IncidentKind.Theft)).OrderByDescending(i => i.KnownAt).FirstOrDefaultAsync(ct);
        var people = (await DeskPeople.OfAsync(db, office.Id, day, ct)).Concat(lost is null ? [] : await DeskPeople.OfAsync(db, Role.SecurityManager, null, day, ct)).Distinct();
        var where = string.IsNullOrWhiteSpace(place) ? "場所の記入はありません。" : $"場所：{place.Trim()}";
        db.Audit(new AuditNote("device.found-told", "Device", device.SubjectId, After: new { place, lost?.Number }));
        await db.PublishAsync(new News("device.found", $"device.found:{device.Id}:{now.UtcTicks / TimeSpan.TicksPerMinute}", [.. people.Where(p => p != finder)], $"{device.Label}を拾ったという届け出です{(lost is null ? "" : $"（{lost.Number}）")}", where, lost is null ? $"/d/{device.Token}" : $"/booking/incidents/{lost.Id}")
        { ActorId = finder, Importance = Importance.Important }, ct);
        await db.SaveChangesAsync(ct);
    }, ct);
}
