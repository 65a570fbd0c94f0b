using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>When borrowed devices were really used.</summary>
internal static class UseFeature
{
    public static IServiceCollection AddUse(this IServiceCollection services)
        => services.AddScoped<UseRecording>().AddRules("利用の記録", UseRules.All);
}
