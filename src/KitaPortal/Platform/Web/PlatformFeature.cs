using System.Text.Encodings.Web;
using System.Text.Unicode;
using KitaPortal.Data;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Hubs;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Links;
using KitaPortal.Platform.Mail;
using KitaPortal.Platform.Outbox;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Security;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.WebEncoders;
using Quartz;

namespace KitaPortal.Platform.Web;

/// <summary>The plumbing that knows no feature.</summary>
public static class PlatformFeature
{
    public static WebApplicationBuilder AddPlatform(this WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning).AddFilter("Quartz", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning);    // each request would be several lines, and addresses may carry secrets (calendar feeds)
        var services = builder.Services;
        builder.WebHost.UseStaticWebAssets();    // runs from the build output in every environment; published, the files lie in wwwroot
        services.AddPortalDb(builder.Configuration);
        services.AddBrowserBoundary();
        services.AddSingleton<RuleBook>();
        services.AddSingleton<PortalLinks>();
        services.AddOptions<ServerOptions>().BindConfiguration("Server").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<TownOptions>().BindConfiguration("Town").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<ServerOptions>>((kestrel, server) => kestrel.Limits.MaxRequestBodySize = server.Value.MaxRequestMb * 1024L * 1024L);
        services.AddMail();
        services.AddFiles();
        services.AddPortalJob<OutboxJob>(TimeSpan.FromSeconds(5));
        services.AddHttpContextAccessor();
        services.AddScoped<Navigation>();
        services.AddRazorPages(options => options.RootDirectory = "/Features")
            .AddMvcOptions(mvc =>
            {
                mvc.Filters.Add<FormPageFilter>();
                mvc.ModelBinderProviders.Insert(0, new TypedIdBinderProvider());
                mvc.ModelBindingMessageProvider.SetValueMustNotBeNullAccessor(_ => "入力してください。");
                mvc.ModelBindingMessageProvider.SetMissingBindRequiredValueAccessor(_ => "入力してください。");
                mvc.ModelBindingMessageProvider.SetAttemptedValueIsInvalidAccessor((value, _) => $"「{value}」は読み取れません。");
                mvc.ModelBindingMessageProvider.SetUnknownValueIsInvalidAccessor(_ => "読み取れません。");
                mvc.ModelBindingMessageProvider.SetValueIsInvalidAccessor(value => $"「{value}」は読み取れません。");
                mvc.ModelBindingMessageProvider.SetValueMustBeANumberAccessor(_ => "数字で入力してください。");
            });
        services.Configure<RouteOptions>(routes => routes.LowercaseUrls = true);
        services.Configure<WebEncoderOptions>(encoder => encoder.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        services.Configure<RouteHandlerOptions>(api => api.ThrowOnBadRequest = true);    // answered by ApiProblems
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Converters.Add(new TypedIdJson());
            json.SerializerOptions.Converters.Add(new MomentJson());
            json.SerializerOptions.Converters.Add(new System.Text.Json.Serialization.JsonStringEnumConverter(allowIntegerValues: false));
        });
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = c => c.ProblemDetails.Extensions["traceId"] = c.HttpContext.TraceIdentifier);
        services.AddExceptionHandler<ApiProblems>();
        services.AddApiDescription();
        // Over HTTPS too: what a page repeats of a secret (the form token) is another each time, so its length tells nothing.
        services.AddResponseCompression(compression => compression.EnableForHttps = true);
        services.AddReadyChecks();
        services.AddSingleton<HubConnections>();
        services.AddImports();
        services.AddQuartz();
        services.AddQuartzHostedService(quartz => quartz.WaitForJobsToComplete = true);
        var folder = (builder.Configuration.GetSection("Data").Get<DataOptions>() ?? new DataOptions()).Folder;
        services.AddDataProtection().SetApplicationName("KitaPortal").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(folder, "keys")));
        return builder;
    }

    /// <summary>The way of every request, in order.</summary>
    public static WebApplication UsePlatform(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseResponseCompression();
        app.UseMiddleware<BrowserBoundary>();
        app.UseMiddleware<OriginGuard>();
        app.UseExceptionHandler("/error");
        app.UseWhen(ApiProblems.IsApi, api => api.UseStatusCodePages());
        app.UseWhen(http => !ApiProblems.IsApi(http), pages => pages.UseStatusCodePagesWithReExecute("/error", "?status={0}"));
        app.UseRouting();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseMiddleware<CsrfGuard>();
        app.UseAuthorization();
        return app;
    }

    public static WebApplication MapPlatform(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorPages().WithStaticAssets();
        app.MapOpenApi("/openapi/v1.json");
        app.MapHealth();
        app.MapFiles();
        app.MapBrowserBoundary();
        return app;
    }
}
