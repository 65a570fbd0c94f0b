using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Eligible;

/// <summary>Who lacks an agreement or a training, as far as the person may see: all for the managers, the own section for its head, the own office for its desk.</summary>
public static class EligiblePeople
{
    /// <summary>One person of the list.</summary>
    public sealed record Row(StaffId Id, string Number, string Name, string Department, string Office, BorrowerStanding Standing, bool NeedsAgreement)
    {
        public bool Lacks(DateOnly day) => (NeedsAgreement && !(Standing.AgreementUntil >= day)) || !(Standing.Training >= day);
    }

    public static bool MaySee(CurrentStaff me) => SeesAll(me) || me.HeadOf.Count > 0 || me.DeskOffices.Count > 0;

    private static bool SeesAll(CurrentStaff me) => me.Is(Role.SecurityManager) || me.Is(Role.Admin) || me.Is(Role.LendingManager) || me.Is(Role.Auditor);

    public static async Task<IReadOnlyList<Row>> LoadAsync(PortalDb db, CurrentStaff me, string? sought, DateTimeOffset now, CancellationToken ct)
    {
        var today = TokyoTime.DayOf(now);
        var chart = await OrganisationChart.LoadAsync(db, today, ct);
        var heads = me.HeadOf.SelectMany(d => chart.Below(d).Append(d)).Distinct().ToList();
        var (all, offices) = (SeesAll(me), me.DeskOffices.ToList());
        var found =
            from staff in db.Staff.On(today)
            join posting in db.Postings.On(today) on staff.Id equals posting.StaffId
            where posting.Kind == PostingKind.Main
            join term in db.DepartmentTerms.On(today) on posting.DepartmentId equals term.DepartmentId
            join office in db.Offices on posting.OfficeId ?? term.OfficeId equals office.Id
            where all || heads.Contains(posting.DepartmentId) || offices.Contains(office.Id)
            orderby office.SortOrder, term.SortOrder, staff.YomiKey
            select new { staff.Id, staff.StaffNumber, Family = staff.UsesFormerName && staff.FormerName != null ? staff.FormerName : staff.FamilyName, staff.GivenName, staff.SearchText, Department = term.Name, Office = office.Name };
        foreach (var word in SearchFold.Fold(sought ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)) found = found.Where(f => f.SearchText.Contains(word));
        var people = await found.ToListAsync(ct);
        var standing = await BorrowerStanding.LoadAsync(db, [.. people.Select(p => p.Id)], today, now, ct);
        return [.. people.Select(p => new Row(p.Id, p.StaffNumber, $"{p.Family}\u3000{p.GivenName}", p.Department, p.Office, standing[p.Id], standing[p.Id].Agreements.Count > 0))];
    }
}
