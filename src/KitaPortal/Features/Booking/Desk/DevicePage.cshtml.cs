using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Incidents;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>The page behind the code on a device's label: what it is, where it belongs, and what this person may do with it now. Nobody sees anything without signing in.</summary>
public sealed class DevicePage(PortalDb db, CurrentStaff me, DeskActs desk, UseRecording use, FindReporting found, TimeProvider clock) : FormPage
{
    [FromRoute(Name = "token")]
    public string Token { get; set; } = "";

    [BindProperty]
    public Guid ActId { get; set; } = Guid.CreateVersion7();

    [BindProperty]
    public List<string> Set { get; set; } = [];

    [BindProperty]
    public bool Erased { get; set; }

    /// <summary>Where a found device lies now.</summary>
    [BindProperty, StringLength(200, ErrorMessage = "200文字以内で入力してください。")]
    public string? FoundAt { get; set; }

    public Device Device { get; private set; } = null!;

    public DeviceModel Kind { get; private set; } = null!;

    public Office Office { get; private set; } = null!;

    public bool NeedsErasure { get; private set; }

    public bool IsSelfService { get; private set; }

    /// <summary>The open loan, whoever has it.</summary>
    public Loan? Loan { get; private set; }

    /// <summary>This person's line on the device that may be collected or is out.</summary>
    public DeskLine? Mine { get; private set; }

    /// <summary>The use that runs now.</summary>
    public UseSession? Running { get; private set; }

    public bool IsDesk => me.IsDeskOf(Office.Id);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var token = DeskLookup.Plain(Token);
        var found = await (
            from device in db.Devices
            where device.Token == token
            join pool in db.Pools on device.PoolId equals pool.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            join model in db.DeviceModels.Include(m => m.Accessories) on device.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            select new { device, office, model, SelfService = pool.SelfService ?? kind.SelfService, kind.NeedsErasure }).AsNoTracking().SingleOrDefaultAsync(ct).OrNotHere();
        (Device, Office, Kind, IsSelfService, NeedsErasure) = (found.device, found.office, found.model, found.SelfService, found.NeedsErasure);
        Loan = await db.Loans.AsNoTracking().SingleOrDefaultAsync(l => l.DeviceId == Device.Id && l.InAt == null, ct);
        var tomorrow = TokyoTime.Midnight(clock.Today().AddDays(1));
        Mine = await db.DeskLinesOf()
            .Where(l => l.DeviceId == Device.Id && l.BorrowerId == me.Id && (l.Status == LineStatus.OnLoan || ((l.Status == LineStatus.Approved || l.Status == LineStatus.Ready) && l.From < tomorrow)))
            .OrderByDescending(l => l.Status == LineStatus.OnLoan).ThenBy(l => l.From).FirstOrDefaultAsync(ct);
        if (Mine is { Status: LineStatus.OnLoan } out_) Running = await db.UseSessions.AsNoTracking().SingleOrDefaultAsync(s => s.LineId == out_.LineId && s.To == null, ct);
        if (Request.Query["handler"] != "Return") Set = [.. Loan?.SetOut ?? []];
    }

    /// <summary>受け取る: only where class or pool allow it without the desk; the same rules as at the desk.</summary>
    public async Task<IActionResult> OnPostCollectAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        var line = Mine is { IsComing: true } ? Mine : throw new NotHereException();
        var loans = await desk.HandOverAsync(new HandingOver(ActId, [new HandedItem(line.LineId, Device.Id)]) { Confirmation = Confirmation.Portal }, Asker.Of(me), ct);
        Say($"受け取りました（整理番号 {loans[0].RegisterNo}）。{BookingWords.Moment(line.To)}までに返してください。");
        return Redirect($"/d/{Device.Token}");
    }

    /// <summary>返却する: the device then waits for a look by the desk.</summary>
    public async Task<IActionResult> OnPostReturnAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        if (Mine?.Status != LineStatus.OnLoan) throw new NotHereException();
        await desk.TakeBackAsync(new TakingBack(ActId, Office.Id, [new ReturnedItem(Device.Id, Set, Erased: Erased, Note: Set.Count < Loan!.SetOut.Length ? "本人返却：そろっていない付属品あり" : null)]) { Confirmation = Confirmation.Portal }, Asker.Of(me), ct);
        Say("返却しました。元の場所に戻してください。");
        return Redirect($"/d/{Device.Token}");
    }

    /// <summary>利用開始.</summary>
    public async Task<IActionResult> OnPostUseAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        var line = Mine is { Status: LineStatus.OnLoan } out_ ? out_ : throw new NotHereException();
        await use.BeginAsync(ActId, line.LineId, me.Id, ct);
        Say("利用を始めました。終わったら「利用終了」を押してください。");
        return Redirect($"/d/{Device.Token}");
    }

    /// <summary>利用終了.</summary>
    public async Task<IActionResult> OnPostUseEndAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        var line = Mine is { Status: LineStatus.OnLoan } out_ ? out_ : throw new NotHereException();
        var ended = await use.EndAsync(line.LineId, me.Id, ct);
        Say(ended is { To: { } to } ? $"{BookingWords.Time(ended.From)}から{BookingWords.Time(to)}までの利用を記録しました。" : "始めている利用はありません。");
        return Redirect($"/d/{Device.Token}");
    }

    /// <summary>拾得: somebody found it and says where it lies.</summary>
    public async Task<IActionResult> OnPostFoundAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        await found.TellAsync(Device, Office, me.Id, FoundAt, ct);
        Say($"ありがとうございます。{Office.Name}の貸出窓口に知らせました。");
        return Redirect($"/d/{Device.Token}");
    }
}
