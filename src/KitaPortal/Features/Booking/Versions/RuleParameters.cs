using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;

namespace KitaPortal.Features.Booking.Versions;

/// <summary>One number of the rules that a rule set may change.</summary>
/// <param name="Name">As it is kept in the set.</param>
/// <param name="Label">What it is called on screen.</param>
/// <param name="Unit">開庁日, 台, 時間 …</param>
/// <param name="Least">The smallest value that makes sense.</param>
/// <param name="Most">The largest.</param>
/// <param name="Of">The value in a policy.</param>
/// <param name="Numbers">The rules it belongs to.</param>
public sealed record RuleParameter(string Name, string Label, string Unit, int Least, int Most, Func<RulePolicy, int> Of, params int[] Numbers)
{
    public int Shipped => Of(RulePolicy.Shipped);

    public static IReadOnlyList<RuleParameter> All { get; } =
    [
        new(nameof(RulePolicy.MinMinutes), "最短の利用時間", "分", 15, 480, p => p.MinMinutes, 101),
        new(nameof(RulePolicy.PastMinutes), "開始を過ぎても予約できる時間", "分", 0, 120, p => p.PastMinutes, 102),
        new(nameof(RulePolicy.WindowMonths), "予約を受け付ける期間", "か月", 1, 24, p => p.WindowMonths, 103),
        new(nameof(RulePolicy.LeadDays), "持出しの申込期限", "開庁日前", 0, 20, p => p.LeadDays, 104),
        new(nameof(RulePolicy.LongDays), "原則の貸出日数", "開庁日", 1, 250, p => p.LongDays, 105),
        new(nameof(RulePolicy.TooLongDays), "延長を含む最長の日数", "開庁日", 1, 250, p => p.TooLongDays, 106),
        new(nameof(RulePolicy.DeskCap), "窓口の受取の上限（0は定めない）", "台／時", 0, 200, p => p.DeskCap, 110),
        new(nameof(RulePolicy.ConcurrentOutside), "同じ区分を同時に借りられる数（庁外）", "台", 1, 50, p => p.ConcurrentOutside, 401),
        new(nameof(RulePolicy.ConcurrentInside), "同じ区分を同時に借りられる数（庁内）", "台", 1, 100, p => p.ConcurrentInside, 401),
        new(nameof(RulePolicy.HomeDays), "在宅勤務の日数（0は定めない）", "日／週", 0, 5, p => p.HomeDays, 402),
        new(nameof(RulePolicy.OpenBookings), "同時にもてる予約", "件", 1, 200, p => p.OpenBookings, 403),
        new(nameof(RulePolicy.QuotaHours), "ひとりの予約枠（0は定めない）", "時間／月", 0, 744, p => p.QuotaHours, 404),
        new(nameof(RulePolicy.SectionQuotaHours), "所属の予約枠（0は定めない）", "時間／月", 0, 100_000, p => p.SectionQuotaHours, 404),
        new(nameof(RulePolicy.NoShows), "許可が要るようになる未受取", "回", 1, 20, p => p.NoShows, 405),
        new(nameof(RulePolicy.NoShowWindowDays), "未受取を数える期間", "日", 1, 90, p => p.NoShowWindowDays, 405),
        new(nameof(RulePolicy.TrainingMonths), "研修の有効期間（記録に期限がないとき）", "か月", 1, 60, p => p.TrainingMonths, 305),
        new(nameof(RulePolicy.PatchDays), "更新プログラムの古さ", "日", 1, 365, p => p.PatchDays, 602),
        new(nameof(RulePolicy.AntivirusDays), "ウイルス対策の古さ", "日", 1, 90, p => p.AntivirusDays, 603),
        new(nameof(RulePolicy.CheckDays), "点検記録の古さ", "日", 1, 365, p => p.CheckDays, 605),
        new(nameof(RulePolicy.EarlyMinutes), "早く受け取れる時間", "分前", 0, 480, p => p.EarlyMinutes, 703),
        new(nameof(RulePolicy.Extensions), "延長の回数", "回", 0, 20, p => p.Extensions, 704),
        new(nameof(RulePolicy.Occurrences), "繰り返しの回数", "回", 2, 200, p => p.Occurrences, 801),
    ];

    /// <summary>The lists a rule set may change: name, label, and what stands in it.</summary>
    public static IReadOnlyList<(string Name, string Label, Func<RulePolicy, IReadOnlyList<string>> Of)> Lists { get; } =
    [
        ("Places.DesignatedPlace", "指定場所の一覧", p => p.PlacesOf(DestinationKind.DesignatedPlace)),
        ("Places.TripDestination", "出張先の一覧（空ならどこでも）", p => p.PlacesOf(DestinationKind.TripDestination)),
        ("Places.BranchOrOutpost", "支所・出先の一覧（空なら庁舎の名前）", p => p.PlacesOf(DestinationKind.BranchOrOutpost)),
    ];

    /// <summary>特別職 … as they are kept in <see cref="RulePolicy.ExcludedEmployment"/>.</summary>
    public static IReadOnlyList<(EmploymentClass Class, string Word)> Employments { get; } = [.. Enum.GetValues<EmploymentClass>().Select(c => (c, c.Label()))];
}
