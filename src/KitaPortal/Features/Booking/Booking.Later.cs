using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>What may happen to a booking later: change, extension, a promise to come, revival, loss.</summary>
public sealed partial class Booking
{
    /// <summary>変更: its lines have their new places; a permission for other facts or a later end is void by itself.</summary>
    internal void Change(BookingAim aim, StaffId responsible, string requestHash, string factsHash, string ruleSetVersions, IReadOnlyList<BookingLine> changed)
    {
        Audit("booking.changed-from", before: new { Number, Aim, ResponsibleId = ResponsibleId.Value });
        (Purpose, PurposeNote, TravelOrderNo, DestinationKind, DestinationNote, InfoClass, PersonalData) = aim;
        (ResponsibleId, RequestHash, FactsHash, RuleSetVersions) = (responsible, requestHash, factsHash, ruleSetVersions);
        Happened("booking.changed", new BookingChanged(Id, Ids(changed)), changed);
    }

    /// <summary>The borrower hears of every change, also of the own one: it carries the new appointment.</summary>
    internal void TellChanged(string office, StaffId by)
        => TellBorrower("booking.changed", by == BorrowerId ? "予約を変更しました" : "予約が変更されました", $"{BookingWords.Span(From, To)}　受取：{office}の貸出窓口", place: office);

    /// <summary>Gives up places that a change no longer needs.</summary>
    internal void Drop(IReadOnlyList<BookingLine> surplus, DateTimeOffset now)
        => End(surplus, LineStatus.Cancelled, "booking.cancelled", "台数の変更", now, ended => new BookingCancelled(Id, ended));

    /// <summary>延長: the planned end moves; every minute more counts as booked.</summary>
    internal void Extend(IReadOnlyList<BookingLine> longer, DateTimeOffset to)
    {
        foreach (var line in longer) line.Extend(to);
        Happened("booking.extended", new LineExtended(Id, Ids(longer)), longer);
    }

    /// <summary>The longer time is held while permission is asked.</summary>
    internal void AskExtension(IReadOnlyList<BookingLine> longer, DateTimeOffset to, Guid approvalRequestId)
    {
        ApprovalRequestId = approvalRequestId;
        foreach (var line in longer) line.AskExtension(to);
        Changed("booking.extension-asked", longer);
    }

    /// <summary>Lines whose extension waits for permission.</summary>
    internal IReadOnlyList<BookingLine> WaitingForExtension => [.. lines.Where(l => l.PendingTo is not null)];

    /// <summary>The extension was refused, taken back, or not decided in time; the loan ends as planned.</summary>
    internal IReadOnlyList<BookingLine> EndExtension(string reason)
    {
        var waiting = WaitingForExtension;
        if (waiting.Count == 0) return waiting;
        foreach (var line in waiting) line.AskExtension(null);
        Changed("booking.extension-refused", waiting, reason);
        return waiting;
    }

    /// <summary>The borrower is told half an hour before the device is given to others; true the first time.</summary>
    internal bool WarnOfNoShow(BookingLineId id, DateTimeOffset deadline, DateTimeOffset now)
    {
        var line = Line(id);
        if (line.NoShowWarnedAt is not null || line.Status is not (LineStatus.Approved or LineStatus.Ready) || line.DeviceId is null) return false;
        line.WarnOfNoShow(now);
        Record(new News("booking.no-show-soon", $"booking.no-show-soon:{id}", [BorrowerId], $"まもなく予約が終わります（{Number}）",
            $"{BookingWords.Moment(deadline)}までに受取がないと、端末はほかの方に回ります。遅れるときは、予約の画面で受け取る時刻を知らせてください。", $"/booking/{Id}")
        { Importance = Importance.Important });
        return true;
    }

    /// <summary>The borrower promises to come by then; once per line, before its end.</summary>
    internal void KeepUntil(BookingLineId id, DateTimeOffset moment, DateTimeOffset now)
    {
        var line = Line(id);
        Demand.All(
            line.Status is LineStatus.Approved or LineStatus.Ready ? null : BookingRules.NotNow.With(BookingWords.Of(line.Status)),
            line.KeptUntil is null ? null : LifeRules.KeptAlready.With(BookingWords.Moment(line.KeptUntil.Value)),
            moment > now && moment < line.To ? null : LifeRules.KeepWithin.With(BookingWords.Moment(line.To)));
        line.KeepUntil(moment);
        Changed("booking.kept", [line], BookingWords.Moment(moment));
        Record(new NewsRetracted($"booking.no-show-soon:{id}"));
    }

    /// <summary>The desk takes a line up again that ended as 未受取 the same day; the hours count as booked again.</summary>
    internal void Revive(BookingLineId id, DeviceId device, Occupancy occupancy, DateTimeOffset keptUntil)
    {
        var line = Line(id);
        line.Revive(device, occupancy, keptUntil);
        Happened("booking.revived", new BookingChanged(Id, [id]), [line]);
        TellBorrower("booking.confirmed", "予約を再開しました", BookingWords.Span(line.From, line.To));
    }

    /// <summary>The desk learns that a line has no device any more.</summary>
    internal void TellDeskOfNeed(BookingLineId id, IReadOnlyList<StaffId> desk, string model)
    {
        var line = Line(id);
        if (desk.Count == 0) return;
        Record(new News("booking.needs-substitute", $"booking.needs-substitute:{id}:{Changes}", desk, $"端末を用意できない予約があります（{Number}）",
            $"{model}　{BookingWords.Span(line.From, line.To)}。代わりの端末、庁舎、時間を借受者と相談してください。", $"/booking/{Id}")
        { Importance = Importance.Important });
    }

    /// <summary>紛失: the device is gone while it was out.</summary>
    internal void Lose(BookingLineId id, DateTimeOffset now)
    {
        var line = Line(id);
        Demand.All(line.Status == LineStatus.OnLoan ? null : BookingRules.NotNow.With(BookingWords.Of(line.Status)));
        line.Lose(now);
        Happened("booking.lost", new DeviceLost(Id, [id]), [line]);
    }
}
