namespace KitaPortal.Features.Booking;

/// <summary>How states of booking look: the kind of the state building block.</summary>
public static class BookingLook
{
    public static string Of(LineStatus status, bool isLate = false) => status switch
    {
        LineStatus.Requested => "wait",
        LineStatus.Approved => "ok",
        LineStatus.Ready => "ok",
        LineStatus.OnLoan => isLate ? "late" : "out",
        LineStatus.Returned => "done",
        LineStatus.NoShow or LineStatus.Lost => "late",
        _ => "stop",
    };

    public static string Word(LineStatus status, bool isLate) => isLate && status == LineStatus.OnLoan ? "返却遅れ" : BookingWords.Of(status);
}
