using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Admin.Demo;

/// <summary>The last weeks, today and the coming weeks, through the same doors people use: every rule is asked, heads decide, desks hand over.</summary>
internal sealed class DemoPresent(IServiceProvider services, TravelClock clock, DemoOrganisation town, DateTimeOffset now)
{
    private sealed class Story(Wish wish)
    {
        public Wish Wish { get; } = wish;
        public BookingId Id { get; } = BookingId.New();
        public bool Refused { get; set; }
    }

    public int Refused { get; private set; }

    public async Task LiveAsync(IEnumerable<Wish> wishes, DateTimeOffset since, Action<DateOnly> told, CancellationToken ct)
    {
        var stories = wishes.Select(w => new Story(w)).ToList();
        var overdue = stories.Where(s => s.Wish.Aim.Purpose == Purpose.HomeWork && s.Wish.To < now.AddHours(-12)).OrderByDescending(s => s.Wish.To).FirstOrDefault();
        var acts = stories.SelectMany(s => Acts(s, s == overdue, since)).Where(a => a.At <= now).OrderBy(a => a.At).ToList();
        foreach (var day in acts.GroupBy(a => TokyoTime.DayOf(a.At)))
        {
            foreach (var (at, act) in day)
            {
                clock.TravelTo(at);
                try { await act(at, ct); }
                catch (RuleViolation) { Refused++; }
            }
            told(day.Key);
        }
    }

    private IEnumerable<(DateTimeOffset At, Func<DateTimeOffset, CancellationToken, Task> Do)> Acts(Story story, bool overdue, DateTimeOffset since)
    {
        // Nobody asks before the chapter begins; what lies ahead was asked these days.
        var wish = story.Wish;
        var asked = wish.AskedAt < since ? since : wish.AskedAt;
        if (wish.From > now && asked > now) asked = now.AddHours(-3 - (wish.From.Day % 5 * 20));
        yield return (asked, (at, ct) => AskAsync(story, ct));
        var undecided = wish.From > now && now - asked < TimeSpan.FromHours(30);
        if (!undecided) yield return (asked.AddMinutes(50), (at, ct) => DecideAsync(story, at, int.MaxValue, ct));
        else if (wish.Aim.PersonalData) yield return (asked.AddMinutes(50), (at, ct) => DecideAsync(story, at, 1, ct));
        if (wish.Fate == Fate.Cancelled && wish.From <= now)
        {
            yield return (wish.From.AddHours(-1), (at, ct) => GiveUpAsync(story, ct));
            yield break;
        }
        if (wish.From > now.AddHours(20)) yield break;
        if (wish.From > now)
        {
            yield return (now.AddMinutes(-5), (at, ct) => PrepareAsync(story, ct));
            yield break;
        }
        yield return (wish.From.AddMinutes(4), (at, ct) => HandOverAsync(story, at, ct));
        if (!overdue) yield return (wish.To.AddMinutes(-6), (at, ct) => TakeBackAsync(story, at, ct));
    }

    private Task AskAsync(Story story, CancellationToken ct) => InAsync(story.Wish.Who.Id, async inner =>
    {
        var wish = story.Wish;
        var request = new BookingRequest
        {
            Id = story.Id,
            BorrowerId = wish.Who.Id,
            Wanted = [new(wish.Stock.Pool, null)],
            From = wish.From,
            To = wish.To,
            Aim = wish.Aim,
            Acknowledged = ["same-time", "booking.same-time"],
        };
        try { await inner.GetRequiredService<Reserving>().ReserveAsync(request, new Asker(wish.Who.Id, [(Role.Staff, null)]), ct); }
        catch (RuleViolation)
        {
            story.Refused = true;
            throw;
        }
    });

    private Task DecideAsync(Story story, DateTimeOffset at, int steps, CancellationToken ct) => InAsync(story.Wish.Who.HeadId!.Value, async inner =>
    {
        if (story.Refused) return;
        var db = inner.GetRequiredService<PortalDb>();
        var desk = inner.GetRequiredService<ApprovalDesk>();
        if (await db.Bookings.Where(b => b.Id == story.Id).Select(b => b.ApprovalRequestId).SingleOrDefaultAsync(ct) is not { } id) return;
        for (var step = 0; step < steps; step++)
        {
            var goesOn = await db.WriteAsync(async () =>
            {
                var request = await desk.OpenAsync(new ApprovalRequestId(id), ct);
                if (request is not { State: RequestState.Circulating, Current: { } current }) return false;
                var decider = current.Waiting.First().StaffId;
                db.Actor = new Actor("staff", decider);
                var finder = await RouteFinder.LoadAsync(db, TokyoTime.DayOf(at), [decider], ct);
                request.Approve(new Acting(Guid.CreateVersion7(at), finder.Person(decider), at));
                return true;
            }, ct);
            if (!goesOn) return;
        }
    });

    private Task GiveUpAsync(Story story, CancellationToken ct) => story.Refused ? Task.CompletedTask : InAsync(story.Wish.Who.Id, inner
        => inner.GetRequiredService<Reserving>().CancelAsync(story.Id, null, new Asker(story.Wish.Who.Id, [(Role.Staff, null)]), "用務の変更", ct));

    private Task PrepareAsync(Story story, CancellationToken ct) => AtDeskAsync(story, async (inner, clerk) =>
    {
        var line = await LineAsync(inner, story, ct);
        if (line?.Status == LineStatus.Approved) await inner.GetRequiredService<DeskActs>().PrepareAsync(line.Id, null, clerk, ct);
    });

    private Task HandOverAsync(Story story, DateTimeOffset at, CancellationToken ct) => AtDeskAsync(story, async (inner, clerk) =>
    {
        if (await LineAsync(inner, story, ct) is { } line)
            await inner.GetRequiredService<DeskActs>().HandOverAsync(new(Guid.CreateVersion7(at), [new(line.Id)]) { Confirmation = Confirmation.Signature, Acknowledged = ["booking.check-old", "check-old"] }, clerk, ct);
    });

    private Task TakeBackAsync(Story story, DateTimeOffset at, CancellationToken ct) => AtDeskAsync(story, async (inner, clerk) =>
    {
        if (await LineAsync(inner, story, ct) is { Status: LineStatus.OnLoan, DeviceId: { } device })
            await inner.GetRequiredService<DeskActs>().TakeBackAsync(new(Guid.CreateVersion7(at), story.Wish.Stock.Office, [new(device, Erased: story.Wish.Stock.ClassCode == "recorder")]), clerk, ct);
    });

    private static Task<BookingLine?> LineAsync(IServiceProvider inner, Story story, CancellationToken ct)
        => inner.GetRequiredService<PortalDb>().BookingLines.AsNoTracking().SingleOrDefaultAsync(l => l.BookingId == story.Id && l.Status != LineStatus.Requested && l.Status != LineStatus.Cancelled, ct);

    private Task AtDeskAsync(Story story, Func<IServiceProvider, Asker, Task> act)
    {
        var clerk = town.Desks[story.Wish.Stock.Office];
        return InAsync(clerk, inner => act(inner, new Asker(clerk, [(Role.Staff, null), (Role.Desk, story.Wish.Stock.Office.Value)])));
    }

    private async Task InAsync(StaffId actor, Func<IServiceProvider, Task> work)
    {
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<PortalDb>().Actor = new Actor("staff", actor);
        await work(scope.ServiceProvider);
    }
}
