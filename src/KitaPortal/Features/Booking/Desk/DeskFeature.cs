using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>The lending desk and the page behind a device's label.</summary>
internal static class DeskFeature
{
    public static IServiceCollection AddDesk(this IServiceCollection services)
    {
        services.AddScoped<DeskPhotos>();
        services.AddFileOwner(DeskPhotos.HandOver, DeskPhotos.MayReadAsync);
        services.AddFileOwner(DeskPhotos.TakeBack, DeskPhotos.MayReadAsync);
        services.AddFileOwner(DeskPhotos.Signature, DeskPhotos.MayReadAsync);
        services.AddPortalJob<ReceiptJob>(TimeSpan.FromMinutes(15));
        services.AddSingleton(new NewsKind("loan.receipt", "受領の確認", MailAtOnce: false));
        services.AddRules("貸出窓口", DeskRules.All);
        services.AddSingleton(new NavItem(NavSection.Devices, "貸出窓口", "/booking/desk", "desk", 30, Policies.Desk) { Quick = true, ShortText = "窓口" });
        return services;
    }

    public static void MapDesk(this IEndpointRouteBuilder app) => DeskApi.Map(app);
}
