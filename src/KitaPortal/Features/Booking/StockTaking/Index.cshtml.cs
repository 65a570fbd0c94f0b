using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.StockTaking;

/// <summary>Counts of the past, and the start of a new one.</summary>
[Authorize(Policies.Desk)]
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty]
    public Guid NewId { get; set; } = Guid.CreateVersion7();

    [BindProperty]
    public OfficeId? OfficeId { get; set; }

    [BindProperty]
    public DeviceClassId? ClassId { get; set; }

    public IReadOnlyList<Office> Offices { get; private set; } = [];

    public IReadOnlyList<DeviceClass> Classes { get; private set; } = [];

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    /// <summary>A count with its results.</summary>
    public sealed record Row(Guid Id, string Office, string Class, DateTimeOffset StartedAt, DateTimeOffset? ClosedAt, int Expected, int Seen, int Missing);

    public override async Task LoadAsync(CancellationToken ct)
    {
        Offices = [.. (await db.Offices.AsNoTracking().OrderBy(o => o.SortOrder).ToListAsync(ct)).Where(o => me.IsDeskOf(o.Id))];
        Classes = await db.DeviceClasses.AsNoTracking().OrderByDescending(c => c.CountsAsMain).ThenBy(c => c.Name).ToListAsync(ct);
        var ids = Offices.Select(o => o.Id).ToList();
        var takes = await db.StockTakes.AsNoTracking().Include(s => s.Items).Where(s => ids.Contains(s.OfficeId)).OrderByDescending(s => s.StartedAt).Take(24).AsSplitQuery().ToListAsync(ct);
        Rows = [.. takes.Select(s => new Row(s.Id, Offices.First(o => o.Id == s.OfficeId).Name, Classes.FirstOrDefault(c => c.Id == s.ClassId)?.Name ?? "すべての区分", s.StartedAt, s.ClosedAt,
            s.Items.Count(i => i.IsExpected), s.Items.Count(i => i.IsExpected && i.SeenAt is not null), s.Items.Count(i => i.Result == StockTakeResult.Missing)))];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var office = OfficeId is { } o && me.IsDeskOf(o) ? o : throw new NotHereException();
        await db.WriteAsync(async () =>
        {
            if (await db.StockTakes.AnyAsync(s => s.Id == NewId, ct)) return;
            var kind = ClassId;
            Demand.All(await db.StockTakes.AnyAsync(s => s.OfficeId == office && s.ClassId == kind && s.ClosedAt == null, ct) ? StockTakeRules.StillOpen.With() : null);
            var expected = await (
                from device in db.Devices
                where device.Status != DeviceStatus.Retired
                join pool in db.Pools on device.PoolId equals pool.Id
                where pool.OfficeId == office
                join model in db.DeviceModels on device.ModelId equals model.Id
                where kind == null || model.ClassId == kind
                orderby device.Label
                select new { device.Id, device.Label, Model = model.Name }).ToListAsync(ct);
            db.Add(new StockTake(NewId, office, kind, me.Id, clock.GetUtcNow(), expected.Select(e => (e.Id, e.Label, e.Model))));
            await db.SaveChangesAsync(ct);
        }, ct);
        return Redirect($"/booking/stock-take/{NewId}");
    }
}
