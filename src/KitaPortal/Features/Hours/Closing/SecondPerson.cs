using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Closing;

/// <summary>Who may be the second person of an act in two hands: another HR person; the security manager where HR is one person.</summary>
internal static class SecondPerson
{
    public static async Task<bool> MayConfirmAsync(PortalDb db, CurrentStaff me, DateOnly today, CancellationToken ct)
    {
        if (me.Is(Role.Hr)) return true;
        if (!me.Is(Role.SecurityManager)) return false;
        var staff = db.Staff.On(today);
        return await db.RoleGrants.On(today).CountAsync(g => g.Role == Role.Hr && (g.ToStaffId == null || staff.Any(s => s.Id == g.ToStaffId)), ct) <= 1;
    }
}
