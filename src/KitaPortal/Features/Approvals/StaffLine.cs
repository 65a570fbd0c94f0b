using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Text;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>The answer to a 職員 question: number, name and department in one line that stays readable for good.</summary>
public static class StaffLine
{
    /// <summary>The line of the one person meant by a staff number, a name or an earlier line; null for nobody or several.</summary>
    public static async Task<string?> FindAsync(PortalDb db, string typed, DateOnly today, CancellationToken ct)
    {
        var plain = typed.Nfkc().Trim();
        var number = plain.Split(' ', 2)[0];
        var name = string.Concat(plain.Where(c => !char.IsWhiteSpace(c)));
        var found = await db.Staff.AsNoTracking().Include(s => s.Postings).On(today)
            .Where(s => s.StaffNumber == number || s.FamilyName + s.GivenName == name).Take(2).ToListAsync(ct);
        if (found is not [var one]) return null;
        var departmentId = one.MainOn(today)?.DepartmentId;
        var department = await db.DepartmentTerms.On(today).Where(t => t.DepartmentId == departmentId).Select(t => t.Name).FirstOrDefaultAsync(ct);
        return $"{one.StaffNumber} {one.Name}{(department is null ? "" : $"（{department}）")}";
    }
}
