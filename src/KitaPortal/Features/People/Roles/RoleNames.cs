namespace KitaPortal.Features.People.Roles;

/// <summary>How roles are called in the town hall.</summary>
public static class RoleNames
{
    public static string Japanese(this Role role) => role switch
    {
        Role.Staff => "職員",
        Role.Head => "所属長",
        Role.Clerk => "庶務担当",
        Role.Desk => "貸出窓口",
        Role.LendingManager => "貸出管理者",
        Role.SecurityManager => "情報セキュリティ管理者",
        Role.Hr => "人事担当",
        Role.Notices => "お知らせ担当",
        Role.Records => "文書・情報公開担当",
        Role.Auditor => "監査担当",
        _ => "システム管理者",
    };
}
