using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Host;

namespace KitaPortal.Tests.Booking.Availability;

/// <summary>Many devices with many bookings in the week of 2026-04-06, written as rows so that a test need not wait for the verbs.</summary>
internal static class BusyTown
{
    /// <summary>So many laptops more at 本庁, and bookings of two and a half hours spread over the week's open days; returns how many bookings there are.</summary>
    public static Task<int> FillAsync(PortalHost portal, BookingTown town, int devices, int bookings) => portal.WriteAsync(db =>
    {
        var made = 0;
        var ids = Enumerable.Range(0, devices).Select(i => BookingTown.Add(db, $"NPC-{i + 1:000}", town.Laptop, town.Laptops)).ToList();
        StaffId[] people = [portal.Town.Sato, portal.Town.Suzuki, portal.Town.GeneralHead, portal.Town.PlanningHead];
        foreach (var day in Enumerable.Range(6, 5))
            foreach (var start in new[] { "08:30", "11:15", "14:00" })
                foreach (var device in ids)
                {
                    if (made == bookings) return Task.FromResult(made);
                    var from = BookingTown.At($"2026-04-{day:00}T{start}");
                    var person = people[made++ % people.Length];
                    var booking = new Features.Booking.Booking(BookingId.New(), person, portal.Town.GeneralAffairs, person, BookingTown.InBuilding, "", "", "", from);
                    var line = booking.Add(town.Laptops, device, pinned: false, from, from.AddMinutes(150));
                    var occupancy = new Occupancy(device, town.Laptops, from, from.AddMinutes(150), OccupancyKind.Booking, line.Id.Value);
                    line.Occupy(occupancy);
                    booking.Confirm(from);
                    db.AddRange(booking, occupancy);
                }
        return Task.FromResult(made);
    });
}
