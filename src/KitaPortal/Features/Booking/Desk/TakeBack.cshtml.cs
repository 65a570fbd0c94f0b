using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>A take-back as it stands on the counter.</summary>
public sealed class TakeBackForm
{
    public Guid Id { get; set; } = Guid.CreateVersion7();

    public List<TakeBackItem> Items { get; set; } = [];

    public List<IFormFile> Photos { get; set; } = [];

    public Dictionary<string, string?> Overrides { get; set; } = [];

    internal Dictionary<string, string> Reasons => Overrides.Where(o => !string.IsNullOrWhiteSpace(o.Value)).ToDictionary(o => o.Key, o => o.Value!.Trim());
}

/// <summary>One device that came back.</summary>
public sealed class TakeBackItem
{
    public DeviceId DeviceId { get; set; }

    public bool Take { get; set; }

    public bool IsScanned { get; set; }

    /// <summary>Accessories ticked as back.</summary>
    public List<string> Set { get; set; } = [];

    public DeviceCondition Condition { get; set; }

    public bool Erased { get; set; }

    public string? Note { get; set; }
}

/// <summary>返却: devices of several people in any order, accessories against what went out.</summary>
public sealed class TakeBackPage(PortalDb db, CurrentStaff me, DeskActs desk, DeskPhotos photos) : DeskPage(db, me)
{
    [BindProperty]
    public TakeBackForm Form { get; set; } = new();

    public IReadOnlyList<Shown> Items { get; private set; } = [];

    /// <summary>An item with its loan as it stands.</summary>
    public sealed record Shown(TakeBackItem Item, DeskLine Line, Loan Loan, string Label, IReadOnlyList<FileLink> PhotosOut)
    {
        public bool IsBack => Loan.InAt is not null;
    }

    public override async Task LoadAsync(CancellationToken ct)
    {
        await OpenDeskAsync(ct);
        var ids = Form.Items.Select(i => i.DeviceId).ToList();
        // The newest loan of each device: still out, or taken back meanwhile by somebody else.
        var loans = (await Db.Loans.AsNoTracking().Where(l => ids.Contains(l.DeviceId)).ToListAsync(ct)).GroupBy(l => l.DeviceId).ToDictionary(g => g.Key, g => g.OrderByDescending(l => l.OutAt).First());
        Form.Items.RemoveAll(i => !loans.ContainsKey(i.DeviceId));
        var lineIds = loans.Values.Select(l => l.LineId).ToList();
        var lines = await Db.DeskLinesOf().Where(l => lineIds.Contains(l.LineId)).ToDictionaryAsync(l => l.LineId, ct);
        var labels = await Db.Devices.Where(d => ids.Contains(d.Id)).ToDictionaryAsync(d => d.Id, d => d.Label, ct);
        var acts = loans.Values.Select(l => l.HandOverId.ToString()).ToList();
        var out_ = (await Db.FileLinks.AsNoTracking().Where(l => l.OwnerKind == DeskPhotos.HandOver && acts.Contains(l.OwnerId)).ToListAsync(ct)).ToLookup(l => l.OwnerId);
        Items = [.. Form.Items.Select(i => new Shown(i, lines[loans[i.DeviceId].LineId], loans[i.DeviceId], labels[i.DeviceId], [.. out_[loans[i.DeviceId].HandOverId.ToString()]]))];
    }

    public async Task OnGetAsync(string? q, DeviceId? device, CancellationToken ct)
    {
        if (device is { } id) await AddAsync(Db.Loans.Where(l => l.DeviceId == id), isScanned: true, ct);
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
        var back = Form.Items.Where(i => i.Take).ToList();
        if (back.Count == 0)
        {
            ModelState.AddModelError("", "返却する端末がありません。端末を読み取るか、「返却する」に印を付けてください。");
            return Page();
        }
        var ids = back.Select(i => i.DeviceId).ToList();
        if (!await Db.TakeBacks.AnyAsync(t => t.Id == Form.Id, ct) && await Db.Loans.CountAsync(l => ids.Contains(l.DeviceId) && l.InAt == null, ct) < ids.Count)
            throw new RuleViolation(DeskRules.AlreadyBack.With()) { Status = StatusCodes.Status409Conflict };
        var taken = await photos.TakeInAsync(Form.Photos, ct);
        var act = new TakingBack(Form.Id, Office.Id, [.. back.Select(i => new ReturnedItem(i.DeviceId, i.Set, i.Condition, i.Erased, string.IsNullOrWhiteSpace(i.Note) ? null : i.Note.Trim()))])
        {
            Confirmation = Confirmation.Signature,
            Overrides = Form.Reasons,
        };
        var loans = await Db.WriteAsync(async () =>
        {
            var in_ = await desk.TakeBackAsync(act, Asker.Of(Me), ct);
            await photos.LinkAsync(DeskPhotos.TakeBack, act.Id, taken, Me.Id, ct);
            return in_;
        }, ct);
        var short_ = loans.SelectMany(l => l.SetOut.Except(l.SetIn)).ToList();
        Say($"{loans.Count}台の返却を受け付けました。{(short_.Count > 0 ? $"不足：{string.Join("、", short_)}。そろうまで端末に記録が残ります。" : "")}");
        return Redirect(DeskHref);
    }

    private async Task<ScanResult> ReadAsync(string code, CancellationToken ct)
    {
        var scanned = await DeskLookup.FindAsync(Db, code, ct);
        switch (scanned.Kind)
        {
            case ScannedKind.Device:
                var label = await Db.Devices.Where(d => d.Id == scanned.DeviceId).Select(d => d.Label).SingleAsync(ct);
                if (Form.Items.FirstOrDefault(i => i.DeviceId == scanned.DeviceId) is { } here)
                {
                    (here.IsScanned, here.Take) = (true, true);
                    return ScanResult.Done($"{label}を確認しました。");
                }
                return await AddAsync(Db.Loans.Where(l => l.DeviceId == scanned.DeviceId), isScanned: true, ct) > 0
                    ? ScanResult.Done($"{label}を追加しました。付属品と状態を確かめてください。")
                    : ScanResult.Refused($"{label}は貸出中ではありません。");
            case ScannedKind.Booking:
                return Added(await AddAsync(
                    from loan in Db.Loans join line in Db.BookingLines on loan.LineId equals line.Id where line.BookingId == scanned.BookingId select loan, isScanned: false, ct), scanned.Read);
            case ScannedKind.Person:
                return Added(await AddAsync(
                    from loan in Db.Loans join line in Db.BookingLines on loan.LineId equals line.Id join booking in Db.Bookings on line.BookingId equals booking.Id where booking.BorrowerId == scanned.StaffId select loan, isScanned: false, ct), scanned.Read);
            default:
                return ScanResult.NotFound(scanned.Read);
        }
    }

    private static ScanResult Added(int count, string read)
        => count == 0 ? ScanResult.Refused($"「{read}」で貸出中の端末はありません。") : ScanResult.Done($"{count}台を追加しました。端末を読み取って確かめてください。");

    private async Task<int> AddAsync(IQueryable<Loan> loans, bool isScanned, CancellationToken ct)
    {
        var listed = Form.Items.Select(i => i.DeviceId).ToList();
        var more = await loans.Where(l => l.InAt == null && !listed.Contains(l.DeviceId)).OrderBy(l => l.OutAt).Take(50).ToListAsync(ct);
        Form.Items.AddRange(more.Select(l => new TakeBackItem { DeviceId = l.DeviceId, Take = true, IsScanned = isScanned }));
        return more.Count;
    }
}
