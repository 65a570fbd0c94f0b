using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Chat;

/// <summary>Rules チャ-n of the town about the chat.</summary>
public static class ChatRules
{
    public static readonly Rule BodyEmpty = new("チャ-1", "chat.body.empty", "本文が入力されていません。", "本文を入力してください。", "Body");
    public static readonly Rule BodyLong = new("チャ-2", "chat.body.long", "本文が長すぎます（{今の字数}字）。一度に送れるのは{上限}字までです。", "分けて送るか、短くしてください。", "Body");
    public static readonly Rule MyNumber = new("チャ-3", "chat.mynumber", "個人番号（マイナンバー）と思われる数字が含まれています。", "個人番号はチャットに書き込めません。数字を消してから送ってください。", "Body");
    public static readonly Rule ClientIdReused = new("チャ-4", "chat.client-id.reused", "同じ送信番号で、別の内容がすでに投稿されています。", "画面を開き直して、もう一度送ってください。");
    public static readonly Rule Changed = new("チャ-5", "chat.changed", "表示したあとに内容が変わりました。", "最新の内容を確認して、もう一度お試しください。");
    public static readonly Rule Posting = new("チャ-6", "chat.posting", "このチャンネルに投稿できるのは{投稿できる人}です。", "返信やリアクションで答えるか、チャンネルの管理者に相談してください。");
    public static readonly Rule Archived = new("チャ-7", "chat.archived", "このチャンネルは保管済みで、書き込めません。", "必要なら、チャンネルの管理者に再開を依頼してください。");
    public static readonly Rule RootDeleted = new("チャ-8", "chat.root.deleted", "もとの投稿が削除されたため、返信できません。", "新しい投稿として書いてください。");
    public static readonly Rule Deleted = new("チャ-9", "chat.deleted", "この投稿は削除されています。", "画面を更新して確認してください。");
    public static readonly Rule DeleteReason = new("チャ-10", "chat.delete.reason", "ほかの人の投稿を削除する理由が入力されていません。", "理由を入力してください。");
    public static readonly Rule OwnerLast = new("チャ-11", "chat.owner.last", "最後の管理者は外せません。", "先に、ほかの人を管理者にしてください。");
    public static readonly Rule ByRule = new("チャ-12", "chat.rule.member", "所属による参加です。", "異動により自動で変わります。誤りがあれば、人事担当に配属を確認してもらってください。");
    public static readonly Rule DirectClosed = new("チャ-13", "chat.direct.closed", "相手は退職したため、投稿できません。", "後任の人にお送りください。");
    public static readonly Rule GroupSize = new("チャ-14", "chat.group.size", "グループは{上限}人までです。", "人数が多いときは、限定チャンネルを作ってください。");
    public static readonly Rule Fixed = new("チャ-15", "chat.members.fixed", "1対1とグループの会話は、参加者を変えられません。", "新しいグループか、限定チャンネルを作ってください。");
    public static readonly Rule NameTaken = new("チャ-16", "chat.name.taken", "「{名前}」という名前のチャンネルがすでにあります。", "別の名前にするか、そのチャンネルを使ってください。", "Name");
    public static readonly Rule Name = new("チャ-17", "chat.name", "チャンネル名は1～60字です。", "名前を入力し直してください。", "Name");
    public static readonly Rule Purpose = new("チャ-17", "chat.purpose", "目的は300字までです。", "短くしてください。", "Purpose");
    public static readonly Rule Department = new("チャ-18", "chat.department", "所属チャンネルには、今ある所属を1つ選びます。", "所属を選び直してください。");
    public static readonly Rule Person = new("チャ-19", "chat.person", "選んだ人は、今は在職していません。", "電話帳で確認して選び直してください。");
    public static readonly Rule Reaction = new("チャ-20", "chat.reaction", "このリアクションは使えません。", "一覧から選び直してください。");
    public static readonly Rule OwnerOnly = new("チャ-22", "chat.owner.only", "チャンネルの設定とメンバーを変えられるのは管理者です。", "チャンネルの管理者に依頼してください。");
    public static readonly Rule Rate = new("チャ-21", "chat.rate", "短い時間に多くの投稿がありました（1分に{上限}件まで）。", "少し待つと、自動で続きを送ります。");

    public static IReadOnlyList<Rule> All { get; } =
        [BodyEmpty, BodyLong, MyNumber, ClientIdReused, Changed, Posting, Archived, RootDeleted, Deleted, DeleteReason, OwnerLast, ByRule, DirectClosed, GroupSize, Fixed, NameTaken, Name, Purpose,
            Department, Person, Reaction, Rate, OwnerOnly];
}
