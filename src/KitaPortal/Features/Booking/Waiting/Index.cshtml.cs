using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Waiting;

/// <summary>What a person waits for: offers to answer, places in the queue, how earlier ones ended.</summary>
public sealed class IndexPage(PortalDb db, WaitingLine line, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>One entry as shown; an offer with what the rules say to it now.</summary>
    public sealed record Row(WaitlistEntry Entry, int? Position, string What, DateTimeOffset From, DateTimeOffset To, int MinutesLeft, Judgement? Judgement);

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var places = await WaitingPlaces.LoadAsync(db, me.Id, 50, ct);
        var names = await (
            from pool in db.Pools
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            select new { pool.Id, Name = model.Name + "（" + office.Name + "）" }).ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        var rows = new List<Row>();
        foreach (var (entry, position) in places)
        {
            var isOffer = entry.Status == WaitlistStatus.Offered && entry.OfferUntil > now;
            if (entry.Status == WaitlistStatus.Offered && !isOffer) continue;    // lapsed; the next who asks or the job passes it on
            var pools = isOffer && entry.OfferPoolId is { } offered ? [offered] : entry.Pools.OrderBy(p => p.Rank).Select(p => p.PoolId).ToList();
            var isEither = entry.Pools.Count > 1 && entry.IsFlexibleInPlace(entry.Request);
            var from = isOffer ? entry.OfferFrom!.Value : entry.From;
            rows.Add(new Row(entry, position, string.Join(isEither ? "または" : "、", pools.Select(p => names.GetValueOrDefault(p, ""))), from, from + (entry.To - entry.From),
                isOffer ? (int)Math.Ceiling((entry.OfferUntil!.Value - now).TotalMinutes) : 0, isOffer ? await line.PreviewAsync(entry, Asker.Of(me), ct) : null));
        }
        Rows = rows;
    }

    public async Task<IActionResult> OnPostAcceptAsync(Guid id, List<string> acknowledged, bool signAgreement, string? reason, CancellationToken ct)
    {
        var booking = await line.AcceptAsync(new WaitlistEntryId(id), new Acceptance(acknowledged, signAgreement, reason), Asker.Of(me), ct);
        Say(booking.Lines[0].Status == LineStatus.Requested ? $"予約を申し込みました（{booking.Number}）。許可が出ると確定します。" : $"予約しました（{booking.Number}）。");
        return RedirectToPage("/Booking/Detail", new { id = booking.Id });
    }

    public async Task<IActionResult> OnPostLeaveAsync(Guid id, CancellationToken ct)
    {
        await line.LeaveAsync(new WaitlistEntryId(id), Asker.Of(me), ct);
        Say("空き待ちを終わりにしました。");
        return RedirectToPage();
    }

    /// <summary>How it ended.</summary>
    public static string Word(WaitlistStatus status) => status switch
    {
        WaitlistStatus.Taken => "予約しました",
        WaitlistStatus.Declined => "辞退",
        WaitlistStatus.Missed => "案内の期限切れ",
        WaitlistStatus.Ended => "空きが出ずに終了",
        WaitlistStatus.Left => "取下げ",
        _ => "待機中",
    };
}
