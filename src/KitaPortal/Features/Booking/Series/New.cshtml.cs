using System.ComponentModel.DataAnnotations;
using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Approvals;
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

/// <summary>Repeats what the booking form asks for: each day with its result, and the person picks 予約, 別案 or 飛ばす.</summary>
public sealed class NewPage(PortalDb db, Reserving reserving, SeriesBooking bookings, CurrentStaff me) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public ReserveForm Form { get; set; } = new();

    [BindProperty(SupportsGet = true)]
    public RepeatForm Repeat { get; set; } = new();

    [BindProperty]
    public Dictionary<string, string> Picks { get; set; } = [];

    /// <summary>Made with the page: the same form sent twice is one series.</summary>
    [BindProperty(SupportsGet = true)]
    public SeriesId? Id { get; set; }

    /// <summary>Set when the address does not carry one yet.</summary>
    public SeriesId? NewId { get; private set; }

    public string What { get; private set; } = "";

    public DateTimeOffset From { get; private set; }

    public DateTimeOffset To { get; private set; }

    public IReadOnlyList<JudgedDay> Days { get; private set; } = [];

    public IReadOnlyList<(Broken Warning, int Count)> Warnings { get; private set; } = [];

    public IReadOnlyList<RoutePreview> Route { get; private set; } = [];

    public string BackHref => $"/booking/reserve{FormInside.Query(Request, "Form.")}";

    private IReadOnlyDictionary<PoolId, string> pools = new Dictionary<PoolId, string>();

    public IReadOnlyList<SelectListItem> Frequencies { get; } = [new("毎日", "DAILY"), new("毎週", "WEEKLY"), new("毎月", "MONTHLY")];

    public IReadOnlyList<SelectListItem> Weekdays { get; } = [new("月", "MO"), new("火", "TU"), new("水", "WE"), new("木", "TH"), new("金", "FR"), new("土", "SA"), new("日", "SU")];

    public IReadOnlyList<SelectListItem> Monthlies { get; } = [new("同じ日付", "day"), new("同じ週の同じ曜日（第2火曜など）", "weekday")];

    public IReadOnlyList<SelectListItem> Policies { get; } = [new("飛ばす", nameof(HolidayPolicy.Skip)), new("前の開庁日にする", nameof(HolidayPolicy.Previous)), new("次の開庁日にする", nameof(HolidayPolicy.Next))];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var isGet = HttpMethods.IsGet(Request.Method);
        if (isGet) ModelState.Clear();
        if (Form.ToRequest(me.Id) is not { } asked) throw new NotHereException();
        (From, To) = (asked.From, asked.To);
        if (Id is null) NewId = SeriesId.New();
        pools = await (
            from pool in db.Pools
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            select new { pool.Id, Name = model.Name + "（" + office.Name + "）" }).ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        try
        {
            What = string.Join("、", (await reserving.PoolsOfAsync(await asked.UnpackedAsync(db, ct), ct)).Select(p => pools.GetValueOrDefault(p, "")));
            if (!Repeat.IsAsked) return;
            var series = new SeriesRequest(Id ?? NewId!.Value, asked, Recurrence.Parse(Repeat.Rule(TokyoTime.DayOf(From))), Repeat.Holidays);
            Days = await bookings.PreviewAsync(series, Asker.Of(me), ct);
        }
        catch (RuleViolation refused)
        {
            if (!isGet) return;
            Broken = refused.Broken;
            foreach (var broken in refused.Broken) ModelState.AddModelError(broken.Field ?? "", $"{broken.Message}（{broken.Rule.Number}）{broken.Remedy}");
            return;
        }
        var possible = Days.Where(d => d.Judgement is not null).ToList();
        Warnings = [.. possible.SelectMany(d => d.Judgement!.Warnings).GroupBy(w => w.Rule.Code).Select(g => (g.First(), g.Count()))];
        if (possible.FirstOrDefault(d => d.Judgement!.Conditions.Count > 0) is { } first) Route = await reserving.PreviewRouteAsync(first.Request!, first.Judgement!, ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var asked = Form.ToRequest(me.Id) ?? throw new NotHereException();
        var picks = Picks.Where(p => DateOnly.TryParseExact(p.Key, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            .ToDictionary(p => DateOnly.ParseExact(p.Key, "yyyy-MM-dd", CultureInfo.InvariantCulture), p => Pick.Parse(p.Value));
        var series = await bookings.ReserveAsync(new SeriesRequest(Id ?? SeriesId.New(), asked, Recurrence.Parse(Repeat.Rule(TokyoTime.DayOf(asked.From))), Repeat.Holidays) { Picks = picks }, Asker.Of(me), ct);
        var booked = series.Days.Count(d => d.State == SeriesDayState.Booked);
        Say(series.ApprovalRequestId is null ? $"{booked}回を予約しました。" : $"{booked}回の予約を申し込みました。許可が出ると確定します。");
        return RedirectToPage("Detail", new { id = series.Id });
    }

    /// <summary>What is chosen for the day: what was sent, else the best there is.</summary>
    public string PickOf(JudgedDay day)
        => Picks.TryGetValue($"{day.Day:yyyy-MM-dd}", out var sent) ? sent : day.IsPossible ? "book" : day.Alternative?.ToString() ?? "skip";

    public string Word(DateOnly day) => $"{day.Month}月{day.Day}日{JapaneseDate.Weekday(day)}";

    /// <summary>The other way in words: time, and place when it is another one.</summary>
    public string Describe(JudgedDay day)
    {
        var other = day.AlternativeRequest!;
        var place = other.Wanted[0].PoolId is { } pool && (day.Request!.Wanted[0].PoolId is null || pool != day.Request.Wanted[0].PoolId) ? pools.GetValueOrDefault(pool, "") : "";
        return $"{BookingWords.Time(other.From)}～{BookingWords.Time(other.To)}　{place}".TrimEnd('　');
    }
}

/// <summary>How it repeats, as the form asks.</summary>
public sealed class RepeatForm
{
    [Display(Name = "繰り返し")]
    public string Frequency { get; set; } = "WEEKLY";

    [Display(Name = "間隔"), Range(1, 52, ErrorMessage = "1から52までの数を入力してください。")]
    public int Interval { get; set; } = 1;

    [Display(Name = "曜日")]
    public List<string> Days { get; set; } = [];

    [Display(Name = "毎月の決め方")]
    public string Monthly { get; set; } = "day";

    [Display(Name = "終わりの日")]
    public DateOnly? Until { get; set; }

    [Display(Name = "回数"), Range(1, 400, ErrorMessage = "1から400までの数を入力してください。")]
    public int? Count { get; set; }

    [Display(Name = "閉庁日に当たるとき")]
    public HolidayPolicy Holidays { get; set; }

    public bool IsAsked => Until is not null || Count is not null;

    internal string Rule(DateOnly first)
    {
        var by = Frequency switch
        {
            "WEEKLY" when Days.Count > 0 => $"BYDAY={string.Join(',', Days)};",
            "MONTHLY" when Monthly == "weekday" => $"BYDAY={((first.Day - 1) / 7) + 1}{first.DayOfWeek.ToString()[..2].ToUpperInvariant()};",
            _ => "",
        };
        return $"FREQ={Frequency};INTERVAL={Interval};{by}{(Count is { } times ? $"COUNT={times}" : "")}{(Count is not null && Until is not null ? ";" : "")}{(Until is { } last ? $"UNTIL={last:yyyyMMdd}" : "")}";
    }
}
