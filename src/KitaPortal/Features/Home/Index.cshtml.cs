using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Home;

/// <summary>The first page: what waits for this person today.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>Whose page this is.</summary>
    public CurrentStaff Me => me;

    /// <summary>This moment.</summary>
    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    /// <summary>Today in Tokyo.</summary>
    public DateOnly Today => TokyoTime.DayOf(Now);

    /// <summary>Devices I collect within a week, or still wait for permission for.</summary>
    public IReadOnlyList<MyDevice> ToCollect { get; private set; } = [];

    /// <summary>Devices I have, the most overdue first.</summary>
    public IReadOnlyList<MyDevice> ToReturn { get; private set; } = [];

    /// <summary>How many requests the first page lists; the rest stands on the page of requests.</summary>
    public const int Shown = 6;

    /// <summary>Requests I decide; one more than <see cref="Shown"/> when there are more.</summary>
    public IReadOnlyList<ToDecide> ToDecide { get; private set; } = [];

    /// <summary>My own requests on their way.</summary>
    public IReadOnlyList<MyRequest> MyRequests { get; private set; } = [];

    /// <summary>The desk's day, for those who staff one.</summary>
    public DeskDay? Desk { get; private set; }

    /// <summary>How this fiscal year's booked hours stand; null before the first summary was written.</summary>
    public HoursSummary? Hours { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var devices = await db.MyDevicesAsync(me, Now, ct);
        ToCollect = [.. devices.Where(d => d.Status != LineStatus.OnLoan)];
        ToReturn = [.. devices.Where(d => d.Status == LineStatus.OnLoan).OrderBy(d => d.To)];
        ToDecide = await db.ToDecideAsync(me, Now, Shown, ct);
        MyRequests = await db.MyRequestsAsync(me, Shown, ct);
        Desk = await db.DeskDayAsync(me, Now, ct);
        var year = FiscalYear.Of(Now);
        Hours = await db.HoursSummaries.AsNoTracking().SingleOrDefaultAsync(s => s.FiscalYear == year, ct);
    }

    /// <summary>今日 8:30, 明日 13:00, 12/3（木） 9:00.</summary>
    public (string Day, string Time) When(DateTimeOffset moment)
    {
        var day = TokyoTime.DayOf(moment);
        var word = (day.DayNumber - Today.DayNumber) switch
        {
            0 => "今日",
            1 => "明日",
            -1 => "昨日",
            _ => $"{day.Month}/{day.Day}{JapaneseDate.Weekday(day)}",
        };
        return (word, TokyoTime.TimeOf(moment).ToString("H:mm", System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The word and pattern of a line's status.</summary>
    public (string Kind, string Word) StateOf(MyDevice device) => device.Status switch
    {
        LineStatus.Requested => ("wait", "承認待ち"),
        LineStatus.Approved => ("ok", "予約確定"),
        LineStatus.Ready => ("ok", "準備済み"),
        _ => device.To <= Now ? ("late", "返却遅れ") : ("out", "貸出中"),
    };
}
