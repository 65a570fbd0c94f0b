using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>引渡し: several devices, also of several people, in one act; what is not ticked stays booked.</summary>
public sealed class HandOverPage(PortalDb db, CurrentStaff me, DeskActs desk, DeskPhotos photos, TimeProvider clock) : DeskPage(db, me)
{
    [BindProperty]
    public HandOverForm Form { get; set; } = new();

    public IReadOnlyList<Shown> Items { get; private set; } = [];

    /// <summary>An item with what the page says about it.</summary>
    public sealed record Shown(HandOverItem Item, DeskLine Line, string? Label, IReadOnlyList<Accessory> Set, IReadOnlyList<string> Missing, string? Gone);

    public override async Task LoadAsync(CancellationToken ct)
    {
        await OpenDeskAsync(ct);
        var ids = Form.Items.Select(i => i.LineId).ToList();
        var lines = await Db.DeskLinesOf().Where(l => ids.Contains(l.LineId) && l.OfficeId == Office.Id).ToDictionaryAsync(l => l.LineId, ct);
        Form.Items.RemoveAll(i => !lines.ContainsKey(i.LineId));
        var models = lines.Values.Select(l => l.ModelId).Distinct().ToList();
        var sets = await Db.DeviceModels.AsNoTracking().Include(m => m.Accessories).Where(m => models.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => m.Accessories, ct);
        var deviceIds = Form.Items.Select(i => i.DeviceId).OfType<DeviceId>().ToList();
        var devices = await Db.Devices.AsNoTracking().Where(d => deviceIds.Contains(d.Id)).ToDictionaryAsync(d => d.Id, ct);
        var gone = await (
            from loan in Db.Loans
            where ids.Contains(loan.LineId)
            join act in Db.HandOvers on loan.HandOverId equals act.Id
            select new { loan.LineId, act.Id, act.At, act.ClerkId }).ToListAsync(ct);
        var organisation = await Db.StandingAsync<OrganisationBook>(ct);
        Items = [.. Form.Items.Select(i =>
        {
            var device = i.DeviceId is { } id ? devices.GetValueOrDefault(id) : null;
            var other = gone.FirstOrDefault(g => g.LineId == i.LineId && g.Id != Form.Id);
            return new Shown(i, lines[i.LineId], device?.Label, [.. sets[lines[i.LineId].ModelId].OrderBy(a => a.SortOrder)], device?.OpenShortages ?? [],
                other is null ? null : $"{BookingWords.Time(other.At)}に{organisation.Find(other.ClerkId)?.Name}が先に引き渡しました。");
        })];
    }

    public async Task OnGetAsync(string? q, BookingLineId? line, CancellationToken ct)
    {
        if (line is { } id) await AddAsync(Db.DeskLinesOf().Where(l => l.LineId == id), null, ct);
        if (!string.IsNullOrWhiteSpace(q)) Result = await ReadAsync(q, ct);
        await LoadAsync(ct);
    }

    /// <summary>Takes one more code; nothing is saved.</summary>
    public async Task<IActionResult> OnPostScanAsync(string? q, CancellationToken ct)
    {
        await OpenDeskAsync(ct);
        if (!string.IsNullOrWhiteSpace(q)) Result = await ReadAsync(q, ct);
        ModelState.Clear();
        await LoadAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await OpenDeskAsync(ct);
        var given = Form.Items.Where(i => i.Give).ToList();
        if (given.Count == 0)
        {
            ModelState.AddModelError("", "渡す端末がありません。端末を読み取るか、「渡す」に印を付けてください。");
            return Page();
        }
        var receiver = await ReceiverAsync(ct);
        if (Form.Confirmation == Confirmation.Signature && !string.IsNullOrEmpty(Form.SignatureImage) && receiver is null) await DemandOnePersonAsync([.. given.Select(i => i.LineId)], ct);
        var taken = await photos.TakeInAsync(Form.Photos, ct);
        var signature = Form.Confirmation == Confirmation.Signature ? await photos.TakeInSignatureAsync(Form.SignatureImage, ct) : [];
        var act = new HandingOver(Form.Id, [.. given.Select(i => new HandedItem(i.LineId, i.DeviceId, i.Set, i.Condition))])
        {
            ReceivedBy = receiver,
            Confirmation = Form.Confirmation,
            Acknowledged = Form.Acknowledged,
            Overrides = Form.Reasons,
        };
        var loans = await Db.WriteAsync(async () =>
        {
            var out_ = await desk.HandOverAsync(act, Asker.Of(Me), ct);
            await photos.LinkAsync(DeskPhotos.HandOver, act.Id, taken, Me.Id, ct);
            await photos.LinkAsync(DeskPhotos.Signature, act.Id, signature, Me.Id, ct);
            return out_;
        }, ct);
        Say($"{loans.Count}台を引き渡しました（整理番号 {string.Join("、", loans.Select(l => l.RegisterNo))}）。{(given.Count < Form.Items.Count ? "残りは予約のままです。" : "")}");
        return Redirect(DeskHref);
    }

    private async Task<StaffId?> ReceiverAsync(CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(Form.ReceivedBy)) return null;
        var scanned = await DeskLookup.FindAsync(Db, Form.ReceivedBy, ct);
        return scanned.Kind == ScannedKind.Person ? scanned.StaffId : throw new RuleViolation(DeskRules.NobodyHasNumber.On("Form.ReceivedBy", scanned.Read));
    }

    // What one person signs stands for no other person's receipt.
    private async Task DemandOnePersonAsync(List<BookingLineId> lines, CancellationToken ct)
    {
        var people = await Db.DeskLinesOf().Where(l => lines.Contains(l.LineId)).Select(l => l.BorrowerId).Distinct().CountAsync(ct);
        Demand.All(people > 1 ? DeskRules.SignatureOfOne.With(people) : null);
    }

    private async Task<ScanResult> ReadAsync(string code, CancellationToken ct)
    {
        var scanned = await DeskLookup.FindAsync(Db, code, ct);
        var coming = Db.DeskLinesOf().Where(l => l.OfficeId == Office.Id && (l.Status == LineStatus.Approved || l.Status == LineStatus.Ready));
        var tomorrow = TokyoTime.Midnight(clock.Today().AddDays(1));
        return scanned.Kind switch
        {
            ScannedKind.Device => await ReadDeviceAsync(scanned.DeviceId, coming.Where(l => l.From < tomorrow), ct),
            ScannedKind.Booking => Added(await AddAsync(coming.Where(l => l.BookingId == scanned.BookingId), null, ct), $"予約 {scanned.Read} に、引き渡すものはありません。"),
            ScannedKind.Person => Added(await AddAsync(coming.Where(l => l.BorrowerId == scanned.StaffId && l.From < tomorrow), null, ct), $"職員番号 {scanned.Read} の方に、今日引き渡すものはありません。"),
            _ => ScanResult.NotFound(scanned.Read),
        };
    }

    private static ScanResult Added(int count, string nothing) => count == 0 ? ScanResult.Refused(nothing) : ScanResult.Done($"{count}台を追加しました。端末を読み取って確かめてください。");

    // The device is confirmed, or swapped in for another of its pool, or brings its own line along; anything else is the wrong one.
    private async Task<ScanResult> ReadDeviceAsync(DeviceId id, IQueryable<DeskLine> due, CancellationToken ct)
    {
        var device = await Db.Devices.AsNoTracking().SingleAsync(d => d.Id == id, ct);
        if (Form.Items.FirstOrDefault(i => i.DeviceId == id) is { } here)
        {
            (here.IsScanned, here.Give) = (true, true);
            return ScanResult.Done($"{device.Label}を確認しました。");
        }
        if (await Db.Loans.AnyAsync(l => l.DeviceId == id && l.InAt == null, ct)) return ScanResult.Refused(CounterRules.SubLending.With());
        if (!device.IsLendable) return ScanResult.Refused(DeviceRules.NotInService.With(device.Label, device.RecallReason ?? BookingWords.Of(device.Status)));

        var own = await due.Where(l => l.DeviceId == id).OrderBy(l => l.From).FirstOrDefaultAsync(ct);
        var listed = Form.Items.Select(i => i.LineId).ToList();
        var ofPool = await Db.DeskLinesOf().Where(l => listed.Contains(l.LineId) && l.PoolId == device.PoolId).Select(l => new { l.LineId, l.Pinned }).ToListAsync(ct);
        var swap = ofPool.Where(l => !l.Pinned).Select(l => l.LineId).ToList();
        var isAwaited = Form.Items.Any(i => !i.IsScanned && ofPool.Any(l => l.LineId == i.LineId));
        var isKept = own is not null && (own.Pinned || own.Status == LineStatus.Ready);
        if (!isKept && Form.Items.FirstOrDefault(i => !i.IsScanned && swap.Contains(i.LineId)) is { } item)
        {
            (item.DeviceId, item.IsScanned, item.Give) = (id, true, true);
            item.Set = await SetOfAsync(device, ct);
            return ScanResult.Done($"{device.Label}に差し替えます。");
        }
        // Somebody's device is awaited: another person's one is a slip of the hand, not one more on the counter.
        if (own is null || (isKept && isAwaited)) return ScanResult.Refused(CounterRules.WrongDevice.With());
        await AddAsync(due.Where(l => l.LineId == own.LineId), id, ct);
        return ScanResult.Done($"{device.Label}（{own.Borrower}）を追加しました。");
    }

    private async Task<int> AddAsync(IQueryable<DeskLine> lines, DeviceId? scanned, CancellationToken ct)
    {
        var listed = Form.Items.Select(i => i.LineId).ToList();
        var more = await lines.Where(l => !listed.Contains(l.LineId)).OrderBy(l => l.From).Take(50).ToListAsync(ct);
        if (more.Count == 0) return 0;
        var ids = more.Select(l => l.DeviceId).OfType<DeviceId>().ToList();
        var devices = await Db.Devices.AsNoTracking().Where(d => ids.Contains(d.Id)).ToDictionaryAsync(d => d.Id, ct);
        var models = devices.Values.Select(d => d.ModelId).Distinct().ToList();
        var sets = await Db.DeviceModels.AsNoTracking().Include(m => m.Accessories).Where(m => models.Contains(m.Id)).ToDictionaryAsync(m => m.Id, ct);
        foreach (var line in more)
        {
            var device = line.DeviceId is { } id ? devices[id] : null;
            Form.Items.Add(new HandOverItem { LineId = line.LineId, DeviceId = line.DeviceId, Give = true, IsScanned = scanned is not null, Set = device is null ? [] : SetOf(device, sets[device.ModelId]) });
        }
        return more.Count;
    }

    private async Task<List<string>> SetOfAsync(Device device, CancellationToken ct)
        => SetOf(device, await Db.DeviceModels.AsNoTracking().Include(m => m.Accessories).SingleAsync(m => m.Id == device.ModelId, ct));

    private static List<string> SetOf(Device device, DeviceModel model)
        => [.. model.Accessories.OrderBy(a => a.SortOrder).Select(a => a.Label).Where(a => !device.OpenShortages.Contains(a))];
}
