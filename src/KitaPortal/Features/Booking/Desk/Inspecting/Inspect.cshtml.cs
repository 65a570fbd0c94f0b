using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk.Inspecting;

/// <summary>点検・不足: devices that came back without the desk, lack accessories, or stand in maintenance; looked at and settled one by one.</summary>
public sealed class InspectPage(PortalDb db, CurrentStaff me, Maintaining maintaining) : DeskPage(db, me)
{
    [BindProperty]
    public DeviceId DeviceId { get; set; }

    /// <summary>Accessories that are there now.</summary>
    [BindProperty]
    public List<string> There { get; set; } = [];

    [BindProperty]
    public bool IsFit { get; set; }

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    /// <summary>One device with what is open about it.</summary>
    public sealed record Row(Device Device, string Model, IReadOnlyList<string> Set, bool NeedsErasure);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var office = await OpenDeskAsync(ct);
        var rows = await (
            from device in Db.Devices
            where device.AwaitsInspection || device.Status == DeviceStatus.Maintenance || device.OpenShortages.Length > 0
            where device.Status != DeviceStatus.Retired && device.Status != DeviceStatus.Missing
            join pool in Db.Pools on device.PoolId equals pool.Id
            where pool.OfficeId == office.Id
            join model in Db.DeviceModels.Include(m => m.Accessories) on device.ModelId equals model.Id
            join kind in Db.DeviceClasses on model.ClassId equals kind.Id
            orderby device.Label
            select new { device, model, kind.NeedsErasure }).AsNoTracking().ToListAsync(ct);
        Rows = [.. rows.Select(r => new Row(r.device, r.model.Name, [.. r.model.Accessories.OrderBy(a => a.SortOrder).Select(a => a.Label).Union(r.device.OpenShortages)], r.NeedsErasure))];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        var row = Rows.FirstOrDefault(r => r.Device.Id == DeviceId) ?? throw new NotHereException();
        var missing = row.Set.Except(There).ToList();
        await maintaining.InspectAsync(DeviceId, missing, IsFit, ct);
        Say(missing.Count == 0 ? $"{row.Device.Label}の点検を記録しました。" : $"{row.Device.Label}の点検を記録しました。不足：{string.Join("、", missing)}");
        return Redirect($"{DeskHref}/inspect");
    }
}
