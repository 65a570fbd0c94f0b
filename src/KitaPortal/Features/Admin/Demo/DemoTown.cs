using System.Diagnostics;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Outbox;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Admin.Demo;

/// <summary>The invented town of a trial: organisation, people, devices and two years of lending up to now, with something to do for every role.</summary>
public static class DemoTown
{
    private const int RecentDays = 14, ComingDays = 14;

    /// <summary>Makes the town unless somebody works here already. The clock of the portal must be a <see cref="TravelClock"/>.</summary>
    /// <param name="since">The first day of its past; the beginning of the fiscal year two years ago when missing.</param>
    /// <param name="scale">How lively it is; 1 gives figures like the town's KGI.</param>
    public static async Task EnsureAsync(IServiceProvider services, CancellationToken ct, Action<string>? tell = null, DateOnly? since = null, double scale = 1)
    {
        if (await InAsync(services, db => db.Staff.AnyAsync(ct))) return;
        var clock = services.GetRequiredService<TimeProvider>() as TravelClock ?? throw new InvalidOperationException("The demo town needs a travelling clock.");
        var watch = Stopwatch.StartNew();
        var now = clock.GetUtcNow();
        try
        {
            await LiveAsync(services, clock, now, since ?? FiscalYear.From(TokyoTime.DayOf(now).AddYears(-2)).FirstDay, scale, text => tell?.Invoke($"{text}（{watch.Elapsed.TotalSeconds:0}秒）"), ct);
        }
        finally
        {
            clock.Return();
        }
    }

    private static async Task LiveAsync(IServiceProvider services, TravelClock clock, DateTimeOffset now, DateOnly since, double scale, Action<string> tell, CancellationToken ct)
    {
#pragma warning disable CA5394 // chance with a seed: the same town every time
        var chance = new Random(20260401);
#pragma warning restore CA5394
        var today = TokyoTime.DayOf(now);
        var recent = today.AddDays(-RecentDays);

        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        db.Actor = new Actor("command", Name: "demo");
        var town = new DemoOrganisation(db, chance, today);
        var devices = new DemoDevices(db, chance);
        clock.TravelTo(TokyoTime.At(since, new TimeOnly(8, 0)));
        await db.WriteAsync(async () =>
        {
            town.Found();
            await db.SaveChangesAsync(ct);
            await devices.BuyAsync(town, since, ct);
            devices.Train(town.People.Where(p => !p.IsHead).Select(p => p.Id), since, today);
        }, ct);
        db.ChangeTracker.Clear();
        tell($"架空の町：職員 {town.People.Count}人、機器 {devices.Stocks.Sum(s => s.Devices.Count)}台");

        var plan = new DemoPlan(town, devices, await db.WorkCalendarAsync(ct), chance, scale);
        var past = plan.Between(since, recent.AddDays(-1), today).Where(w => TokyoTime.DayOf(w.To) < recent && w.AskedAt >= TokyoTime.Midnight(since)).ToList();
        await new DemoHistory(db, clock, town).LiveAsync(past, (month, percent) => { if (month.Month % 3 == 0) tell($"これまでの予約 {percent}%"); }, ct);

        var begin = TokyoTime.At(recent, new TimeOnly(0, 30));
        clock.TravelTo(begin);
        await db.WriteAsync(() => devices.CheckAsync(begin.AddDays(8), ct), ct);
        db.ChangeTracker.Clear();
        var present = new DemoPresent(services, clock, town, now);
        await present.LiveAsync(plan.Between(recent, today.AddDays(ComingDays), today).ToList(), begin, _ => { }, ct);
        tell("最近2週間とこれから2週間の予約");

        await new DemoChat(services, clock, town, now).TalkAsync(ct);
        clock.TravelTo(now);
        await db.WriteAsync(async () =>
        {
            var busy = (await db.BookingLines.Where(l => l.DeviceId != null && l.To > now).Select(l => l.DeviceId!.Value).Distinct().ToListAsync(ct)).ToHashSet();
            busy.UnionWith(await db.Loans.Where(l => l.InAt == null).Select(l => l.DeviceId).ToListAsync(ct));
            await devices.CheckAsync(now.AddDays(-1), ct);
            await db.SaveChangesAsync(ct);
            await devices.GrowOldAsync(busy, now, ct);
        }, ct);

        // What the night job would have posted for devices still out.
        await using (var night = services.CreateAsyncScope())
            await night.ServiceProvider.GetRequiredService<DayPostJob>().RunAsync(now, ct);

        // The mail of past days was sent in those days.
        await db.Set<OutboxMessage>().Where(m => m.SentAt == null && m.DueAt < now).ExecuteUpdateAsync(m => m.SetProperty(x => x.SentAt, now), ct);
        tell("架空の町ができました");
    }

    private static async Task<T> InAsync<T>(IServiceProvider services, Func<PortalDb, Task<T>> work)
    {
        await using var scope = services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<PortalDb>());
    }
}
