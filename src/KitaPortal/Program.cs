using KitaPortal.Features.Admin;
using KitaPortal.Features.Admin.Commands;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Chat;
using KitaPortal.Features.Home;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Notifications;
using KitaPortal.Features.People;
using KitaPortal.Platform.Web;

return await PortalCommands.RunAsync(args);

namespace KitaPortal
{
    /// <summary>The table of contents: what the portal is made of. Each feature has one front door, <c>XxxFeature.cs</c>.</summary>
    public static class Portal
    {
        /// <summary>Builds the portal; tests pass <paramref name="adjust"/> to give it their clock.</summary>
        public static WebApplication Build(string[] args, string? environment = null, Action<WebApplicationBuilder>? adjust = null)
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, EnvironmentName = environment, ApplicationName = "kitaportal" });
#pragma warning disable RS0030 // the one place that names the system clock
            builder.Services.AddSingleton(TimeProvider.System);
#pragma warning restore RS0030

            builder.AddPlatform();              // floor 0
            builder.Services.AddPeople(builder.Configuration);   // floor 1
            builder.Services.AddApprovals();    // floor 2
            builder.Services.AddNotifications(); // floor 2
            builder.Services.AddBooking();      // floor 3
            builder.Services.AddChat();         // floor 3
            builder.Services.AddHours();        // floor 4
            builder.Services.AddHome();         // floor 5
            builder.Services.AddAdmin();        // floor 5
            adjust?.Invoke(builder);

            var app = builder.Build();
            app.UsePlatform();
            app.MapPlatform();
            app.MapPeople();
            app.MapApprovals();
            app.MapNotifications();
            app.MapBooking();
            app.MapChat();
            app.MapHours();
            return app;
        }
    }
}
