using KitaPortal.Data;
using KitaPortal.Features.Booking.Availability;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.Booking.Import;
using KitaPortal.Features.Booking.Incidents;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.Booking.Labels;
using KitaPortal.Features.Booking.Register;
using KitaPortal.Features.Booking.Series;
using KitaPortal.Features.Booking.StockTaking;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Links;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Devices, bookings, permission, the desk.</summary>
public static class BookingFeature
{
    public static IServiceCollection AddBooking(this IServiceCollection services)
    {
        services.AddStanding(LendingBook.LoadAsync, LendingBook.Entities);
        services.AddScoped<Reserving>();
        services.AddScoped<Permitting>();
        services.AddScoped<DeskActs>();
        services.AddHandler<PermissionDecided>();
        services.AddPortalJob<ClockJob>(TimeSpan.FromMinutes(1));
        services.AddStartupWork<ShippedDeviceClasses>();
        services.AddImportKind<DeviceImport>();
        services.AddRules("貸出・持出し", Rules.BookingRules.All);
        services.AddLendingRules();
        services.AddDesk();
        services.AddUse();
        services.AddScoped<ICalendarSource, BookingCalendar>();
        services.AddKits();
        services.AddWaiting();
        services.AddLife();
        services.AddAvailability();
        services.AddSeries();
        services.AddLabels();
        services.AddLendingRegister();
        services.AddIncidents();
        services.AddStockTake();
        services.AddSingleton(new LinkKind("booking", "予約", id => $"/booking/{id}", "/booking/reserve"));
        services.AddSingleton(new NewsKind("booking.confirmed", "予約の確定", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.ready", "受取の準備完了", MailAtOnce: false));
        services.AddSingleton(new NewsKind("booking.rejected", "予約の却下", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.lapsed", "予約の期限切れ", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.cancelled", "予約の取消", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.no-show", "未受取", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.substituted", "端末の差替え", MailAtOnce: true));
        services.AddSingleton(new NewsKind("loan.due", "返却の予告", MailAtOnce: true));
        services.AddSingleton(new NewsKind("loan.overdue", "返却の遅れ", MailAtOnce: true, Mandatory: true));
        services.AddSingleton(new NavItem(NavSection.Devices, "予約", "/booking", "calendar", 10) { Quick = true });
        services.AddSingleton(new NavItem(NavSection.Devices, "自分の予約", "/booking/mine", "list", 20));
        services.AddSingleton(new NavItem(NavSection.Devices, "セット", "/booking/kits", "inbox", 58, Policies.Admin));
        services.AddSingleton(new NavItem(NavSection.Devices, "端末台帳", "/booking/devices", "laptop", 50));
        return services;
    }

    public static IEndpointRouteBuilder MapBooking(this IEndpointRouteBuilder app)
    {
        app.MapDesk();
        app.MapKits();
        app.MapWaiting();
        app.MapAvailability();
        BookingApi.Map(app);
        return app;
    }
}

/// <summary>The four classes every installation begins with; afterwards an administrator changes them freely.</summary>
internal sealed class ShippedDeviceClasses(PortalDb db) : IStartupWork
{
    public Task RunAsync(CancellationToken ct) => db.WriteAsync(async () =>
    {
        if (await db.DeviceClasses.AnyAsync(ct)) return;
        db.AddRange(
            new DeviceClass(DeviceClassId.New(), "laptop", "リモートワーク用端末", countsAsMain: true).Demand(agreement: true, training: true, complianceGate: true, erasure: false),
            new DeviceClass(DeviceClassId.New(), "tablet", "オンライン会議用iPad", countsAsMain: true).Demand(agreement: false, training: false, complianceGate: false, erasure: false),
            new DeviceClass(DeviceClassId.New(), "recorder", "AI議事録作成端末", countsAsMain: true).Demand(agreement: false, training: false, complianceGate: false, erasure: true),
            new DeviceClass(DeviceClassId.New(), "extra", "付属機器", countsAsMain: false).Lend(selfService: false, deemedPermission: true, turnaroundMinutes: 0));
    }, ct);
}
