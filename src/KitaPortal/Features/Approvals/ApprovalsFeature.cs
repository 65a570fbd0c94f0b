using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Links;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Approvals;

/// <summary>Forms, routes, decisions and the register (申請・決裁).</summary>
public static class ApprovalsFeature
{
    public static IServiceCollection AddApprovals(this IServiceCollection services)
    {
        services.AddScoped<ApprovalDesk>();
        services.AddHandler<DeputyNews>();
        services.AddPortalJob<ApprovalReminderJob>(TimeSpan.FromMinutes(15));
        services.AddStartupWork<ShippedForms>();
        services.AddRules("申請・決裁", ApprovalRules.All);
        services.AddSingleton(new LinkKind("approval", "申請", id => $"/approvals/{id}"));
        services.AddSingleton(new NewsKind("approvals.waiting", "承認・決裁の依頼", MailAtOnce: true));
        services.AddSingleton(new NewsKind("approvals.returned", "申請の差戻し", MailAtOnce: true));
        services.AddSingleton(new NewsKind("approvals.decided", "申請の結果", MailAtOnce: true));
        services.AddSingleton(new NewsKind("approvals.deputy", "代決・代理", MailAtOnce: true));
        services.AddSingleton(new NavItem(NavSection.Paperwork, "申請・決裁", "/approvals", "stamp", 10) { Quick = true, ShortText = "決裁" });
        return services;
    }

    public static IEndpointRouteBuilder MapApprovals(this IEndpointRouteBuilder app)
    {
        ApprovalsApi.Map(app);
        return app;
    }
}
