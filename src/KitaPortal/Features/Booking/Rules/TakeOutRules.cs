using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Text;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>貸-501 to 貸-507: what may leave the town's premises, who must allow it, and what may not be written.</summary>
public static class TakeOutRules
{
    private const Stage Asking = Stage.Submit | Stage.Extend;

    public static readonly LendingRule TakeOut = new(501, "take-out", Asking, Grade.Head, "",
        "庁外への持出しには所属長の許可が必要です。", "申し込むと、所属長に許可の申請が届きます。", LeavesThePremises, "Form.DestinationKind");

    public static readonly LendingRule Sensitive = new(502, "sensitive", Asking, Grade.Sec, "",
        "機密性の高い情報を扱う持出しです。", "情報区分を見直すか、情報セキュリティ管理者の許可を受けてください。", SensitiveLeavesThePremises, "Form.InfoClass");

    public static readonly LendingRule ClassOutside = new(503, "class-outside", Asking | Stage.Decide | Stage.HandOver, Grade.Block, "s",
        "この情報は庁外で取り扱えません。", "庁舎内での利用に変えてください。", ForbiddenOutside, "Form.InfoClass");

    public static readonly LendingRule Destination = new(504, "destination", Asking, Grade.Block, "s",
        "持出先を一覧から選んでください。", "庁舎の名前、出張先、指定場所を入力してください。", DestinationIsUnknown, "Form.DestinationNote");

    public static readonly LendingRule Reference = new(505, "reference", Stage.Submit, Grade.Off, "d",
        "{項目}を入力してください。", "旅行命令の番号を入力してください。", ReferenceIsMissing, "Form.TravelOrderNo");

    public static readonly LendingRule NoPermission = new(506, "no-permission", Stage.HandOver | Stage.Extend, Grade.Block, "s",
        "有効な持出許可がありません。", "承認を待つか、緊急貸出を窓口に相談してください。", PermissionIsMissing)
    { IsFixed = true };

    /// <summary>The guard against 個人番号 in free text: refuses until somebody confirms that it is none; a rule set may refuse for good or switch it off.</summary>
    public static readonly LendingRule MyNumber = new(507, "mynumber", Stage.Submit, Grade.Warn, "",
        "個人番号（マイナンバー）と思われる12桁の数字があります。", "数字を消してください。個人番号は番号利用事務の仕組みだけで扱います。個人番号でないときは、確かめた印を付けてください。", LooksLikeMyNumber, "Form.PurposeNote");

    public static IReadOnlyList<LendingRule> All { get; } = [TakeOut, Sensitive, ClassOutside, Destination, Reference, NoPermission, MyNumber];

    private static object?[]? LooksLikeMyNumber(LendingCase c)
        => IndividualNumber.IsIn(c.Aim.PurposeNote) || IndividualNumber.IsIn(c.Aim.DestinationNote) || IndividualNumber.IsIn(c.Aim.TravelOrderNo) ? [] : null;

    private static object?[]? LeavesThePremises(LendingCase c) => c.IsOutside && !c.Class.DeemedPermission ? [] : null;

    private static object?[]? SensitiveLeavesThePremises(LendingCase c)
        => c.IsOutside && (c.Aim.InfoClass == InfoClass.Class3C || c.Aim.PersonalData) ? [] : null;

    private static object?[]? ForbiddenOutside(LendingCase c) => c.IsOutside && (c.Aim.InfoClass is InfoClass.Class3A or InfoClass.Class3B) ? [] : null;

    private static object?[]? DestinationIsUnknown(LendingCase c)
    {
        if (c.Aim.DestinationKind is DestinationKind.InBuilding or DestinationKind.Home) return null;
        var place = c.Aim.DestinationNote?.Trim() ?? "";
        var known = c.Policy.PlacesOf(c.Aim.DestinationKind);
        if (known.Count == 0 && c.Aim.DestinationKind == DestinationKind.BranchOrOutpost) known = c.OfficeNames;
        return place.Length == 0 || (known.Count > 0 && !known.Contains(place)) ? [] : null;
    }

    private static object?[]? ReferenceIsMissing(LendingCase c)
        => c.Aim.Purpose == Purpose.BusinessTrip && string.IsNullOrWhiteSpace(c.Aim.TravelOrderNo) ? ["旅行命令番号"] : null;

    private static object?[]? PermissionIsMissing(LendingCase c)
        => c.Counter is { } counter && (counter.LineStatus == LineStatus.Requested || (c.IsOutside && !counter.IsPermitted)) ? [] : null;
}
