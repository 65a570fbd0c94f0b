using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.StockTaking;

/// <summary>棚卸.</summary>
internal static class StockTakeFeature
{
    public static IServiceCollection AddStockTake(this IServiceCollection services)
    {
        services.AddPortalJob<StockTakeReminderJob>("0 0 9 1 * ?");
        services.AddRules("棚卸", StockTakeRules.All);
        services.AddSingleton(new NewsKind("stock-take.due", "棚卸の時期", MailAtOnce: false));
        services.AddSingleton(new NavItem(NavSection.Devices, "棚卸", "/booking/stock-take", "list", 65, Policies.Desk));
        return services;
    }
}

/// <summary>Once a month tells every desk that the devices want counting, unless its office was counted this month already.</summary>
internal sealed class StockTakeReminderJob(PortalDb db) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var day = TokyoTime.DayOf(now);
        var month = TokyoTime.Midnight(TokyoTime.FirstOfMonth(day));
        var done = await db.StockTakes.Where(s => s.ClosedAt >= month).Select(s => s.OfficeId).Distinct().ToListAsync(ct);
        var offices = await db.Offices.AsNoTracking().Where(o => !done.Contains(o.Id)).ToListAsync(ct);
        var told = 0;
        await db.WriteAsync(async () =>
        {
            foreach (var office in offices)
            {
                var people = await DeskPeople.OfAsync(db, office.Id, day, ct);
                if (people.Count == 0) continue;
                await db.PublishAsync(new News("stock-take.due", $"stock-take:{office.Code}:{day:yyyy-MM}", people, $"{office.Name}の端末の棚卸をしてください", "ラベルを読み取るだけで数えられます。貸出中の端末は数に入ります。", "/booking/stock-take"), ct);
                told++;
            }
        }, ct);
        return told == 0 ? null : $"{told} desks reminded";
    }
}
