using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>Pressed 利用開始/終了, or entered afterwards.</summary>
public enum UseSource { Button, Entered }

/// <summary>A span in which a borrower really used a device that was out (利用時間), told by a button on the device's page or entered later.</summary>
public sealed class UseSession : Entity
{
    private UseSession() { }

    internal UseSession(Guid id, BookingLine line, DateTimeOffset from, DateTimeOffset? to, UseSource source)
    {
        (Id, LineId, BookingId, From, To, Source) = (id, line.Id, line.BookingId, from, to, source);
        Happened("use.recorded", null);
    }

    public Guid Id { get; private set; }

    public BookingLineId LineId { get; private set; }

    public BookingId BookingId { get; private set; }

    public DateTimeOffset From { get; private set; }

    /// <summary>Exclusive; null while the person is using it.</summary>
    public DateTimeOffset? To { get; private set; }

    public UseSource Source { get; private set; }

    /// <summary>Nobody pressed 利用終了: it was ended by take-back or by the clock.</summary>
    public bool WasForgotten { get; private set; }

    /// <summary>Taken back by the person; it counts no more.</summary>
    public bool IsWithdrawn { get; private set; }

    public override string SubjectId => Id.ToString();

    /// <summary>利用終了.</summary>
    internal void End(DateTimeOffset at)
    {
        if (To is not null) return;
        To = at > From ? at : From;
        Happened("use.ended", null);
    }

    /// <summary>Nobody ended it; what lies after <paramref name="at"/> was not used.</summary>
    public void EndForgotten(DateTimeOffset at)
    {
        if (To is not null) return;
        WasForgotten = true;
        End(at);
    }

    internal void Correct(DateTimeOffset from, DateTimeOffset to)
    {
        var before = new { From, To };
        (From, To, WasForgotten) = (from, to, false);
        Happened("use.corrected", before);
    }

    internal void Withdraw()
    {
        if (IsWithdrawn) return;
        IsWithdrawn = true;
        Happened("use.withdrawn", null);
    }

    private void Happened(string action, object? before)
    {
        Audit(action, before, new { line = LineId.Value, From, To, Source });
        Record(new UseRecorded(BookingId, [LineId]));
    }
}
