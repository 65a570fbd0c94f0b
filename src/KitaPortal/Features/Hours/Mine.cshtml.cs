using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours;

/// <summary>A person's own hours: by month, and by line of a booking.</summary>
public sealed class MinePage(PortalDb db, UseRecording uses, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>2026 or R8; empty is the present year.</summary>
    [BindProperty(SupportsGet = true, Name = "fy")]
    public string? Fy { get; set; }

    public FiscalYear Year { get; private set; }

    public IReadOnlyList<FiscalYear> Years { get; private set; } = [];

    public DateOnly Today { get; private set; }

    public IReadOnlyDictionary<(int Month, Measure Measure), long> ByMonth { get; private set; } = new Dictionary<(int, Measure), long>();

    /// <summary>Booked on days that have not come yet.</summary>
    public long Coming { get; private set; }

    public IReadOnlyList<Line> Lines { get; private set; } = [];

    /// <summary>One of the person's lines with the minutes the ledger holds for it in the year.</summary>
    public sealed record Line(BookingId BookingId, string Number, string Model, DateTimeOffset From, DateTimeOffset To, Purpose Purpose, LineStatus Status, long Booked, long Used, long Unused);

    public sealed class UseForm
    {
        public Guid Id { get; set; } = Guid.CreateVersion7();

        [Display(Name = "借りた機器"), Required(ErrorMessage = "機器を選んでください。")]
        public Guid? Line { get; set; }

        [Display(Name = "日"), Required(ErrorMessage = "日を入れてください。")]
        public DateOnly? Day { get; set; }

        [Display(Name = "利用開始"), Required(ErrorMessage = "時刻を入れてください。")]
        public TimeOnly? From { get; set; }

        [Display(Name = "利用終了"), Required(ErrorMessage = "時刻を入れてください。")]
        public TimeOnly? To { get; set; }

        /// <summary>The entry to correct; none is a new one.</summary>
        public Guid? Corrects { get; set; }
    }

    [BindProperty]
    public UseForm Form { get; set; } = new();

    /// <summary>What the person told of the use, newest first.</summary>
    public IReadOnlyList<Use> Uses { get; private set; } = [];

    /// <summary>Lines that were lent and whose use can be entered.</summary>
    public IReadOnlyList<SelectListItem> Lent { get; private set; } = [];

    public sealed record Use(Guid Id, BookingLineId LineId, string Number, string Model, DateTimeOffset From, DateTimeOffset? To, bool WasForgotten, bool IsOpen);

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (context.HandlerMethod?.Name == "Withdraw") ForgetFormOfOthers(context);
    }

    public async Task<IActionResult> OnPostUseAsync(CancellationToken ct)
    {
        var span = new Period(TokyoTime.At(Form.Day!.Value, Form.From!.Value), TokyoTime.At(Form.Day.Value, Form.To!.Value));
        if (Form.Corrects is { } entry) await uses.CorrectAsync(entry, span, me.Id, ct);
        else await uses.EnterAsync(Form.Id, new BookingLineId(Form.Line!.Value), span, me.Id, ct);
        Say("利用時間を登録しました。");
        return Redirect("/hours/mine#uses");
    }

    public async Task<IActionResult> OnPostWithdrawAsync(Guid entry, CancellationToken ct)
    {
        await uses.WithdrawAsync(entry, me.Id, ct);
        Say("利用の記録を取り消しました。");
        return Redirect("/hours/mine#uses");
    }

    private async Task LoadUsesAsync(CancellationToken ct)
    {
        var closed = (await db.MonthCloses.Where(m => m.ClosedAt != null).Select(m => new { m.FiscalYear, m.Month }).ToListAsync(ct)).Select(m => (m.FiscalYear, m.Month)).ToHashSet();
        bool IsOpen(DateTimeOffset at) => TokyoTime.DayOf(at) is var day && !closed.Contains((FiscalYear.From(day), day.Month));
        var rows = await (
            from use in db.UseSessions
            join booking in db.Bookings on use.BookingId equals booking.Id
            where booking.BorrowerId == me.Id && !use.IsWithdrawn
            join line in db.BookingLines on use.LineId equals line.Id
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            orderby use.From descending
            select new { use.Id, use.LineId, booking.Number, model.Name, use.From, use.To, use.WasForgotten }).Take(30).AsNoTracking().ToListAsync(ct);
        Uses = [.. rows.Select(r => new Use(r.Id, r.LineId, r.Number, r.Name, r.From, r.To, r.WasForgotten, IsOpen(r.From)))];
        var lent = await (
            from loan in db.Loans
            join line in db.BookingLines on loan.LineId equals line.Id
            join booking in db.Bookings on line.BookingId equals booking.Id
            where booking.BorrowerId == me.Id
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            orderby loan.OutAt descending
            select new { line.Id, booking.Number, model.Name, loan.OutAt, loan.InAt }).Take(30).AsNoTracking().ToListAsync(ct);
        Lent = [.. lent.Where(l => IsOpen(l.InAt ?? clock.GetUtcNow())).Select(l => new SelectListItem($"{l.Number}　{l.Name}（{JapaneseDate.Short(TokyoTime.DayOf(l.OutAt))}から{(l.InAt is { } back ? JapaneseDate.Short(TokyoTime.DayOf(back)) : "貸出中")}）", l.Id.Value.ToString()))];
    }

    /// <summary>Who looked at the person's hours, newest first.</summary>
    public IReadOnlyList<Look> Looks { get; private set; } = [];

    public sealed record Look(DateTimeOffset At, string Viewer, string What);

    public long SumOf(Measure measure) => ByMonth.Where(m => m.Key.Measure == measure).Sum(m => m.Value);

    public override async Task LoadAsync(CancellationToken ct)
    {
        Today = clock.Today();
        var year = Year = new ReviewQuery { Fy = Fy }.Year(Today);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        Looks = [.. (await db.PersonalLooks.AsNoTracking().Where(l => l.StaffId == me.Id).OrderByDescending(l => l.At).Take(20).ToListAsync(ct)).Select(l => new Look(l.At, organisation.Find(l.ViewerId)?.Name ?? "", l.What))];
        await LoadUsesAsync(ct);
        var keys = await db.LedgerPeople.AsNoTracking().Where(p => p.StaffId == me.Id).ToListAsync(ct);
        Years = [.. keys.Select(k => k.FiscalYear).Append(FiscalYear.From(Today)).Append(year).Distinct().OrderDescending()];
        if (keys.FirstOrDefault(k => k.FiscalYear == year)?.Id is not { } key) return;

        var rows = await db.LedgerEntries.Where(e => e.PersonKey == key && e.Grain == Grain.Day)
            .GroupBy(e => new { e.SourceKind, e.SourceId, e.CountedMonth, e.Measure, IsComing = e.WorkDate > Today })
            .Select(g => new { g.Key.SourceKind, g.Key.SourceId, g.Key.CountedMonth, g.Key.Measure, g.Key.IsComing, Minutes = g.Sum(e => (long)e.Minutes) }).ToListAsync(ct);
        ByMonth = rows.Where(r => !r.IsComing && r.CountedMonth is not null).GroupBy(r => (r.CountedMonth!.Value, r.Measure)).ToDictionary(g => g.Key, g => g.Sum(r => r.Minutes));
        Coming = rows.Where(r => r.IsComing && r.Measure == Measure.Booked).Sum(r => r.Minutes);

        var sources = rows.Where(r => r.SourceKind == SourceKind.Line && r.Minutes != 0).ToLookup(r => new BookingLineId(r.SourceId));
        var ids = sources.Select(s => s.Key).ToList();
        var lines = await (
            from line in db.BookingLines
            where ids.Contains(line.Id)
            join booking in db.Bookings on line.BookingId equals booking.Id
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            orderby line.From descending
            select new { line.Id, line.BookingId, booking.Number, Model = model.Name, line.From, line.To, booking.Purpose, line.Status }).AsNoTracking().ToListAsync(ct);
        Lines = [.. lines.Select(l => new Line(l.BookingId, l.Number, l.Model, l.From, l.To, l.Purpose, l.Status, Of(l.Id, Measure.Booked), Of(l.Id, Measure.Used), Of(l.Id, Measure.Unused)))];

        long Of(BookingLineId line, Measure measure) => sources[line].Where(r => r.Measure == measure).Sum(r => r.Minutes);
    }
}
