using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>What the desk's own forms refuse.</summary>
public static class DeskRules
{
    public static readonly Rule NobodyHasNumber = new("貸-951", "booking.desk-person", "職員番号「{番号}」の職員は見つかりません。", "職員番号を確かめてください。");
    public static readonly Rule NoDevice = new("貸-952", "booking.desk-device", "「{番号}」の端末は見つかりません。", "備品番号か端末のQRコードを読み取ってください。");
    public static readonly Rule Photos = new("貸-953", "booking.desk-photos", "写真は{上限}枚までです（{枚数}枚）。", "枚数を減らしてください。");

    public static readonly Rule AlreadyBack = new("貸-954", "booking.desk-already-back", "ほかの窓口が先に返却を受け付けました。", "一覧で「返却済み」になったものの印を外してください。");

    public static readonly Rule WasLost = new("貸-955", "booking.desk-was-lost", "紛失・盗難として届けられている端末です。", "事故の画面で「見つかった」を記録してください。");
    public static readonly Rule Signature = new("貸-956", "booking.desk-signature", "署名を読み取れませんでした。", "枠の中に書き直すか、紙の借用書に署名してもらってください。", "Form.SignatureImage");
    public static readonly Rule SignatureOfOne = new("貸-957", "booking.desk-signature-one", "{人数}人分を1つの署名で渡すことはできません。", "ひとりずつ引き渡すか、「本人がポータルで確認」か「紙の借用書に署名」を選んでください。", "Form.SignatureImage");
    public static readonly Rule Emergency = new("貸-958", "booking.desk-emergency", "緊急貸出は、目的が「災害対応」で、許可を待てない理由があるときに限ります。", "目的を確かめ、理由を10文字以上で入力してください。", "Form.Emergency");

    public static readonly Rule OwnEmergency = new("貸-959", "booking.desk-emergency-own", "自分が借りる端末を、自分で緊急貸出にすることはできません。", "ほかの窓口担当者に頼んでください。", "Form.Emergency");

    public static IReadOnlyList<Rule> All { get; } = [NobodyHasNumber, NoDevice, Photos, AlreadyBack, WasLost, Signature, SignatureOfOne, Emergency, OwnEmergency];
}
