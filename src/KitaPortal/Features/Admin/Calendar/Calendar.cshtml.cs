using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Admin.Calendar;

/// <summary>開庁日と休日 of a fiscal year: what is computed, and what the town decided otherwise.</summary>
[Authorize(Policy = Policies.Admin)]
public sealed class CalendarPage(PortalDb db, TimeProvider clock) : FormPage
{
    /// <summary>A day that is not like others.</summary>
    public sealed record Line(DateOnly Day, string Name, string Kind, string Place, Guid? OverrideId, string? Note);

    [BindProperty(SupportsGet = true)] public int? Year { get; set; }

    public OverrideForm Form { get; set; } = new();

    public FiscalYear FiscalYear { get; private set; }

    public IReadOnlyList<Line> Lines { get; private set; } = [];

    public int OpenDays { get; private set; }

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Kinds { get; } = PeopleChoices.Of<HolidayKind>(k => k == HolidayKind.Closed ? "休日にする" : "開庁日にする");

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        FiscalYear = Year is >= 1975 and <= 2048 ? new(Year.Value) : FiscalYear.From(today);
        var (first, end) = (FiscalYear.FirstDay, FiscalYear.LastDay.AddDays(1));
        var offices = await db.Offices.AsNoTracking().ToDictionaryAsync(o => o.Id.Value, o => o.Name, ct);
        var overrides = await db.HolidayOverrides.AsNoTracking().Where(h => h.Day >= first && h.Day < end).ToListAsync(ct);
        OpenDays = (await db.WorkCalendarAsync(ct)).CountWorkingDays(first, end);
        var lines = overrides.Select(h => new Line(h.Day, h.Name, h.Kind == HolidayKind.Closed ? "休日" : "開庁日", h.OfficeId is { } o ? offices.GetValueOrDefault(o, "") : "全庁", h.Id, h.Note)).ToList();
        for (var day = first; day < end; day = day.AddDays(1))
        {
            if (NationalHolidays.NameOf(day) is { } name) lines.Add(new(day, name, "祝日", "全国", null, null));
            else if (WorkCalendar.Plain.ClosedBecause(day) == "年末年始") lines.Add(new(day, "年末年始", "休日", "全庁", null, null));
        }
        Lines = [.. lines.OrderBy(l => l.Day).ThenBy(l => l.OverrideId is null)];
        Offices = await db.OfficeChoicesAsync(today, ct);
        Form = new() { Day = today };
    }

    public async Task<IActionResult> OnPostAddAsync([FromForm(Name = "Form")] OverrideForm form, CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            Guid? office = form.OfficeId?.Value;
            if (office is not null && !await db.Offices.AnyAsync(o => o.Id == form.OfficeId, ct)) throw new NotHereException();
            if (await db.HolidayOverrides.SingleOrDefaultAsync(h => h.Day == form.Day && h.OfficeId == office, ct) is { } present)
            {
                db.Audit(new AuditNote("calendar.changed", "HolidayOverride", present.Id.ToString(), new { present.Kind, present.Name }, new { form.Day, form.Kind, form.Name }));
                present.Change(form.Kind, form.Name.Trim(), form.Note?.Trim());
            }
            else
            {
                var added = new HolidayOverride(form.Day, office, form.Kind, form.Name.Trim(), form.Note?.Trim());
                db.Add(added);
                db.Audit(new AuditNote("calendar.added", "HolidayOverride", added.Id.ToString(), After: new { form.Day, office, form.Kind, form.Name }));
            }
        }, ct);
        Say($"{JapaneseDate.Long(form.Day)}を{(form.Kind == HolidayKind.Closed ? "休日" : "開庁日")}にしました。");
        return RedirectToPage(new { year = FiscalYear.From(form.Day).Value });
    }

    public async Task<IActionResult> OnPostRemoveAsync(Guid id, CancellationToken ct)
    {
        var year = await db.WriteAsync(async () =>
        {
            var found = await db.HolidayOverrides.SingleOrDefaultAsync(h => h.Id == id, ct).OrNotHere();
            db.Audit(new AuditNote("calendar.removed", "HolidayOverride", id.ToString(), new { found.Day, found.OfficeId, found.Kind, found.Name }));
            db.Remove(found);
            return FiscalYear.From(found.Day).Value;
        }, ct);
        Say("町の定めを取り消しました。");
        return RedirectToPage(new { year });
    }

    /// <summary>A day the town closes or opens.</summary>
    public sealed class OverrideForm
    {
        [Display(Name = "日付"), Required(ErrorMessage = "日付を入力してください。")] public DateOnly Day { get; set; }

        [Display(Name = "扱い")] public HolidayKind Kind { get; set; } = HolidayKind.Closed;

        [Display(Name = "名称"), Required(ErrorMessage = "名称を入力してください。")] public string Name { get; set; } = "";

        [Display(Name = "庁舎")] public OfficeId? OfficeId { get; set; }

        [Display(Name = "覚え書き")] public string? Note { get; set; }
    }
}
