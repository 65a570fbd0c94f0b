using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>What can happen to a booking: the verbs of its life, in their order.</summary>
public sealed partial class Booking
{
    internal BookingLine Add(PoolId pool, DeviceId device, bool pinned, DateTimeOffset from, DateTimeOffset to, string? kitName = null)
    {
        var line = new BookingLine(Id, pool, device, pinned, from, to, kitName);
        lines.Add(line);
        return line;
    }

    /// <summary>Permission is asked; the places are held meanwhile.</summary>
    internal void AskPermission(Guid approvalRequestId)
    {
        ApprovalRequestId = approvalRequestId;
        var asked = lines.Where(l => l.IsComing).ToList();
        foreach (var line in asked) line.Request();
        Happened("booking.requested", new BookingRequested(Id, Ids(asked)), asked);
    }

    /// <summary>予約確定: nobody need be asked, or permission was given.</summary>
    internal IReadOnlyList<BookingLine> Confirm(DateTimeOffset now)
    {
        var confirmed = lines.Where(l => l.Status == LineStatus.Requested).ToList();
        if (confirmed.Count == 0) return confirmed;
        foreach (var line in confirmed) line.Confirm(now);
        Happened("booking.approved", new BookingApproved(Id, Ids(confirmed)), confirmed);
        return confirmed;
    }

    /// <summary>Rules were passed by somebody who may; the reasons stay with the booking.</summary>
    internal void PassedBy(IReadOnlyCollection<PassedRule> passed, StaffId by)
    {
        if (passed.Count == 0) return;
        Overrides = string.Join('\n', (Overrides?.Split('\n') ?? []).Concat(passed.Select(p => $"{p.Rule.Text.Number}：{p.Reason}")).Distinct());
        Audit("booking.rules-passed", after: new { Number, by = by.Value, passed = passed.Select(p => new { p.Rule.Text.Number, p.Rule.Text.Code, p.Reason }) });
    }

    /// <summary>What was passed with a reason when it was asked stays passed when it is decided and collected.</summary>
    internal bool HasPassed(LendingRule rule) => Overrides?.Split('\n').Any(o => o.StartsWith($"{rule.Text.Number}：", StringComparison.Ordinal)) == true;

    internal IReadOnlyList<BookingLine> Reject(string reason, DateTimeOffset now)
        => End(lines.Where(l => l.Status == LineStatus.Requested), LineStatus.Rejected, "booking.rejected", reason, now, ended => new BookingRejected(Id, ended));

    /// <summary>期限切れ: the start passed undecided.</summary>
    internal IReadOnlyList<BookingLine> Lapse(IReadOnlyCollection<BookingLineId> ids, DateTimeOffset now)
        => End(lines.Where(l => ids.Contains(l.Id) && l.Status == LineStatus.Requested && l.From <= now), LineStatus.Lapsed, "booking.lapsed", null, now, ended => new BookingLapsed(Id, ended));

    /// <summary>Gives the places back: 取消, or 未受取 once the start has passed.</summary>
    internal IReadOnlyList<BookingLine> Cancel(IReadOnlyCollection<BookingLineId>? only, StaffId? by, string? reason, DateTimeOffset now, bool isToldElsewhere = false)
    {
        var chosen = lines.Where(l => only is null ? l.IsComing : only.Contains(l.Id)).ToList();
        Demand.All(
            chosen.Where(l => !l.IsComing).Select(l => BookingRules.NotNow.With(BookingWords.Of(l.Status)))
                .Concat(chosen.Count == 0 ? [BookingRules.NotNow.With(lines.Count > 0 ? BookingWords.Of(lines[0].Status) : "")] : []));
        var early = End(chosen.Where(l => l.From > now || l.Status == LineStatus.Requested), LineStatus.Cancelled, "booking.cancelled", reason, now, ended => new BookingCancelled(Id, ended));
        if (early.Count > 0 && !isToldElsewhere && by != BorrowerId) TellBorrower("booking.cancelled", "予約が取り消されました", reason ?? "", cancelled: true);
        else if (early.Count > 0 && !isToldElsewhere) RecordCalendarEnd();
        return [.. early, .. NoShow(chosen.Where(l => l.IsComing).Select(l => l.Id).ToList(), now)];
    }

    /// <summary>未受取; a line that never got a device ends as 機器都合, nobody's fault.</summary>
    internal IReadOnlyList<BookingLine> NoShow(IReadOnlyCollection<BookingLineId> ids, DateTimeOffset now)
    {
        var missed = lines.Where(l => ids.Contains(l.Id) && l.Status is (LineStatus.Approved or LineStatus.Ready)).ToList();
        var without = End(missed.Where(l => l.DeviceId is null), LineStatus.Cancelled, "booking.cancelled", "機器都合", now, ended => new BookingCancelled(Id, ended));
        var ended = End(missed.Where(l => l.DeviceId is not null), LineStatus.NoShow, "booking.no-show", null, now, gone => new LineNoShow(Id, gone));
        if (ended.Count > 0) TellBorrower("booking.no-show", "受取がなかったため、予約を終了しました", "端末がまだ必要なときは、窓口へお知らせください。");
        if (without.Count > 0) TellBorrower("booking.cancelled", "端末を用意できず、予約を取り消しました", "別の時間または機種で予約してください。", cancelled: true);
        return [.. ended, .. without];
    }

    /// <summary>準備済: the device lies ready at the desk and stays with this line.</summary>
    internal void Prepare(BookingLineId id, DeviceId device)
    {
        var line = Line(id);
        Demand.All(line.Status is LineStatus.Approved or LineStatus.Ready ? null : BookingRules.NotNow.With(BookingWords.Of(line.Status)));
        line.MoveTo(device);
        line.MakeReady();
        Changed("booking.prepared", [line]);
    }

    /// <summary>The device is handed over.</summary>
    internal void GoOut(IReadOnlyList<(BookingLine Line, DeviceId Device)> out_, IReadOnlyList<LoanId> loans)
    {
        Demand.All(out_.Select(o => o.Line.Status is LineStatus.Approved or LineStatus.Ready ? null : BookingRules.NotNow.With(BookingWords.Of(o.Line.Status))));
        foreach (var (line, device) in out_)
        {
            line.MoveTo(device);
            line.GoOut();
        }
        var gone = out_.Select(o => o.Line).ToList();
        foreach (var line in gone.Where(l => l.NoShowWarnedAt is not null)) Record(new NewsRetracted($"booking.no-show-soon:{line.Id}"));
        Happened("booking.handed-over", new HandedOver(Id, Ids(gone), loans), gone);
    }

    /// <summary>The device is back; the planned period stays as it was.</summary>
    internal void ComeBack(IReadOnlyList<BookingLine> back, IReadOnlyList<LoanId> loans)
    {
        foreach (var line in back) line.ComeBack();
        Happened("booking.taken-back", new TakenBack(Id, Ids(back), loans), back);
    }

    /// <summary>The system gives a tentative line another device; nobody need know.</summary>
    internal void Swap(BookingLineId id, DeviceId device)
    {
        Line(id).MoveTo(device);
        Changes++;
    }

    /// <summary>A pinned or prepared line gets another device, or has none for now; borrower and desk are told.</summary>
    internal void Substitute(BookingLineId id, DeviceId? device)
    {
        var line = Line(id);
        var told = line.Pinned || line.Status == LineStatus.Ready || device is null;
        line.BeGivenAnother(device);
        if (!told)
        {
            Changes++;
            return;
        }
        Happened("booking.substituted", new LineSubstituted(Id, [id]), [line]);
        TellBorrower("booking.substituted", device is null ? "予約した端末を用意できなくなりました" : "予約した端末が同じ機種の別の端末に替わりました",
            device is null ? "代わりの端末が空きしだい割り当てます。窓口に相談することもできます。" : "受取の時間と場所は変わりません。");
    }

    /// <summary>Tells the borrower by bell and mail, with the appointment.</summary>
    internal void TellBorrower(string kind, string title, string body, bool cancelled = false, string place = "")
        => Record(new News(kind, $"{kind}:{Id}:{Changes}", [BorrowerId], $"{title}（{Number}）", body.Length > 0 ? body : BookingWords.Span(From, To), $"/booking/{Id}")
        {
            Calendar = Appointment(cancelled, place),
        });

    /// <summary>Confirms to the borrower, with the appointment and where to collect.</summary>
    internal void TellConfirmed(string office)
        => TellBorrower("booking.confirmed", "予約が確定しました", $"{BookingWords.Span(From, To)}　受取：{office}の貸出窓口", place: office);

    internal void TellReady(string office) => TellBorrower("booking.ready", "端末の準備ができました", $"{BookingWords.Moment(From)}から{office}の貸出窓口で受け取れます。", place: office);

    private void RecordCalendarEnd() => TellBorrower("booking.cancelled", "予約を取り消しました", "", cancelled: true);

    // Titles carry no purpose and no information class.
    private CalendarItem Appointment(bool cancelled, string place)
        => new(lines[0].Id.ToString(), lines.Max(l => l.Sequence) + (cancelled ? 1 : 0), From, To, $"端末の予約 {Number}", place, cancelled);

    private List<BookingLine> End(IEnumerable<BookingLine> chosen, LineStatus status, string action, string? reason, DateTimeOffset now, Func<IReadOnlyList<BookingLineId>, BookingEvent> happened)
    {
        var ended = chosen.ToList();
        if (ended.Count == 0) return ended;
        foreach (var line in ended) line.EndWithout(status, now, reason);
        Happened(action, happened(Ids(ended)), ended, reason);
        return ended;
    }

    private void Happened(string action, BookingEvent happened, IReadOnlyList<BookingLine> about, string? reason = null)
    {
        Changed(action, about, reason);
        Record(happened);
    }

    private void Changed(string action, IReadOnlyList<BookingLine> about, string? reason = null)
    {
        Changes++;
        Audit(action, after: new { Number, lines = about.Select(l => new { l.Id.Value, device = l.DeviceId?.Value, l.From, l.To, l.Status }) }, reason: reason);
    }

    private static List<BookingLineId> Ids(IEnumerable<BookingLine> lines) => [.. lines.Select(l => l.Id)];
}
