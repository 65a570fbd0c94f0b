using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>Who may act for whom today: 代決 by holders of 代決権 for the head of their department, 代理 by an absence cover.</summary>
public static class Deputies
{
    /// <summary>The covers of a day.</summary>
    public static IQueryable<AbsenceCover> On(this IQueryable<AbsenceCover> covers, DateOnly day) => covers.Where(c => c.From <= day && day < c.To);

    /// <summary>For whom the person could act; <see cref="Deputyship.Absent"/> says whether now.</summary>
    public static async Task<IReadOnlyList<Deputyship>> DeputyshipsAsync(this PortalDb db, StaffId person, DateOnly day, CancellationToken ct)
    {
        var covers = db.AbsenceCovers.On(day);
        var named = await db.AbsenceCovers.On(day).Where(c => c.DeputyId == person).Select(c => c.StaffId).ToListAsync(ct);
        var heads = await Rights(db, day).Where(r => r.Holder == person).Select(r => new { r.Head, Absent = covers.Any(c => c.StaffId == r.Head) }).ToListAsync(ct);
        return [.. named.Select(p => new Deputyship(p, Capacity.Covers, true)), .. heads.Select(h => new Deputyship(h.Head, Capacity.DecidesForHead, h.Absent))];
    }

    /// <summary>Who could act for the absent ones among the people; nobody who is absent too.</summary>
    public static async Task<IReadOnlyList<(StaffId Deputy, Deputyship For)>> DeputiesOfAsync(this PortalDb db, IReadOnlyList<StaffId> people, DateOnly day, CancellationToken ct)
    {
        var covers = await db.AbsenceCovers.On(day).ToListAsync(ct);
        var absent = covers.Select(c => c.StaffId).ToHashSet();
        var away = people.Where(absent.Contains).ToList();
        if (away.Count == 0) return [];
        var rights = await Rights(db, day).Where(r => away.Contains(r.Head)).Select(r => new { r.Head, r.Holder }).ToListAsync(ct);
        var all = covers.Where(c => c.DeputyId is not null && away.Contains(c.StaffId)).Select(c => (c.DeputyId!.Value, new Deputyship(c.StaffId, Capacity.Covers, true)))
            .Concat(rights.Select(r => (r.Holder, new Deputyship(r.Head, Capacity.DecidesForHead, true))));
        return [.. all.Where(d => !absent.Contains(d.Item1)).Distinct()];
    }

    private static IQueryable<Right> Rights(PortalDb db, DateOnly day)
        => from holding in db.Postings.On(day)
           join post in db.Posts.Where(p => p.MayDecideForHead) on holding.PostId equals post.Id
           join heading in db.Postings.On(day) on holding.DepartmentId equals heading.DepartmentId
           join headPost in db.Posts.Where(p => p.IsHead) on heading.PostId equals headPost.Id
           where holding.StaffId != heading.StaffId
           select new Right { Holder = holding.StaffId, Head = heading.StaffId };

    private sealed class Right
    {
        public StaffId Holder { get; init; }

        public StaffId Head { get; init; }
    }
}
