using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Kits;

/// <summary>All kits, with what is in them and the offices that have everything of them.</summary>
[Authorize(Policy = Policies.Admin)]
public sealed class IndexPage(PortalDb db) : FormPage
{
    /// <summary>So many of a model.</summary>
    public sealed record Item(string Model, int Count);

    /// <summary>One kit.</summary>
    public sealed record Row(KitId Id, string Name, string? Note, bool IsRetired, IReadOnlyList<Item> Items, IReadOnlyList<string> Offices);

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var kits = await db.Kits.AsNoTracking().Include(k => k.Items).OrderBy(k => k.IsRetired).ThenBy(k => k.Name).ToListAsync(ct);
        var models = await db.DeviceModels.Select(m => new { m.Id, m.Name }).ToDictionaryAsync(m => m.Id, m => m.Name, ct);
        var pools = await (from pool in db.Pools join office in db.Offices on pool.OfficeId equals office.Id orderby office.SortOrder select new { pool.ModelId, office.Name }).ToListAsync(ct);
        var byOffice = pools.GroupBy(p => p.Name).Select(g => (Office: g.Key, Models: g.Select(p => p.ModelId).ToHashSet())).ToList();
        Rows = [.. kits.Select(k => new Row(k.Id, k.Name, k.Note, k.IsRetired, [.. k.Items.OrderBy(i => i.Id).Select(i => new Item(models[i.ModelId], i.Count))],
            [.. byOffice.Where(o => k.Items.All(i => o.Models.Contains(i.ModelId))).Select(o => o.Office)]))];
    }
}
