using KitaPortal.Features.Notifications.Calendar;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Outbox;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Notifications;

/// <summary>News reaches people: bell, mail, calendar.</summary>
public static class NotificationsFeature
{
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        services.AddHandler<NewsDesk>();
        services.AddScoped<IOutboxSender, NewsMailer>();
        services.AddScoped<Bell>();
        services.AddOptions<CalendarFeedOptions>().BindConfiguration("CalendarFeed");
        services.AddSingleton(new NavItem(NavSection.Daily, "通知", "/notifications", "bell", 80));
        return services;
    }

    public static IEndpointRouteBuilder MapNotifications(this IEndpointRouteBuilder app)
    {
        NotificationsApi.Map(app);
        CalendarReader.Map(app);
        return app;
    }
}
