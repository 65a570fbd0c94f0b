using System.ComponentModel.DataAnnotations;
using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Closures;

/// <summary>貸出停止期間: the list, and a form that shows the bookings hit before anything is entered.</summary>
[Authorize(Policy = Policies.Admin)]
public sealed class BlackoutsPage(PortalDb db, Blackouts blackouts, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public BlackoutForm Form { get; set; } = new();

    /// <summary>What was chosen for each booking hit.</summary>
    [BindProperty]
    public Dictionary<Guid, HitChoice> Choices { get; set; } = [];

    /// <summary>One blackout with the words of its scope.</summary>
    public sealed record Row(Blackout Blackout, string Scope);

    public IReadOnlyList<Row> Coming { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Classes { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Models { get; private set; } = [];

    /// <summary>The bookings the form would hit; null until it can be read.</summary>
    public IReadOnlyList<BlackoutHit>? Hits { get; private set; }

    public IReadOnlyList<Broken> Refused { get; private set; } = [];

    public static IReadOnlyList<SelectListItem> Repeats { get; } = [new("毎日", "DAILY"), new("毎週", "WEEKLY"), new("毎月（同じ日）", "MONTHLY")];

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context) => ForgetFormOfOthers(context);

    public override async Task LoadAsync(CancellationToken ct)
    {
        if (HttpMethods.IsGet(Request.Method)) ModelState.Clear();
        var now = clock.GetUtcNow();
        var offices = await db.Offices.OrderBy(o => o.SortOrder).Select(o => new { o.Id, o.Name }).ToListAsync(ct);
        var classes = await db.DeviceClasses.OrderBy(c => c.Name).Select(c => new { c.Id, c.Name }).ToListAsync(ct);
        var models = await db.DeviceModels.OrderBy(m => m.Name).Select(m => new { m.Id, m.Name }).ToListAsync(ct);
        (Offices, Classes, Models) = ([.. offices.Select(o => new SelectListItem(o.Name, o.Id.ToString()))], [.. classes.Select(c => new SelectListItem(c.Name, c.Id.ToString()))], [.. models.Select(m => new SelectListItem(m.Name, m.Id.ToString()))]);
        Coming = [.. (await db.Blackouts.AsNoTracking().Where(b => b.LastsUntil > now).OrderBy(b => b.From).ToListAsync(ct)).Select(b => new Row(b, string.Join("・",
        [
            offices.FirstOrDefault(o => o.Id == b.OfficeId)?.Name ?? "すべての庁舎",
            models.FirstOrDefault(m => m.Id == b.ModelId)?.Name ?? classes.FirstOrDefault(c => c.Id == b.ClassId)?.Name ?? "すべての端末",
        ])))];
        if (Form.From is null || Form.To is null || string.IsNullOrWhiteSpace(Form.Reason)) return;
        try
        {
            Hits = await blackouts.HitsAsync(Form.ToBlackout(), Asker.Of(me), ct);
        }
        catch (RuleViolation refused)
        {
            Refused = refused.Broken;
        }
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await blackouts.EnterAsync(Form.ToBlackout, Choices.ToDictionary(c => new BookingLineId(c.Key), c => c.Value), Asker.Of(me), ct);
        Say("貸出停止期間を登録しました。変わった予約の借受者には、お知らせを送りました。");
        return Redirect("/booking/blackouts");
    }

    public async Task<IActionResult> OnPostLiftAsync([FromForm] Guid blackout, CancellationToken ct)
    {
        await blackouts.LiftAsync(blackout, ct);
        Say("貸出停止期間を終えました。");
        return Redirect("/booking/blackouts");
    }

    /// <summary>毎週 until 4月30日.</summary>
    public static string RepeatOf(Blackout blackout)
        => blackout.Repeat is null ? "" : $"{Repeats.FirstOrDefault(r => blackout.Repeat.Contains(r.Value, StringComparison.Ordinal))?.Text ?? "繰り返し"}・{blackout.Periods.Count.ToString(CultureInfo.InvariantCulture)}回・{JapaneseDate.Short(TokyoTime.DayOf(blackout.LastsUntil))}まで";
}

/// <summary>The form of a blackout; times are Tokyo wall clock.</summary>
public sealed class BlackoutForm
{
    [Display(Name = "庁舎")]
    public OfficeId? OfficeId { get; set; }

    [Display(Name = "区分")]
    public DeviceClassId? ClassId { get; set; }

    [Display(Name = "機種")]
    public DeviceModelId? ModelId { get; set; }

    [Display(Name = "始まり"), Required(ErrorMessage = "始まりの日時を入力してください。")]
    public DateTime? From { get; set; }

    [Display(Name = "終わり"), Required(ErrorMessage = "終わりの日時を入力してください。")]
    public DateTime? To { get; set; }

    [Display(Name = "理由"), Required(ErrorMessage = "理由を入力してください。"), StringLength(200, ErrorMessage = "200字までで入力してください。")]
    public string? Reason { get; set; }

    [Display(Name = "繰り返し")]
    public string? Repeat { get; set; }

    [Display(Name = "繰り返しの最後の日")]
    public DateOnly? Until { get; set; }

    internal Blackout ToBlackout() => ToBlackout(null);

    internal Blackout ToBlackout(Guid? id)
    {
        var (from, to) = (Moment(From), Moment(To));
        Demand.All(
            from < to && to - from < TimeSpan.FromDays(366) ? null : LifeRules.MaintenancePeriod.On("Form.To"),
            string.IsNullOrEmpty(Repeat) || (Repeat is "DAILY" or "WEEKLY" or "MONTHLY" && Until is { } end && end >= TokyoTime.DayOf(from) && end < TokyoTime.DayOf(from).AddYears(2)) ? null : LifeRules.Repeats.On("Form.Until"));
        return new Blackout(OfficeId, ClassId, ModelId, from, to, Reason!.Trim(), string.IsNullOrEmpty(Repeat) ? null : $"FREQ={Repeat};UNTIL={Until!.Value:yyyyMMdd}T235959", id);
    }

    private static DateTimeOffset Moment(DateTime? wall)
        => wall is { Year: > 1900 and < 9000 } known ? new DateTimeOffset(known, TokyoTime.Offset).ToUniversalTime() : DateTimeOffset.UnixEpoch;
}
