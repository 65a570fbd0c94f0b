using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Forms;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Devices;

/// <summary>端末台帳: every device with where it belongs, its state and its security check.</summary>
public sealed class IndexPage(PortalDb db) : FormPage
{
    private const int PageSize = 50;

    /// <summary>One device of the list.</summary>
    public sealed record Row(DeviceId Id, string Label, string Model, string Class, string Office, DeviceStatus Status, string? RecallReason, bool IsOut, Compliance Compliance);

    [BindProperty(SupportsGet = true)]
    public string? Q { get; set; }

    /// <summary>From the query itself: the route value of this name is the page's.</summary>
    public int Number => int.TryParse(Request.Query["page"], out var number) ? Math.Clamp(number, 1, 10_000) : 1;

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public int Total { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var found =
            from device in db.Devices
            join pool in db.Pools on device.PoolId equals pool.Id
            join model in db.DeviceModels on device.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            select new { device, Model = model.Name, Class = kind.Name, Office = office.Name, office.SortOrder };
        if (Q?.Trim() is { Length: > 0 } word)
            found = found.Where(r => r.device.Label.Contains(word) || r.Model.Contains(word) || r.Office.Contains(word) || (r.device.Serial != null && r.device.Serial.Contains(word)));
        var loans = db.Loans.Where(l => l.InAt == null);
        Total = await found.CountAsync(ct);
        Rows = await found.OrderBy(r => r.SortOrder).ThenBy(r => r.device.Label).Skip((Number - 1) * PageSize).Take(PageSize)
            .Select(r => new Row(r.device.Id, r.device.Label, r.Model, r.Class, r.Office, r.device.Status, r.device.RecallReason, loans.Any(l => l.DeviceId == r.device.Id), r.device.Compliance))
            .AsNoTracking().ToListAsync(ct);
    }
}
