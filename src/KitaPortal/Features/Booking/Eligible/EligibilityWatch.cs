using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Eligible;

/// <summary>Tells people whose agreement or training ends before a booking of theirs in the next 30 days does; once for each end.</summary>
internal sealed class EligibilityWatch(PortalDb db) : IPortalJob
{
    private const int Days = 30;

    /// <summary>A booking to come that cannot be collected as things stand.</summary>
    internal sealed record Gap(StaffId BorrowerId, BookingId BookingId, string Number, DateTimeOffset From, DateTimeOffset To, bool IsAgreement, DateOnly? Until)
    {
        public string What => (IsAgreement ? "誓約書" : "情報セキュリティ研修") + (Until is { } day ? $"が{JapaneseDate.Long(day)}で切れます。" : "がまだ済んでいません。");
    }

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var gaps = await GapsAsync(db, null, now, ct);
        if (gaps.Count == 0) return null;
        await db.WriteAsync(async () =>
        {
            foreach (var gap in gaps)
                await db.PublishAsync(new News("booking.eligibility", $"booking.eligibility:{gap.BookingId}:{(gap.IsAgreement ? "a" : "t")}:{gap.Until:yyyyMMdd}", [gap.BorrowerId], $"{gap.What.TrimEnd('。')}（予約 {gap.Number}）",
                    $"{BookingWords.Span(gap.From, gap.To)}の予約の受取までに{(gap.IsAgreement ? "署名" : "受講")}してください。", "/booking/eligibility"), ct);
        }, ct);
        return $"{gaps.Count} gaps";
    }

    internal static async Task<IReadOnlyList<Gap>> GapsAsync(PortalDb db, IReadOnlyCollection<StaffId>? people, DateTimeOffset now, CancellationToken ct)
    {
        var until = now.AddDays(Days);
        var lines = await (
            from line in db.BookingLines
            where line.From >= now && line.From < until && (line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready)
            join booking in db.Bookings on line.BookingId equals booking.Id
            where people == null || people.Contains(booking.BorrowerId)
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            where kind.NeedsAgreement || kind.NeedsTraining
            orderby line.From
            select new { booking.Id, booking.Number, booking.BorrowerId, line.From, line.To, kind.Code, kind.NeedsTraining }).ToListAsync(ct);
        var standing = await BorrowerStanding.LoadAsync(db, [.. lines.Select(l => l.BorrowerId).Distinct()], TokyoTime.DayOf(now), now, ct);
        var gaps = new List<Gap>();
        foreach (var line in lines)
        {
            var last = TokyoTime.DayOf(line.To.AddTicks(-1));
            var mine = standing[line.BorrowerId];
            if (mine.Agreements.TryGetValue(line.Code, out var signed) && !(signed >= last)) gaps.Add(new Gap(line.BorrowerId, line.Id, line.Number, line.From, line.To, true, signed));
            if (line.NeedsTraining && !(mine.Training >= last)) gaps.Add(new Gap(line.BorrowerId, line.Id, line.Number, line.From, line.To, false, mine.Training));
        }
        return [.. gaps.DistinctBy(g => (g.BookingId, g.IsAgreement))];
    }
}
