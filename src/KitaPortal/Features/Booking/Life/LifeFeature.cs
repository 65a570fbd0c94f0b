using KitaPortal.Features.Booking.Overdue;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Booking;

/// <summary>What happens to bookings and devices later: change, extension, reminders, suspension, maintenance, blackouts, transfers.</summary>
internal static class LifeFeature
{
    public static IServiceCollection AddLife(this IServiceCollection services)
    {
        services.AddOptions<BookingOptions>().BindConfiguration("Booking")
            .Validate(o => Ladder.CanRead(o.Ladder), "Booking:Ladder を読めません。「-1d, 0, +1h, +1d head, +3d suspend, +5d incident」の形で書いてください。").ValidateOnStart();
        services.AddScoped<LineLife>();
        services.AddScoped<Transferring>();
        services.AddScoped<Maintaining>();
        services.AddScoped<Blackouts>();
        services.AddScoped<Reminding>();
        services.AddPortalJob<OverdueJob>(TimeSpan.FromMinutes(5));
        services.AddHandler<ForgetReminders>();
        services.AddRules("予約のその後・移送・整備", LifeRules.All);
        services.AddSingleton(new NewsKind("booking.changed", "予約の変更", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.extended", "返却予定の延長", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.extension-refused", "延長の却下", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.no-show-soon", "未受取の予告", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.needs-substitute", "代わりの端末が要る予約（窓口）", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.suspended", "貸出停止", MailAtOnce: true, Mandatory: true));
        services.AddSingleton(new NewsKind("booking.suspension-lifted", "貸出停止の解除", MailAtOnce: true));
        services.AddSingleton(new NewsKind("loan.propose-incident", "事故の届出の検討（情報セキュリティ管理者）", MailAtOnce: true, Mandatory: true));
        services.AddSingleton(new NewsKind("loan.return-order", "返却の指示", MailAtOnce: true, Mandatory: true));
        services.AddSingleton(new NewsKind("transfer.missing", "移送の未着（窓口）", MailAtOnce: true));
        services.AddSingleton(new NavItem(NavSection.Devices, "移送", "/booking/transfers", "swap", 60, People.Roles.Policies.Desk));
        services.AddSingleton(new NavItem(NavSection.Devices, "貸出停止期間", "/booking/blackouts", "close", 70, People.Roles.Policies.Admin));
        services.AddSingleton(new NavItem(NavSection.Devices, "貸出停止（職員）", "/booking/suspensions", "shield", 80, People.Roles.Policies.Security));
        return services;
    }
}
