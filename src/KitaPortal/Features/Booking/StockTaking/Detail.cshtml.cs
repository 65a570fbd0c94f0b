using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.StockTaking;

/// <summary>One count: scan, see what is left, close with the signed list.</summary>
[Authorize(Policies.Desk)]
public sealed class DetailPage(PortalDb db, CurrentStaff me, Reserving reserving, TimeProvider clock) : FormPage
{
    [FromRoute(Name = "id")]
    public Guid Id { get; set; }

    [BindProperty]
    public string? Witness { get; set; }

    /// <summary>Devices that are to be marked as missing when the count closes.</summary>
    [BindProperty]
    public List<DeviceId> MarkMissing { get; set; } = [];

    public StockTake Take { get; private set; } = null!;

    public Office Office { get; private set; } = null!;

    public string Class { get; private set; } = "";

    public ScanResult? Result { get; private set; }

    /// <summary>Devices that are out now.</summary>
    public IReadOnlySet<DeviceId> OnLoan { get; private set; } = new HashSet<DeviceId>();

    public IReadOnlyDictionary<Guid, string> People { get; private set; } = new Dictionary<Guid, string>();

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public string Reader => $"{me.DepartmentName}　{me.Name}";

    public IEnumerable<StockTakeItem> Sorted => Take.Items.OrderBy(i => Take.ClosedAt is null ? i.SeenAt is null ? 1 : 0 : 0).ThenByDescending(i => Take.ClosedAt is null ? i.SeenAt : null).ThenBy(i => i.Label, StringComparer.Ordinal);

    public int Left => Take.Items.Count(i => i.IsExpected && i.SeenAt is null && !(i.DeviceId is { } id && OnLoan.Contains(id)));

    public override async Task LoadAsync(CancellationToken ct)
    {
        Take = await db.StockTakes.AsNoTracking().Include(s => s.Items).SingleOrDefaultAsync(s => s.Id == Id, ct).OrNotHere();
        if (!me.IsDeskOf(Take.OfficeId)) throw new NotHereException();
        Office = await db.Offices.AsNoTracking().SingleAsync(o => o.Id == Take.OfficeId, ct);
        Class = Take.ClassId is { } kind ? await db.DeviceClasses.Where(c => c.Id == kind).Select(c => c.Name).SingleAsync(ct) : "すべての区分";
        OnLoan = (await OutAsync(ct)).ToHashSet();
        var ids = new[] { Take.StartedBy, Take.ClosedBy ?? Take.StartedBy }.Distinct().ToList();
        People = (await db.Staff.AsNoTracking().Where(s => ids.Contains(s.Id)).ToListAsync(ct)).ToDictionary(s => s.Id.Value, s => s.Name);
    }

    /// <summary>Counts one more code.</summary>
    public async Task<IActionResult> OnPostScanAsync(string? q, CancellationToken ct)
    {
        await LoadAsync(ct);
        if (!string.IsNullOrWhiteSpace(q)) Result = await CountAsync(q, ct);
        ModelState.Clear();
        await LoadAsync(ct);
        return Page();
    }

    /// <summary>Closes the count; devices ticked as missing are lent no more.</summary>
    public async Task<IActionResult> OnPostCloseAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        var missing = await db.WriteAsync(async () =>
        {
            var now = clock.GetUtcNow();
            var wanted = MarkMissing.ToList();
            var pools = await db.Devices.Where(d => wanted.Contains(d.Id)).Select(d => d.PoolId).Distinct().ToListAsync(ct);
            await reserving.OpenAsync(pools, now, ct);
            var take = await OpenAsync(ct);
            var left = take.Close((await OutAsync(ct)).ToHashSet(), Witness, me.Id, now);
            var gone = await db.Devices.Where(d => wanted.Contains(d.Id)).ToListAsync(ct);
            foreach (var device in gone.Where(d => left.Any(i => i.DeviceId == d.Id)))
            {
                device.SetStatus(DeviceStatus.Missing, "棚卸で所在不明");
                await db.SaveChangesAsync(ct);
                await Settling.EmptyAsync(db, device, now, ct);
            }
            await db.SaveChangesAsync(ct);
            return left.Count;
        }, ct);
        Say(missing == 0 ? "棚卸を締めました。すべての端末を確認できました。" : $"棚卸を締めました。所在不明は{missing}台です。紛失のときは事故として届けてください。");
        return Redirect($"/booking/stock-take/{Id}");
    }

    private Task<ScanResult> CountAsync(string code, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var scanned = await DeskLookup.FindAsync(db, code, ct);
        var take = await OpenAsync(ct);
        if (scanned.Kind != ScannedKind.Device)
        {
            var read = scanned.Read.Length > 200 ? scanned.Read[..200] : scanned.Read;
            take.CountUnknown(read, clock.GetUtcNow(), me.Id);
            await db.SaveChangesAsync(ct);
            return ScanResult.Refused($"「{read}」は台帳にありません。一覧に「台帳にない」として残しました。");
        }
        var device = await db.Devices.AsNoTracking().SingleAsync(d => d.Id == scanned.DeviceId, ct);
        var model = await db.DeviceModels.Where(m => m.Id == device.ModelId).Select(m => m.Name).SingleAsync(ct);
        var item = take.Count(device.Id, device.Label, model, clock.GetUtcNow(), me.Id);
        await db.SaveChangesAsync(ct);
        return item.Result == StockTakeResult.Elsewhere ? ScanResult.Refused($"{device.Label}はこの棚卸の範囲の端末ではありません。一覧に残しました。")
            : OnLoan.Contains(device.Id) ? ScanResult.Refused($"{device.Label}がここにありますが、貸出中のままです。返却の手続きを確かめてください。") : ScanResult.Done($"{device.Label}を確認しました。");
    }, ct);

    private async Task<StockTake> OpenAsync(CancellationToken ct)
    {
        await db.LockAsync<StockTake>([Id], ct);
        return await db.StockTakes.Include(s => s.Items).SingleAsync(s => s.Id == Id, ct);
    }

    private Task<List<DeviceId>> OutAsync(CancellationToken ct)
    {
        var items = db.Set<StockTakeItem>().Where(i => i.StockTakeId == Id).Select(i => i.DeviceId);
        return db.Loans.Where(l => l.InAt == null && items.Contains(l.DeviceId)).Select(l => l.DeviceId).ToListAsync(ct);
    }
}
