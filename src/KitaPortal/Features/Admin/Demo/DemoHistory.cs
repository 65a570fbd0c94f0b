using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Admin.Demo;

/// <summary>The past of the invented town: each day's asking, giving out and taking back by the entities' own verbs, saved day by day with that day's clock,
/// so that ledger and audit say what they would have said then. The page rules were not asked: they are for the living.</summary>
internal sealed class DemoHistory(PortalDb db, TravelClock clock, DemoOrganisation town)
{
    private sealed class Story(Wish wish, DeviceId device)
    {
        public Wish Wish { get; } = wish;
        public DeviceId Device { get; } = device;
        public Booking.Booking? Booking { get; set; }
        public Occupancy? Occupancy { get; set; }
        public Loan? Loan { get; set; }
    }

    private readonly Dictionary<DeviceId, DateTimeOffset> busyUntil = [];
    private readonly Dictionary<(OfficeId, int), RegisterCounter> registers = [];

    /// <summary>Lives through the wishes; tells how far it got after each month.</summary>
    public async Task LiveAsync(IEnumerable<Wish> wishes, Action<DateOnly, int> told, CancellationToken ct)
    {
        var stories = wishes.Select(w => Place(w) is { } device ? new Story(w, device) : null).OfType<Story>().ToList();
        var acts = stories.SelectMany(Acts).OrderBy(a => a.At).ToList();
        var done = 0;
        foreach (var month in acts.GroupBy(a => TokyoTime.FirstOfMonth(TokyoTime.DayOf(a.At))))
        {
            await db.WriteAsync(async () =>
            {
                foreach (var day in month.GroupBy(a => TokyoTime.DayOf(a.At)))
                {
                    clock.TravelTo(TokyoTime.At(day.Key, new TimeOnly(17, 30)));
                    foreach (var (at, act) in day) await act(at, ct);
                    await db.SaveChangesAsync(ct);
                    Forget();
                    done += day.Count();
                }
            }, ct);
            told(month.Key, done * 100 / acts.Count);
        }
    }

    // Lines follow the clock of the device: free devices take turns, so wear is even.
    private DeviceId? Place(Wish wish)
    {
        var free = wish.Stock.Devices.Where(d => busyUntil.GetValueOrDefault(d) <= wish.From).OrderBy(d => busyUntil.GetValueOrDefault(d)).ToList();
        if (free.Count == 0) return null;
        busyUntil[free[0]] = wish.To;
        return free[0];
    }

    private IEnumerable<(DateTimeOffset At, Func<DateTimeOffset, CancellationToken, Task> Do)> Acts(Story story)
    {
        yield return (story.Wish.AskedAt, (at, _) => Ask(story, at));
        switch (story.Wish.Fate)
        {
            case Fate.Cancelled:
                yield return (story.Wish.From.AddHours(-20), (at, _) => GiveUp(story, at));
                break;
            case Fate.NotCollected:
                yield return (story.Wish.From.AddHours(2), (at, _) => Miss(story, at));
                break;
            default:
                yield return (story.Wish.From.AddMinutes(5), (at, ct) => GiveOutAsync(story, at, ct));
                yield return (story.Wish.To.AddMinutes(-5), (at, ct) => TakeBackAsync(story, at, ct));
                break;
        }
    }

    private Task Ask(Story story, DateTimeOffset at)
    {
        var wish = story.Wish;
        var request = new BookingRequest { Id = BookingId.New(), BorrowerId = wish.Who.Id, Wanted = [new(wish.Stock.Pool, null)], From = wish.From, To = wish.To, Aim = wish.Aim };
        var booking = new Booking.Booking(request.Id, wish.Who.Id, wish.Who.DepartmentId, wish.Who.HeadId!.Value, wish.Aim, request.Hash, Judgement.FactsHashOf(request, [wish.Stock.ClassCode]), "", at);
        var line = booking.Add(wish.Stock.Pool, story.Device, false, wish.From, wish.To);
        var occupancy = new Occupancy(story.Device, wish.Stock.Pool, wish.From, wish.To, OccupancyKind.Booking, line.Id.Value);
        line.Occupy(occupancy);
        booking.Confirm(at);
        db.AddRange(booking, occupancy);
        if (booking.IsOutside)
            db.Add(wish.Stock.ClassCode == "extra"
                ? new TakeOutPermission(booking, PermissionBasis.Deemed, null, null, null, at, null, false)
                : new TakeOutPermission(booking, PermissionBasis.Approved, null, wish.Who.HeadId, null, at.AddMinutes(40), "紙の申請書による", true));
        (story.Booking, story.Occupancy) = (booking, occupancy);
        return Task.CompletedTask;
    }

    private Task GiveUp(Story story, DateTimeOffset at)
    {
        Again(story);
        story.Booking!.Cancel(null, story.Wish.Who.Id, "用務の変更", at);
        story.Occupancy!.EndAt(at);
        return Task.CompletedTask;
    }

    private Task Miss(Story story, DateTimeOffset at)
    {
        Again(story);
        story.Booking!.NoShow([story.Booking.Lines[0].Id], at);
        story.Occupancy!.EndAt(at);
        return Task.CompletedTask;
    }

    private async Task GiveOutAsync(Story story, DateTimeOffset at, CancellationToken ct)
    {
        Again(story);
        var (booking, line, stock) = (story.Booking!, story.Booking!.Lines[0], story.Wish.Stock);
        var handOver = new HandOver(Guid.CreateVersion7(at), stock.Office, town.Desks[stock.Office], at, Confirmation.Signature);
        var loan = new Loan(line, story.Device, handOver, (await RegisterAsync(stock.Office, at, ct)).Take(), stock.OfficeName, story.Wish.Who.Id, stock.Set, DeviceCondition.Fit);
        db.AddRange(handOver, loan);
        booking.GoOut([(line, story.Device)], [loan.Id]);
        story.Loan = loan;
    }

    private Task TakeBackAsync(Story story, DateTimeOffset at, CancellationToken ct)
    {
        Again(story);
        var (booking, loan, stock) = (story.Booking!, story.Loan!, story.Wish.Stock);
        var takeBack = new TakeBack(Guid.CreateVersion7(at), stock.Office, town.Desks[stock.Office], at, Confirmation.Signature);
        db.Add(takeBack);
        loan.ComeBack(takeBack, story.Wish.Who.Id, loan.SetOut, DeviceCondition.Fit, stock.ClassCode == "recorder" ? true : null, null);
        story.Occupancy!.EndAt(at);
        booking.ComeBack([booking.Lines[0]], [loan.Id]);
        return Task.CompletedTask;
    }

    private async Task<RegisterCounter> RegisterAsync(OfficeId office, DateTimeOffset at, CancellationToken ct)
    {
        var year = FiscalYear.Of(at).Value;
        if (registers.TryGetValue((office, year), out var known))
        {
            if (db.Entry(known).State == EntityState.Detached) db.Attach(known);
            return known;
        }
        await db.Database.ExecuteSqlAsync($"INSERT INTO \"RegisterCounters\" (\"Id\", \"OfficeId\", \"FiscalYear\", \"Last\") VALUES ({Guid.CreateVersion7()}, {office.Value}, {year}, 0) ON CONFLICT DO NOTHING", ct);
        return registers[(office, year)] = await db.RegisterCounters.SingleAsync(c => c.OfficeId == office && c.FiscalYear == year, ct);
    }

    // A day that is saved is let go, and what goes on later is taken up again: nothing grows with the years.
    private void Forget() => db.ChangeTracker.Clear();

    private void Again(Story story)
    {
        if (db.Entry(story.Booking!).State == EntityState.Detached) db.Attach(story.Booking!);
        if (db.Entry(story.Occupancy!).State == EntityState.Detached) db.Attach(story.Occupancy!);
        if (story.Loan is not null && db.Entry(story.Loan).State == EntityState.Detached) db.Attach(story.Loan);
    }
}
