using KitaPortal.Features.People;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>Each rule as the town would write it into its own rules, with the numbers in force.</summary>
public static class RuleWords
{
    public static string Of(LendingRule rule, RulePolicy p) => rule.Number switch
    {
        101 => $"利用時間は{p.MinMinutes}分以上とし、{RulePolicy.Shipped.SlotMinutes}分単位で予約します。",
        102 => $"開始時刻を{p.PastMinutes}分より過ぎた予約はできません（窓口の即時貸出を除きます）。",
        103 => $"予約できるのは{p.WindowMonths}か月先までです。",
        104 => p.LeadDays == 0 ? "持出しは当日まで申し込めます。" : $"許可の要る持出しは、{p.LeadDays}開庁日前までに申し込みます。",
        105 => $"貸出は原則{p.LongDays}開庁日以内です。",
        106 => $"延長を含め、{p.TooLongDays}開庁日を超えて借りることはできません。",
        107 => "受取は窓口の開いている時刻に限ります（窓口を通さずに借りられる端末を除きます）。",
        108 => "返却は窓口の開いている時刻に限ります（窓口を通さずに返せる端末を除きます）。",
        109 => "閉庁日や勤務時間外を含む貸出です（開庁日と開庁日の間の夜は含みません）。",
        110 => p.DeskCap == 0 ? "窓口の受取台数の上限は、日ごとに定めたときだけ適用します。" : $"窓口での受取は、1時間に{p.DeskCap}台までです。",
        111 => "貸出停止期間に重なる貸出はできません。",
        112 => "3月31日をまたぐ予約の時間は、年度ごとに集計します。",
        201 => "期間を通して空いている端末がないときは予約できません。",
        202 => "指名した端末に、ほかの予約や整備があるときは借りられません。",
        203 => "整備中・所在不明・廃止の端末は貸し出しません。",
        204 => "移送などで別の庁舎にある端末は貸し出しません。",
        205 => "必ず付ける付属品がそろわない端末は、引き渡しません。",
        301 => p.ExcludedEmployment.Count == 0 ? "どの職員区分の職員も借りられます（所属のない人を除きます）。" : $"{Words(p.ExcludedEmployment)}の職員は対象外です。",
        302 => "退職・休職の日をまたいで借りることはできません。",
        303 => "貸出停止中の職員は借りられません。",
        304 => "誓約書の要る区分では、署名した誓約書が貸出の最後の日まで有効なこと。",
        305 => $"研修の要る区分では、情報セキュリティ研修が貸出の最後の日まで有効なこと（期限の記録がなければ受講から{p.TrainingMonths}か月）。",
        306 => "所属や役割を限った端末は、その所属・役割の職員だけが借りられます。",
        307 => "割当のある端末を同時に借りられるのは、所属の割当台数までです。",
        308 => "ほかの職員のための予約は、その職員の代理と窓口だけができます。",
        309 => "使用責任者は、借りる人の所属に在職する職員とします。",
        401 => $"同じ区分の端末を同時に借りられるのは、庁外は{p.ConcurrentOutside}台、庁舎内は{p.ConcurrentInside}台までです。",
        402 => p.HomeDays == 0 ? "在宅勤務の日数の上限は定めていません。" : $"在宅勤務は週{p.HomeDays}日までです。",
        403 => $"同時にもてる予約は{p.OpenBookings}件までです。",
        404 => Quota(p),
        405 => $"{p.NoShowWindowDays}日の間に受け取らなかった予約が{p.NoShows}回になった職員の予約です。",
        406 => "同じ時間に、同じ人の別の予約があるときです。",
        501 => "自宅・出張先・指定場所への持出しです（みなし許可の区分を除きます）。",
        502 => "機密性3Cの情報、または個人情報を庁外で扱う持出しです。",
        503 => "機密性3A・3Bの情報は、庁外で取り扱えません。",
        504 => p.PlacesOf(DestinationKind.DesignatedPlace) is { Count: > 0 } places ? $"持出先は一覧から選びます（指定場所：{string.Join("、", places)}）。" : "持出先の名前を入力します。支所・出先は庁舎の一覧から選びます。",
        505 => "出張で使うときは、旅行命令の番号を入力します。",
        506 => "有効な持出許可のない端末は引き渡しません。",
        601 => "暗号化を確認できない端末は引き渡しません。",
        602 => $"更新プログラムの適用から{p.PatchDays}日を超える端末は引き渡しません（貸出の最後の日で数えます）。",
        603 => $"ウイルス対策の更新から{p.AntivirusDays}日を超える端末は引き渡しません。",
        604 => "遠隔消去の対象になっていない端末は引き渡しません。",
        605 => $"点検の記録は{p.CheckDays}日以内のものとします。",
        606 => "使用停止（リコールなど）の端末は使えません。",
        607 => "前回の返却の点検と消去が終わらない端末は引き渡しません。",
        701 => "受け取れるのは、借りる人、使用責任者、登録した代理の人です。",
        702 => "ほかの予約に固定された端末や、機種の違う端末は引き渡しません。",
        703 => $"受取は開始の{p.EarlyMinutes}分前からです（それまで空いている端末を除きます）。",
        704 => $"延長は{p.Extensions}回までです。",
        705 => "返却期限を過ぎてからの延長はできません。",
        706 => "又貸しはできません。返却の手続きが済んでから引き渡します。",
        707 => "付属品が足りない返却は、不足を記録して受け付けます。",
        708 => "データ消去の要る区分では、返却のときに消去を確認します。",
        709 => "窓口で渡す端末は、自分だけで受け取ったり返したりできません。",
        801 => $"繰り返しの予約は{p.Occurrences}回までです。",
        802 => "空き待ちの案内は、期限までに本人が受けたときだけ予約になります。",
        _ => rule.Text.Sentence,
    };

    public static string Weight(Grade grade) => grade switch
    {
        Grade.Block => "できません",
        Grade.Warn => "確認が要ります",
        Grade.Head => "所属長の許可が要ります",
        Grade.Sec => "情報セキュリティ管理者の許可が要ります",
        _ => "使っていません",
    };

    /// <summary>As it stands in a rule set.</summary>
    public static string KeyOf(Grade grade) => grade.ToString().ToLowerInvariant();

    public static string StagesOf(LendingRule rule)
        => string.Join("・", new[] { (Stage.Submit, "予約"), (Stage.Decide, "許可"), (Stage.HandOver, "引渡し"), (Stage.Extend, "延長"), (Stage.TakeBack, "返却") }.Where(s => rule.At.HasFlag(s.Item1)).Select(s => s.Item2));

    public static string PassedBy(LendingRule rule) => rule.OverridableBy switch { "d" => "窓口", "s" => "情報セキュリティ管理者", _ => "" };

    private static string Words(IReadOnlyList<string> classes)
        => string.Join("、", classes.Select(c => Enum.TryParse<EmploymentClass>(c, true, out var known) ? known.Label() : c));

    private static string Quota(RulePolicy p) => (p.QuotaHours, p.SectionQuotaHours) switch
    {
        (0, 0) => "月ごとの予約枠は定めていません。",
        (var own, 0) => $"予約できるのは、ひとり月{own}時間までです。",
        (0, var section) => $"予約できるのは、所属全体で月{section}時間までです。",
        var (own, section) => $"予約できるのは、ひとり月{own}時間、所属全体で月{section}時間までです。",
    };
}
