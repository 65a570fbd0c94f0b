using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>The desk's day: what goes out, what comes back, what is late, what must be prepared; a scan opens the right work at once.</summary>
public sealed class DeskIndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : DeskPage(db, me)
{
    [BindProperty(SupportsGet = true, Name = "tab")]
    public string Tab { get; set; } = "out";

    [BindProperty(SupportsGet = true, Name = "q")]
    public string? Code { get; set; }

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public IReadOnlyList<TabLines> Tabs { get; private set; } = [];

    public TabLines Shown => Tabs.FirstOrDefault(t => t.Key == Tab) ?? Tabs[0];

    // A scan that leads somewhere does not read the day's lists.
    private bool isAnswered;

    /// <summary>One tab with its lines.</summary>
    public sealed record TabLines(string Key, string Text, string Empty, IReadOnlyList<DeskLine> Lines);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var office = await OpenDeskAsync(ct);
        if (!string.IsNullOrWhiteSpace(Code) && !isAnswered) return;
        var hours = new DeskHours(office, await Db.WorkCalendarAsync(ct));
        var tomorrow = TokyoTime.Midnight(TokyoTime.DayOf(Now).AddDays(1));
        var nextDay = TokyoTime.Midnight(TokyoTime.DayOf(hours.NextOpening(tomorrow)).AddDays(1));
        var lines = await Db.DeskLinesOf()
            .Where(l => l.OfficeId == office.Id && (l.Status == LineStatus.OnLoan || ((l.Status == LineStatus.Approved || l.Status == LineStatus.Ready) && l.From < nextDay)))
            .AsNoTracking().ToListAsync(ct);

        var coming = lines.Where(l => l.IsComing).OrderBy(l => l.From).ThenBy(l => l.Number, StringComparer.Ordinal).ToList();
        var (late, back) = (lines.Where(l => IsLate(l, hours)).OrderBy(l => l.To).ToList(), lines.Where(l => l.Status == LineStatus.OnLoan && !IsLate(l, hours)).OrderBy(l => l.To).ToList());
        Tabs =
        [
            new("out", "引渡し予定", "今日の引渡し予定はありません。", [.. coming.Where(l => l.From < tomorrow)]),
            new("back", "返却予定", "貸出中の端末はありません。", back),
            new("late", "遅延", "返却が遅れている端末はありません。", late),
            new("prepare", "準備", "次の開庁日までに準備するものはありません。", [.. coming.Where(l => l.Status == LineStatus.Approved || l.DeviceId is null)]),
        ];
        if (Tabs.All(t => t.Key != Tab)) Tab = "out";
    }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(Code)) return Page();
        var scanned = await DeskLookup.FindAsync(Db, Code, ct);
        var tomorrow = TokyoTime.Midnight(TokyoTime.DayOf(Now).AddDays(1));
        var lines = Db.DeskLinesOf().Where(l => l.OfficeId == Office.Id);
        var due = lines.Where(l => (l.Status == LineStatus.Approved || l.Status == LineStatus.Ready) && l.From < tomorrow);
        switch (scanned.Kind)
        {
            case ScannedKind.Device when await Db.Loans.AnyAsync(l => l.DeviceId == scanned.DeviceId && l.InAt == null, ct):
                return Redirect($"{DeskHref}/take-back?device={scanned.DeviceId}");
            case ScannedKind.Device when await due.AnyAsync(l => l.DeviceId == scanned.DeviceId, ct):
                return Redirect($"{DeskHref}/hand-over?q={Uri.EscapeDataString(scanned.Read)}");
            case ScannedKind.Device:
                return Redirect($"{DeskHref}/walk-up?device={scanned.DeviceId}");
            case ScannedKind.Booking when await lines.AnyAsync(l => l.BookingId == scanned.BookingId && (l.Status == LineStatus.Approved || l.Status == LineStatus.Ready), ct):
            case ScannedKind.Person when await due.AnyAsync(l => l.BorrowerId == scanned.StaffId, ct):
                return Redirect($"{DeskHref}/hand-over?q={Uri.EscapeDataString(scanned.Read)}");
            case ScannedKind.Booking when await lines.AnyAsync(l => l.BookingId == scanned.BookingId && l.Status == LineStatus.OnLoan, ct):
            case ScannedKind.Person when await lines.AnyAsync(l => l.BorrowerId == scanned.StaffId && l.Status == LineStatus.OnLoan, ct):
                return Redirect($"{DeskHref}/take-back?q={Uri.EscapeDataString(scanned.Read)}");
            case ScannedKind.Booking:
                return await SayHereAsync(ScanResult.Refused($"予約 {scanned.Read} に、{Office.Name}で引き渡すものや返却を受けるものはありません。"), ct);
            case ScannedKind.Person:
                return await SayHereAsync(ScanResult.Refused($"職員番号 {scanned.Read} の方に、{Office.Name}で引き渡すものや返却を受けるものはありません。即時貸出は、端末を読み取って始めます。"), ct);
            default:
                return await SayHereAsync(ScanResult.NotFound(scanned.Read), ct);
        }
    }

    private async Task<IActionResult> SayHereAsync(ScanResult said, CancellationToken ct)
    {
        (Result, isAnswered) = (said, true);
        await LoadAsync(ct);
        return Page();
    }

    private bool IsLate(DeskLine line, DeskHours hours) => line.Status == LineStatus.OnLoan && hours.EffectiveDue(line.To) < Now;
}
