using System.ComponentModel.DataAnnotations;
using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Series;

/// <summary>A series with the result of each day; この回, この回以降, すべて.</summary>
public sealed class DetailPage(PortalDb db, Reserving reserving, SeriesBooking bookings, CurrentStaff me) : FormPage
{
    /// <summary>One day with its booking.</summary>
    public sealed record Row(SeriesDay Day, BookingId? BookingId, string? Number, DateTimeOffset? From, DateTimeOffset? To, LineStatus? Status)
    {
        public bool IsComing => Status is LineStatus.Requested or LineStatus.Approved or LineStatus.Ready;
    }

    [BindProperty(SupportsGet = true)]
    public SeriesId Id { get; set; }

    public BookingSeries Series { get; private set; } = null!;

    public string Borrower { get; private set; } = "";

    public string What { get; private set; } = "";

    public string Time { get; private set; } = "";

    public bool MayChange { get; private set; }

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    [BindProperty]
    public ChangeForm Change { get; set; } = new();

    public IReadOnlyList<SelectListItem> FromChoices { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        Series = await db.BookingSeries.AsNoTracking().Include(s => s.Days).SingleOrDefaultAsync(s => s.Id == Id, ct).OrNotHere();
        MayChange = await SeriesBooking.ChangeableBy(db.BookingSeries, Asker.Of(me)).AnyAsync(s => s.Id == Id, ct);
        var ids = Series.Days.Select(d => d.BookingId).OfType<BookingId>().ToList();
        var found = await db.Bookings.AsNoTracking().Include(b => b.Lines).VisibleTo(me).Where(b => ids.Contains(b.Id)).ToListAsync(ct);
        if (!MayChange && found.Count == 0) throw new NotHereException();
        var byId = found.ToDictionary(b => b.Id);
        Rows = [.. Series.Days.OrderBy(d => d.Day).Select(d => d.BookingId is { } id && byId.TryGetValue(id, out var b)
            ? new Row(d, id, b.Number, b.From, b.To, (b.Lines.FirstOrDefault(l => l.IsActive) ?? b.Lines[0]).Status) : new Row(d, null, null, null, null, null))];
        FromChoices = [new("すべて（これからの回）", ""), .. Rows.Where(r => r.IsComing).Skip(1).Select(r => new SelectListItem($"{Word(r.Day.Day)}以降", $"{r.Day.Day:yyyy-MM-dd}"))];
        if (HttpMethods.IsGet(Request.Method)) Change = new ChangeForm { Start = TokyoTime.TimeOf(Series.Template.From), End = TokyoTime.TimeOf(Series.Template.To), Until = Series.Days.Max(d => d.Day) };
        var borrower = Series.BorrowerId;
        Borrower = await db.Staff.Where(s => s.Id == borrower).Select(s => s.FamilyName + "\u3000" + s.GivenName).SingleAsync(ct);
        var template = Series.Template;
        Time = $"{BookingWords.Time(template.From)}～{BookingWords.Time(template.To)}";
        var pools = await reserving.PoolsOfAsync(await template.UnpackedAsync(db, ct), ct);
        What = string.Join("、", await (
            from pool in db.Pools
            where pools.Contains(pool.Id)
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            select model.Name + "（" + office.Name + "）").ToListAsync(ct));
    }

    // The form of the change is judged where it is sent.
    private void DemandTimes()
    {
        if (Change.Start is null) ModelState.AddModelError("Change.Start", "時刻を入力してください。");
        if (Change.End is null) ModelState.AddModelError("Change.End", "時刻を入力してください。");
    }

    public async Task<IActionResult> OnPostCancelAsync(string scope, string? day, CancellationToken ct)
    {
        var on = DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) ? parsed : (DateOnly?)null;
        if (scope == "this")
        {
            var series = await SeriesBooking.ChangeableBy(db.BookingSeries, Asker.Of(me)).Where(s => s.Id == Id).SelectMany(s => s.Days).Where(d => d.Day == on).Select(d => new { d.BookingId }).SingleOrDefaultAsync(ct).OrNotHere();
            await reserving.CancelAsync(series.BookingId ?? throw new NotHereException(), null, Asker.Of(me), null, ct);
            Say($"{Word(on!.Value)}の予約を取り消しました。");
        }
        else
        {
            await bookings.CancelAsync(Id, scope == "following" ? on ?? throw new NotHereException() : null, Asker.Of(me), null, ct);
            Say(scope == "following" ? $"{Word(on!.Value)}から後の予約を取り消しました。" : "これからの予約をすべて取り消しました。");
        }
        return RedirectToPage(new { id = Id });
    }

    public async Task<IActionResult> OnPostChangeAsync(CancellationToken ct)
    {
        DemandTimes();
        if (!ModelState.IsValid) return Page();
        var changed = await bookings.ChangeAsync(new SeriesChange(Id, Change.From, Change.Start!.Value, Change.End!.Value) { Until = Change.Until, Acknowledged = Change.Acknowledged, Reason = Change.Reason }, Asker.Of(me), ct);
        Say("繰り返しの予約を変更しました。");
        return RedirectToPage(new { id = changed.Id });
    }

    public string Word(DateOnly day) => $"{day.Month}月{day.Day}日{JapaneseDate.Weekday(day)}";
}

/// <summary>The form of a change of the series.</summary>
public sealed class ChangeForm
{
    [Display(Name = "どの回を変えるか")]
    public DateOnly? From { get; set; }

    [Display(Name = "受取の時刻")]
    public TimeOnly? Start { get; set; }

    [Display(Name = "返却の時刻")]
    public TimeOnly? End { get; set; }

    [Display(Name = "終わりの日")]
    public DateOnly? Until { get; set; }

    [Display(Name = "許可する人への説明"), StringLength(1000, ErrorMessage = "1000字までで入力してください。")]
    public string? Reason { get; set; }

    public List<string> Acknowledged { get; set; } = [];
}
