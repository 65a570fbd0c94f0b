using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Classes;

/// <summary>窓口の受取の上限: how many devices may be collected in an hour at a desk on a day, for days on which the desk is short of hands.</summary>
[Authorize(Policy = Policies.Admin)]
public sealed class DeskDaysPage(PortalDb db, TimeProvider clock) : FormPage
{
    /// <summary>A day with a cap.</summary>
    public sealed record Row(OfficeId OfficeId, string Office, DateOnly Day, int Cap, int Booked);

    [BindProperty]
    public CapForm Form { get; set; } = new();

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        Offices = await db.OfficeChoicesAsync(today, ct);
        Form.Day ??= today;
        var caps = await (from day in db.DeskDays where day.Day >= today && day.HourlyCap != null join office in db.Offices on day.OfficeId equals office.Id orderby day.Day, office.SortOrder select new { office.Id, office.Name, day.Day, Cap = day.HourlyCap!.Value }).Take(200).ToListAsync(ct);
        var since = TokyoTime.Midnight(today);
        var coming = caps.Count == 0 ? [] : await (from line in db.BookingLines where line.From >= since && (line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready) join pool in db.Pools on line.PoolId equals pool.Id select new { pool.OfficeId, line.From }).ToListAsync(ct);
        Rows = [.. caps.Select(c => new Row(c.Id, c.Name, c.Day, c.Cap, coming.Count(l => l.OfficeId == c.Id && TokyoTime.DayOf(l.From) == c.Day)))];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!await db.Offices.AnyAsync(o => o.Id == Form.OfficeId, ct)) throw new NotHereException();
        await DeskDayRows.CapAsync(db, Form.OfficeId!.Value, Form.Day!.Value, Form.Cap, ct);
        Say(Form.Cap is { } cap ? $"{JapaneseDate.Long(Form.Day.Value)}の受取を1時間に{cap}台までにしました。" : $"{JapaneseDate.Long(Form.Day.Value)}の上限を取り消しました。");
        return RedirectToPage();
    }

    /// <summary>A cap as it is entered; empty takes it back.</summary>
    public sealed class CapForm
    {
        [Display(Name = "庁舎"), Required(ErrorMessage = "庁舎を選んでください。")]
        public OfficeId? OfficeId { get; set; }

        [Display(Name = "日"), Required(ErrorMessage = "日を入力してください。")]
        public DateOnly? Day { get; set; }

        [Display(Name = "1時間の上限"), Range(1, 200, ErrorMessage = "1から200までの数を入力してください。")]
        public int? Cap { get; set; }
    }
}
