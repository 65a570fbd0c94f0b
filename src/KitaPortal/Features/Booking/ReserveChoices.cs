using KitaPortal.Data;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>What may be chosen on the booking form: models and named devices, borrowers, responsible persons.</summary>
internal static class ReserveChoices
{
    /// <summary>All models by office; devices the form names are put in front.</summary>
    public static async Task<IReadOnlyList<SelectListItem>> DevicesAsync(PortalDb db, IEnumerable<string?> chosen, DateOnly today, CancellationToken ct)
    {
        var rows = (await db.StandingAsync<LendingBook>(ct)).Pools.Where(p => p.Model.RetiredOn is not { } retired || retired > today)
            .OrderBy(p => p.Office.SortOrder).ThenByDescending(p => p.Class.CountsAsMain).ThenBy(p => p.Model.Name, StringComparer.Ordinal)
            .Select(p => new { p.Pool.Id, Model = p.Model.Name, Office = p.Office.Name }).ToList();
        var groups = rows.Select(r => r.Office).Distinct().ToDictionary(o => o, o => new SelectListGroup { Name = o });
        List<SelectListItem> choices = [.. rows.Select(r => new SelectListItem($"{r.Model}（{r.Office}）", $"p{r.Id}") { Group = groups[r.Office] })];
        choices.InsertRange(0, await KitsAsync(db, ct));
        var named = chosen.Select(c => c is { Length: > 1 } && c[0] == 'd' && Guid.TryParse(c[1..], out var id) ? new DeviceId(id) : (DeviceId?)null).OfType<DeviceId>().Distinct().ToList();
        if (named.Count > 0)
            choices.InsertRange(0, (await db.Devices.Where(d => named.Contains(d.Id)).OrderBy(d => d.Label).Select(d => new { d.Id, d.Label }).ToListAsync(ct)).Select(d => new SelectListItem($"{d.Label}（この端末）", $"d{d.Id}")));
        return choices;
    }

    // Each kit at the offices that have something of it.
    private static async Task<List<SelectListItem>> KitsAsync(PortalDb db, CancellationToken ct)
    {
        var group = new SelectListGroup { Name = "セット" };
        var rows = await (
            from kit in db.Kits
            where !kit.IsRetired
            from item in kit.Items
            join pool in db.Pools on item.ModelId equals pool.ModelId
            join office in db.Offices on pool.OfficeId equals office.Id
            orderby kit.Name, office.SortOrder
            select new { kit.Id, kit.Name, OfficeId = office.Id, Office = office.Name }).ToListAsync(ct);
        return [.. rows.Distinct().Select(r => new SelectListItem($"{r.Name}（{r.Office}）", $"k{r.Id}@{r.OfficeId}") { Group = group })];
    }

    /// <summary>Whom the person may book for: everybody at a desk, else themselves and those whose delegate they are. Empty when only themselves.</summary>
    public static async Task<IReadOnlyList<SelectListItem>> BorrowersAsync(PortalDb db, CurrentStaff me, DateOnly today, CancellationToken ct)
    {
        if (me.Is(Role.Desk) || me.Is(Role.LendingManager)) return await db.StaffChoicesAsync(today, ct);
        var id = me.Id;
        var principals = await (
            from given in db.Delegates
            where given.DelegateId == id && given.From <= today && (given.To == null || today < given.To)
            join staff in db.Staff.On(today) on given.StaffId equals staff.Id
            orderby staff.YomiKey
            select new { staff.Id, Name = staff.FamilyName + "　" + staff.GivenName }).ToListAsync(ct);
        return [.. principals.Select(p => new SelectListItem(p.Name, p.Id.ToString()))];
    }

    /// <summary>The colleagues of the borrower's departments.</summary>
    public static async Task<IReadOnlyList<SelectListItem>> ResponsiblesAsync(PortalDb db, CurrentStaff me, StaffId? borrower, DateOnly today, CancellationToken ct)
    {
        var departments = borrower is { } other && other != me.Id ? [.. (await CurrentStaff.LoadAsync(db, other, "", today, ct)).Departments] : me.Departments.ToList();
        return [.. (await (
            from posting in db.Postings.On(today)
            where departments.Contains(posting.DepartmentId)
            join staff in db.Staff.On(today) on posting.StaffId equals staff.Id
            orderby staff.YomiKey
            select new { staff.Id, Name = staff.FamilyName + "　" + staff.GivenName }).ToListAsync(ct)).DistinctBy(s => s.Id).Select(s => new SelectListItem(s.Name, s.Id.ToString()))];
    }
}
