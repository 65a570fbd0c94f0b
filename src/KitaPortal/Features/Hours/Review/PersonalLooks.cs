using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Hours.Review;

/// <summary>Remembers who looked at whose hours: one line in the audit, and one for each person to see under 自分の記録を見た人.</summary>
public sealed class PersonalLooks(PortalDb db, CurrentStaff me, TimeProvider clock)
{
    public async Task RememberAsync(IEnumerable<StaffId> people, string what, CancellationToken ct)
    {
        var seen = people.Where(p => p != me.Id).Distinct().ToList();
        if (seen.Count == 0) return;
        var now = clock.GetUtcNow();
        var said = what.Length > 300 ? what[..300] : what;
        await db.WriteAsync(() =>
        {
            db.AddRange(seen.Select(p => new PersonalLook(p, me.Id, now, said)));
            db.Audit(new AuditNote("hours.personal-view", "hours-personal", me.Id.ToString(), After: new { people = seen.Count, what = said }));
            return Task.CompletedTask;
        }, ct);
    }
}
