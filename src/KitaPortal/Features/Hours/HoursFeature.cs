using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Indicators;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Opening;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Outbox;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours;

/// <summary>Rights of the hours feature.</summary>
public static class HoursPolicies
{
    /// <summary>Close, propose, import, post again.</summary>
    public const string Work = "Hours.Work";

    /// <summary>The second person of adjustments and counting policies.</summary>
    public const string Confirm = "Hours.Confirm";

    /// <summary>Run and read the checks.</summary>
    public const string Check = "Hours.Check";
}

/// <summary>The hours ledger, the town's KGI, and the indicators of its strategy.</summary>
public static class HoursFeature
{
    public static IServiceCollection AddHours(this IServiceCollection services)
    {
        services.AddStanding(async (db, ct) => new CountingPolicies(await db.CountingPolicies.AsNoTracking().Where(p => p.State == PolicyState.InForce).ToListAsync(ct)), typeof(CountingPolicy));
        services.AddOptions<HoursOptions>().BindConfiguration("Hours").ValidateDataAnnotations().ValidateOnStart();
        services.AddRules("時間の集計", HoursRules.All);
        services.AddScoped<LedgerBook>();
        services.AddScoped<LedgerPosting>();
        services.AddScoped<CapacityPosting>();
        services.AddScoped<MonthClosing>();
        services.AddSingleton<GroupSizes>();
        services.AddScoped<PersonalLooks>();
        services.AddScoped<HoursExport>();
        services.AddScoped<MonthlyReport>();
        services.AddScoped<Reposting>();
        services.AddScoped<PolicyChange>();
        services.AddScoped<WhatIf>();
        services.AddScoped<IOutboxSender, HoursMailer>();
        services.AddHandler<WritePastHours>();
        services.AddImportKind<PastHoursImport>().AddImportKind<RegisterImport>();
        services.AddPortalJob<MonthlyMailJob>(TimeSpan.FromMinutes(10));
        services.AddPortalJob<CloseReminderJob>(TimeSpan.FromMinutes(30));
        services.AddPortalJob<OpenUseJob>("0 10 0 * * ?");
        services.AddSingleton(new NewsKind(CloseReminderJob.NewsKindName, "月締めの催促", MailAtOnce: true));
        services.AddFileOwner(ManualAdjustment.FileOwner, (provider, _, _) => Task.FromResult(provider.GetRequiredService<CurrentStaff>() is var me && (me.Is(Role.Hr) || me.Is(Role.SecurityManager) || me.Is(Role.Auditor))));
        services.AddAuthorizationBuilder().AddRolePolicy(HoursPolicies.Work, Role.Hr).AddRolePolicy(HoursPolicies.Confirm, Role.Hr, Role.SecurityManager).AddRolePolicy(HoursPolicies.Check, Role.Hr, Role.Auditor, Role.Admin);
        services.AddSingleton(new NewsKind(LedgerCheckJob.NewsKindName, "時間の照合の差異", MailAtOnce: true));
        services.AddScoped<LedgerCheck>();
        foreach (var heard in typeof(BookingEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(BookingEvent)) && !t.IsAbstract))
            services.AddScoped(typeof(IHandle<>).MakeGenericType(heard), typeof(PostOnBooking<>).MakeGenericType(heard));
        services.AddHandler<NoUseInClosedMonth>();    // after the posting above
        services.AddHandler<PostOnTransfer>();
        services.AddPortalJob<DayPostJob>("0 20 0 * * ?");
        services.AddPortalJob<LedgerCheckJob>("0 30 2 * * ?");
        services.AddStartupWork<LedgerStart>();
        services.AddStartupWork<StrategyHistory>();
        services.AddPortalJob<LedgerTotalsJob>(TimeSpan.FromMinutes(1));
        services.AddPortalJob<HoursSummaryJob>(TimeSpan.FromMinutes(1));
        services.AddSingleton(new NavItem(NavSection.Results, "分散勤務の実績", "/hours", "chart", 10));
        services.AddSingleton(new NavItem(NavSection.Results, "時間の内訳", "/hours/review", "table", 15));
        services.AddSingleton(new NavItem(NavSection.Results, "自分の時間", "/hours/mine", "clock", 20));
        services.AddSingleton(new NavItem(NavSection.Results, "指標の一覧", "/hours/indicators", "list", 30));
        return services;
    }

    public static IEndpointRouteBuilder MapHours(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/hours");
        HoursApi.Map(api);
        HoursWorkApi.Map(api);
        app.MapGet("/hours/export", ExportEndpoint.ExportAsync).ExcludeFromDescription();
        return app;
    }
}
