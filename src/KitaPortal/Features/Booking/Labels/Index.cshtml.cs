using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Booking.Labels;

/// <summary>QR labels for devices, on the sheets the town buys.</summary>
[Authorize(Policy)]
public sealed class IndexPage(PortalDb db, CurrentStaff me, IOptions<BookingOptions> booking, IOptions<ServerOptions> server, IOptions<TownOptions> town) : FormPage
{
    /// <summary>Desks for their office, administrators for all.</summary>
    public const string Policy = "Booking.Labels";

    public const int Most = 500;

    [BindProperty(SupportsGet = true, Name = "office")]
    public string? OfficeCode { get; set; }

    [BindProperty(SupportsGet = true, Name = "class")]
    public string? ClassCode { get; set; }

    [BindProperty(SupportsGet = true, Name = "q")]
    public string? Words { get; set; }

    [BindProperty(SupportsGet = true, Name = "sheet")]
    public string? SheetName { get; set; }

    /// <summary>The place of the first label, so that a begun sheet is used up.</summary>
    [BindProperty(SupportsGet = true, Name = "start")]
    public int Start { get; set; } = 1;

    public IReadOnlyList<LabelSheet> Sheets { get; } = LabelSheet.Read(booking.Value.LabelSheets);

    public LabelSheet Sheet => Sheets.FirstOrDefault(s => s.Name == SheetName) ?? Sheets[0];

    public IReadOnlyList<Office> Offices { get; private set; } = [];

    public IReadOnlyList<DeviceClass> Classes { get; private set; } = [];

    public IReadOnlyList<DeviceLabel> Labels { get; private set; } = [];

    public IReadOnlyList<string> Drawn { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var offices = await db.Offices.AsNoTracking().OrderBy(o => o.SortOrder).ToListAsync(ct);
        Offices = [.. offices.Where(o => me.IsDeskOf(o.Id) || me.Is(Role.Admin))];
        Classes = await db.DeviceClasses.AsNoTracking().OrderByDescending(c => c.CountsAsMain).ThenBy(c => c.Name).ToListAsync(ct);
        var mine = Offices.Where(o => string.IsNullOrEmpty(OfficeCode) || o.Code == OfficeCode).Select(o => o.Id).ToList();
        var rows = await (
            from device in db.Devices
            where device.Status != DeviceStatus.Retired
            join pool in db.Pools on device.PoolId equals pool.Id
            where mine.Contains(pool.OfficeId)
            join model in db.DeviceModels on device.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            where string.IsNullOrEmpty(ClassCode) || kind.Code == ClassCode
            join office in db.Offices on pool.OfficeId equals office.Id
            orderby office.SortOrder, device.Label
            select new { device.Token, device.Label, Model = model.Name, office.Phone }).ToListAsync(ct);
        var words = (Words ?? "").Split([' ', '\u3000', ','], StringSplitOptions.RemoveEmptyEntries).Select(Desk.DeskLookup.Plain).ToList();
        var chosen = rows.Where(r => words.Count == 0 || words.Any(w => Desk.DeskLookup.Plain(r.Label).Contains(w, StringComparison.Ordinal))).Take(Most);
        var address = server.Value.PublicUrl.ToString().TrimEnd('/');
        Labels = [.. chosen.Select(r => new DeviceLabel($"{address}/d/{r.Token}", r.Label, r.Model, town.Value.Name, booking.Value.FoundPhone.Length > 0 ? booking.Value.FoundPhone : r.Phone ?? ""))];
        Drawn = LabelDrawing.Sheets(Sheet, Labels, Start);
    }
}
