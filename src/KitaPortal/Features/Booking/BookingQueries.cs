using KitaPortal.Features.People.Roles;

namespace KitaPortal.Features.Booking;

/// <summary>Whose bookings a person may see and change.</summary>
public static class BookingScopes
{
    /// <summary>Own ones, those made for others, the section's for its head, all for desks and the security manager.</summary>
    public static IQueryable<Booking> VisibleTo(this IQueryable<Booking> bookings, CurrentStaff me)
    {
        if (me.Is(Role.SecurityManager) || me.Is(Role.LendingManager) || me.Is(Role.Desk)) return bookings;
        var (id, heads) = (me.Id, me.HeadOf.ToList());
        return bookings.Where(b => b.BorrowerId == id || b.CreatedById == id || b.ResponsibleId == id || heads.Contains(b.DepartmentId));
    }

    /// <summary>Own ones, those made for others, and all for desks.</summary>
    public static IQueryable<Booking> ChangeableBy(this IQueryable<Booking> bookings, CurrentStaff me)
    {
        if (me.Is(Role.LendingManager) || me.Is(Role.Desk)) return bookings;
        var id = me.Id;
        return bookings.Where(b => b.BorrowerId == id || b.CreatedById == id);
    }
}
