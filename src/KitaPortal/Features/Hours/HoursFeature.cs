using KitaPortal.Features.Hours.Counting;
using Microsoft.EntityFrameworkCore;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Indicators;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Hours;

/// <summary>The hours ledger, the town's KGI, and the indicators of its strategy.</summary>
public static class HoursFeature
{
    public static IServiceCollection AddHours(this IServiceCollection services)
    {
        services.AddStanding(async (db, ct) => new CountingPolicies(await db.CountingPolicies.AsNoTracking().ToListAsync(ct)), typeof(CountingPolicy));
        services.AddScoped<LedgerPosting>();
        services.AddScoped<LedgerCheck>();
        foreach (var heard in typeof(BookingEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(BookingEvent)) && !t.IsAbstract))
            services.AddScoped(typeof(IHandle<>).MakeGenericType(heard), typeof(PostOnBooking<>).MakeGenericType(heard));
        services.AddHandler<PostOnTransfer>();
        services.AddPortalJob<DayPostJob>("0 20 0 * * ?");
        services.AddPortalJob<LedgerCheckJob>("0 30 2 * * ?");
        services.AddStartupWork<StrategyHistory>();
        services.AddPortalJob<HoursSummaryJob>(TimeSpan.FromMinutes(1));
        services.AddSingleton(new NavItem(NavSection.Results, "分散勤務の実績", "/hours", "chart", 10));
        services.AddSingleton(new NavItem(NavSection.Results, "自分の時間", "/hours/mine", "clock", 20));
        services.AddSingleton(new NavItem(NavSection.Results, "指標の一覧", "/hours/indicators", "list", 30));
        return services;
    }

    public static IEndpointRouteBuilder MapHours(this IEndpointRouteBuilder app)
    {
        HoursApi.Map(app.MapGroup("/api/v1/hours"));
        return app;
    }
}
