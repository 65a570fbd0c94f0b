using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>Permission given in an emergency, and permission taken back.</summary>
public sealed partial class Booking
{
    /// <summary>Marks the last act of the booking, so that news of different acts differ.</summary>
    internal string LastChange => $"{Id}:{Changes}";

    /// <summary>緊急貸出: confirmed before the approvers decided, on somebody's word.</summary>
    internal TakeOutPermission LetGo(Guid request, StaffId by, string reason, DateTimeOffset now)
    {
        var gone = Confirm(now);
        Changed("booking.let-go", gone, reason);
        TellBorrower("booking.confirmed", "緊急貸出として持出しが認められました", $"{BookingWords.Span(From, To)}　許可の申請は、引き続き決裁を受けます。");
        return new TakeOutPermission(this, PermissionBasis.Emergency, request, by, null, now, reason, outsideHours: true);
    }

    /// <summary>The approvers agreed afterwards.</summary>
    internal void AgreedAfterwards()
    {
        Changed("booking.agreed-afterwards", []);
        TellBorrower("booking.confirmed", "緊急貸出の持出しが許可されました", "");
    }

    /// <summary>許可の取消: coming lines end; the borrower is told to bring back what is out. The lines that ended.</summary>
    internal IReadOnlyList<BookingLine> LosePermission(StaffId? by, string reason, DateTimeOffset returnBy, DateTimeOffset now)
    {
        // Nobody failed to come: it is no 未受取 even after the start.
        var ended = End(lines.Where(l => l.IsComing), LineStatus.Cancelled, "booking.cancelled", $"持出許可の取消：{reason}", now, gone => new BookingCancelled(Id, gone));
        var isOut = lines.Any(l => l.Status == LineStatus.OnLoan);
        Changed("booking.permission-revoked", [.. lines.Where(l => l.Status == LineStatus.OnLoan)], reason);
        if (ended.Count == 0 && !isOut) return ended;
        Record(new News(isOut ? "loan.return-order" : "booking.cancelled", $"booking.permission-revoked:{LastChange}", [BorrowerId, ResponsibleId],
            isOut ? $"持出許可が取り消されました。{BookingWords.Moment(returnBy)}までに返却してください（{Number}）" : $"持出許可が取り消され、予約を終了しました（{Number}）", reason, $"/booking/{Id}")
        {
            Importance = Importance.Urgent,
            DueAt = isOut ? returnBy : null,
            ActorId = by,
            Calendar = ended.Count == 0 ? null : Appointment(cancelled: !isOut, ""),
        });
        return ended;
    }

    internal void TellDesk(IReadOnlyList<StaffId> desk, DateTimeOffset returnBy)
        => Record(new News("loan.return-order", $"booking.permission-revoked-desk:{LastChange}", desk, $"持出許可が取り消された貸出があります（{Number}）",
            $"{BookingWords.Moment(returnBy)}までに返却するよう、借受者に伝えました。", $"/booking/{Id}")
        { Importance = Importance.Important, DueAt = returnBy });
}
