using System.Threading.RateLimiting;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Security;
using KitaPortal.Platform.Web;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Chat;

/// <summary>The business chat (チャット): channels, messages, read marks, and the doorbell that makes it live.</summary>
public static class ChatFeature
{
    public static IServiceCollection AddChat(this IServiceCollection services)
    {
        services.AddScoped<ChatDesk>();
        services.AddSingleton<Doorbell>();
        services.AddHostedService<ChatBroadcast>();
        services.AddHandler<RuleStays>();
        services.AddPortalJob<MembershipJob>("0 5 0 * * ?");
        services.AddSingleton(new NavItem(NavSection.Daily, "チャット", "/chat", "chat", 10));
        services.AddRules("チャット", ChatRules.All);
        services.AddRateLimiter(limiter => limiter.AddPolicy<string, PostingLimit>(MessagesApi.Limit));
        services.AddSignalR(hub =>
        {
            hub.MaximumReceiveMessageSize = 32 * 1024;
            hub.MaximumParallelInvocationsPerClient = 1;
        }).AddJsonProtocol(json => json.PayloadSerializerOptions.Converters.Add(new TypedIdJson()));
        return services;
    }

    public static IEndpointRouteBuilder MapChat(this IEndpointRouteBuilder app)
    {
        ChatApi.Map(app);
        app.MapHub<ChatHub>("/hubs/chat", options =>
        {
            options.Transports = HttpTransportType.WebSockets;
            options.TransportMaxBufferSize = 64 * 1024;
            options.TransportSendTimeout = TimeSpan.FromSeconds(5);
        });
        return app;
    }
}

/// <summary>60 posts a minute for each person; the sender waits and goes on.</summary>
internal sealed class PostingLimit(IOptions<SecurityOptions> security) : IRateLimiterPolicy<string>
{
    private const int PerMinute = 60;

    public Func<OnRejectedContext, CancellationToken, ValueTask>? OnRejected { get; } = async (refused, ct) =>
    {
        refused.HttpContext.Response.Headers.RetryAfter = "10";
        await ApiProblems.WriteAsync(refused.HttpContext, StatusCodes.Status429TooManyRequests, ChatRules.Rate.Code, ChatRules.Rate.With(PerMinute).Message);
    };

    public RateLimitPartition<string> GetPartition(HttpContext httpContext)
        => RateLimitPartition.GetSlidingWindowLimiter(httpContext.User.FindFirst("sub")?.Value ?? "", _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = Math.Max(1, (int)(PerMinute * security.Value.RateFactor)),
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
        });
}
