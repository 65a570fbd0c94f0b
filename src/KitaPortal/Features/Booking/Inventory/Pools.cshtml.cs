using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Inventory;

/// <summary>貸出先: whom the devices of a model at an office are open to, with shares, and whether the desk is needed.</summary>
[Authorize(Policy = BookingPolicies.Inventory)]
public sealed class PoolsPage(PortalDb db, InventoryBook inventory, TimeProvider clock) : FormPage
{
    /// <summary>How many lines more than filled in are offered.</summary>
    private const int SpareLines = 3;

    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    [BindProperty]
    public PoolForm Form { get; set; } = new();

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    /// <summary>The pool being changed.</summary>
    public Row? Chosen { get; private set; }

    public IReadOnlyList<SelectListItem> Who { get; private set; } = [];

    public IReadOnlyList<SelectListItem> SelfServices { get; } = [new("区分の定めによる", ""), new("窓口なしで受け取れる", "true"), new("窓口で渡す", "false")];

    /// <summary>One pool, its devices, and whom it is open to in words.</summary>
    public sealed record Row(Guid Id, string Model, string Office, int Devices, IReadOnlyList<string> OpenTo, bool? SelfService, bool ClassSelfService);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var devices = await db.Devices.Where(d => d.Status != DeviceStatus.Retired).GroupBy(d => d.PoolId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var book = await db.StandingAsync<LendingBook>(ct);
        var chart = await OrganisationChart.LoadAsync(db, clock.Today(), ct);
        Rows =
        [
            .. book.Pools.OrderBy(p => p.Office.SortOrder).ThenByDescending(p => p.Class.CountsAsMain).ThenBy(p => p.Model.Name, StringComparer.Ordinal).Select(p => new Row(p.Pool.Id.Value, p.Model.Name, p.Office.Name,
                devices.GetValueOrDefault(p.Pool.Id), [.. p.Pool.OpenTo.Select(o => Word(o, chart))], p.Pool.SelfService, p.Class.SelfService)),
        ];
        if (Id is not { } id) return;
        Chosen = Rows.SingleOrDefault(r => r.Id == id).OrNotHere();
        var everyone = new SelectListGroup { Name = "役割" };
        var departments = new SelectListGroup { Name = "所属" };
        Who =
        [
            .. (await db.DepartmentChoicesAsync(clock.Today(), ct)).Select(d => new SelectListItem(d.Text, $"d{d.Value}") { Group = departments }),
            .. Enum.GetValues<Role>().Where(r => r != Role.Staff).Select(r => new SelectListItem(r.Japanese(), $"r{r}") { Group = everyone }),
        ];
        if (HttpMethods.IsGet(Request.Method))
        {
            var pool = book.Find(new PoolId(id))!.Pool;
            Form = new PoolForm
            {
                Version = pool.Version,
                SelfService = pool.SelfService,
                Openings = [.. pool.OpenTo.Select(o => new OpeningForm { Who = o.DepartmentId is { } d ? $"d{d}" : $"r{o.Role}", Share = o.ShareDevices })],
            };
        }
        while (Form.Openings.Count(o => string.IsNullOrEmpty(o.Who)) < SpareLines) Form.Openings.Add(new OpeningForm());
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (Id is not { } id) return NotFound();
        await inventory.OpenAsync(new PoolId(id), Form, ct);
        Say("貸出先を変えました。");
        return RedirectToPage(new { id = (Guid?)null });
    }

    private static string Word(PoolOpening opening, OrganisationChart chart)
        => (opening.DepartmentId is { } department ? chart.Find(department)?.Name ?? "廃止された所属" : opening.Role!.Value.Japanese()) + (opening.ShareDevices is { } share ? $"（{share}台まで）" : "");
}

/// <summary>The form of a pool.</summary>
public sealed class PoolForm
{
    public int? Version { get; set; }

    [Display(Name = "受取と返却")]
    public bool? SelfService { get; set; }

    public List<OpeningForm> Openings { get; set; } = [];
}

/// <summary>One department or role the pool is open to.</summary>
public sealed class OpeningForm
{
    /// <summary>d and a department's id, or r and a role.</summary>
    [Display(Name = "所属または役割")]
    public string? Who { get; set; }

    [Display(Name = "同時に使える台数"), Range(1, 999, ErrorMessage = "1から999までの数を入力してください。")]
    public int? Share { get; set; }

    internal (DepartmentId? Department, Role? Role, int? Share)? Read()
        => Who is not { Length: > 1 } ? null
            : Who[0] == 'd' && Guid.TryParse(Who[1..], out var department) ? (new DepartmentId(department), null, Share)
            : Who[0] == 'r' && Enum.TryParse<Role>(Who[1..], out var role) ? (null, role, Share) : null;
}
