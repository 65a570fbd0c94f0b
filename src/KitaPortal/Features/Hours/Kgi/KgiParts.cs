using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Features.People;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Kgi;

/// <summary>One row of the breakdown by office, class or purpose.</summary>
public sealed record KgiShare(string Name, long Minutes);

/// <summary>The KGI of a year by office, class and purpose; for all but HR and auditors small groups are merged as in every public view.</summary>
public sealed record KgiParts(IReadOnlyList<KgiShare> Offices, IReadOnlyList<KgiShare> Classes, IReadOnlyList<KgiShare> Purposes, bool IsMerged)
{
    private const string Rest = "その他";

    private sealed record Part(Guid Office, string Class, string Purpose, long Minutes);

    /// <param name="sizes">Null shows every part by itself.</param>
    public static async Task<KgiParts> LoadAsync(PortalDb db, KgiYear kgi, GroupSizes? sizes, CancellationToken ct)
    {
        var measure = kgi.Policy.KgiMeasure;
        var parts = await db.Figures(TotalSort.Place, kgi.Year, kgi.Year, kgi.Until, measure).Where(e => e.CountedMonth != 0)
            .GroupBy(e => new { e.OfficeId, e.Class, e.Purpose }).Select(g => new Part(g.Key.OfficeId, g.Key.Class, g.Key.Purpose, g.Sum(e => e.Minutes))).ToListAsync(ct);
        var offices = (await db.StandingAsync<OrganisationBook>(ct)).Offices.ToDictionary(o => o.Id.Value, o => o.Name);
        var classes = await db.DeviceClasses.Select(c => new { c.Code, c.Name }).ToDictionaryAsync(c => c.Code, c => c.Name, ct);
        var views = sizes is null ? null : await sizes.ViewsAsync(db, measure, kgi.Year, kgi.Until, kgi.Options.SmallGroup,
            v => parts.All(p => v.Knows(p.Office) && v.Classes.Any(c => c.Contains(p.Class)) && v.Purposes.Any(u => u.Contains(p.Purpose))), ct);
        return new(
            Shares(p => p.Office, o => offices.GetValueOrDefault(o), views?.Places.Select(b => b.Offices)),
            Shares(p => p.Class, c => classes.GetValueOrDefault(c), views?.Classes),
            Shares(p => p.Purpose, HoursText.Purpose, views?.Purposes),
            views is not null && (views.Places.Any(b => b.Offices.Count > 1) || views.Classes.Concat(views.Purposes).Any(g => g.Count > 1)));

        IReadOnlyList<KgiShare> Shares<T>(Func<Part, T> key, Func<T, string?> name, IEnumerable<IReadOnlyList<T>>? groups)
        {
            var merged = groups?.FirstOrDefault(g => g.Count > 1) ?? [];
            return [.. parts.GroupBy(p => merged.Contains(key(p)) ? Rest : name(key(p)) ?? "不明").Select(g => new KgiShare(g.Key, g.Sum(p => p.Minutes))).Where(s => s.Minutes != 0)
                .OrderBy(s => s.Name == Rest).ThenByDescending(s => s.Minutes).ThenBy(s => s.Name, StringComparer.Ordinal)];
        }
    }
}
