using KitaPortal.Data;
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
        var scope = office.Id.Value;
        var lost = await db.Incidents.AsNoTracking().Where(i => i.DeviceId == device.Id && i.FoundAt == null && (i.Kind == IncidentKind.Loss || i.Kind == IncidentKind.Theft)).OrderByDescending(i => i.KnownAt).FirstOrDefaultAsync(ct);
        var isLost = lost is not null;
        var people = await db.RoleGrants.On(day).Where(g => g.ToStaffId != null && ((g.Role == Role.Desk && g.ScopeId == scope) || (isLost && g.Role == Role.SecurityManager))).Select(g => g.ToStaffId!.Value).Distinct().ToListAsync(ct);
        var where = string.IsNullOrWhiteSpace(place) ? "場所の記入はありません。" : $"場所：{place.Trim()}";
        db.Audit(new AuditNote("device.found-told", "Device", device.SubjectId, After: new { place, lost?.Number }));
        await db.PublishAsync(new News("device.found", $"device.found:{device.Id}:{now.UtcTicks / TimeSpan.TicksPerMinute}", [.. people.Where(p => p != finder)], $"{device.Label}を拾ったという届け出です{(lost is null ? "" : $"（{lost.Number}）")}", where, lost is null ? $"/d/{device.Token}" : $"/booking/incidents/{lost.Id}")
        { ActorId = finder, Importance = Importance.Important }, ct);
        await db.SaveChangesAsync(ct);
    }, ct);
}
