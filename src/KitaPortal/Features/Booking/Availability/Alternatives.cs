using KitaPortal.Data;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Availability;

/// <summary>How an alternative differs from what was asked, in the order they are offered.</summary>
public enum AlternativeKind { OtherDevice, OtherModel, OtherStart, OtherOffice, Shorter, OtherDay }

/// <summary>Another request that passes every blocking rule now, as a link that fills the form.</summary>
public sealed record Alternative(AlternativeKind Kind, PoolId PoolId, DeviceId? DeviceId, OfficeId OfficeId, DateTimeOffset From, DateTimeOffset To, string Text, string Href);

/// <summary>Looks for what can be booked instead of a refused request: facts are read once for all devices of the class and the days around, then every candidate goes through the same rules as a submit.</summary>
public sealed class Alternatives(PortalDb db, TimeProvider clock)
{
    private const int AtMost = 6;
    private const int AtMostOfAKind = 2;
    private const int AtMostJudgedAnew = 8;
    private const int MinutesAround = 120;
    private const int WorkingDaysAround = 3;

    /// <summary>Rules a different device, time or place may help with.</summary>
    private static readonly HashSet<int> Helped = [107, 108, 109, 110, 111, 201, 202, 203, 204, 306, 307, 401, 601, 602, 603, 604, 605, 606, 607];

    /// <summary>Rules about the person and the purpose, which stay broken whatever device and time are chosen.</summary>
    private static readonly HashSet<int> Hopeless = [301, 303, 308, 309, 403, 503, 504, 505];

    /// <summary>Rules that count over a period: desk cap, share, quota.</summary>
    private static readonly HashSet<int> Counted = [110, 307, 404];

    /// <summary>Whether there is a point in looking: something blocks, and another device, time or place may help.</summary>
    public static bool MayHelp(Judgement judgement)
    {
        var blocking = judgement.Findings.Where(f => f.Grade == Grade.Block).Select(f => f.Rule.Number).ToHashSet();
        return blocking.Overlaps(Helped) && !blocking.Overlaps(Hopeless);
    }

    /// <summary>Up to six, the nearest first; none when nothing passes.</summary>
    public async Task<IReadOnlyList<Alternative>> FindAsync(BookingRequest request, Judgement judgement, Asker asker, CancellationToken ct)
    {
        if (!MayHelp(judgement) || !request.Period.IsForward) return [];
        request = await request.UnpackedAsync(db, ct);
        var now = clock.GetUtcNow();
        var search = await SearchAsync(request, judgement, asker, now, ct);
        var found = new List<Alternative>();
        foreach (var kind in search.Candidates().GroupBy(c => c.Kind))
        {
            var (ofKind, judgedAnew, sides) = (0, 0, new HashSet<int>());
            foreach (var candidate in kind)
            {
                if (found.Count == AtMost || ofKind == AtMostOfAKind) break;
                if (sides.Contains(candidate.Side) || !search.Passes(candidate)) continue;
                if (search.IsCounted(candidate) && (judgedAnew++ >= AtMostJudgedAnew || !await PassesAnewAsync(candidate.Request, asker, now, ct))) continue;
                found.Add(search.Named(candidate));
                ofKind++;
                if (candidate.Side != 0) sides.Add(candidate.Side);
            }
        }
        return found;
    }

    private async Task<Search> SearchAsync(BookingRequest request, Judgement judgement, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        var classes = judgement.Places.Select(p => p.Pool.Class.Id).Distinct().ToList();
        var pools = (await db.StandingAsync<LendingBook>(ct)).Pools.Where(p => classes.Contains(p.Class.Id)).Select(p => p.Pool.Id).ToList();
        var around = new Period(request.From.AddDays(-14), request.To.AddDays(14));
        var facts = await Facts.LoadAsync(db, request.BorrowerId, request.ResponsibleId, pools, around, asker, now, ct);
        return new Search(request, judgement, facts, asker, now);
    }

    // Shares, caps and quotas are counted for one period only; where one is set the candidate is judged with facts of its own.
    private async Task<bool> PassesAnewAsync(BookingRequest request, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        var pools = request.Wanted.Select(w => w.PoolId!.Value).ToList();
        var facts = await Facts.LoadAsync(db, request.BorrowerId, request.ResponsibleId, [.. pools.Distinct()], request.Period, asker, now, ct);
        return !Judgement.Of(request, facts, [.. pools.Select(p => facts.Find(p)!)], asker, now).Blocks.Any();
    }

    /// <param name="Side">Candidates of one kind and side (later, earlier; cut at the end, at the start) follow each other: only the first that passes is offered.</param>
    private sealed record Candidate(AlternativeKind Kind, BookingRequest Request, PoolFacts Pool, int Side = 0);

    private sealed class Search(BookingRequest asked, Judgement judgement, Facts facts, Asker asker, DateTimeOffset now)
    {
        // Each wish with the pool it was judged by; a named device is asked of its pool in every candidate but the first.
        private readonly List<(WantedDevice Wish, PoolFacts Pool)> wishes = [.. Named(asked, judgement).Select(w => (w.Wish, facts.Find(w.Pool)!)).Where(w => w.Item2 is not null)];

        public IEnumerable<Candidate> Candidates()
            => wishes.Count < asked.Wanted.Count ? [] : [.. OtherDevices(), .. OtherModels(), .. OtherStarts(), .. OtherOffices(), .. Shorter(), .. OtherDays()];

        // What is counted for the whole window would say too much; it is judged anew.
        public bool Passes(Candidate candidate)
            => !Judgement.Of(candidate.Request, facts, [.. candidate.Request.Wanted.Select(w => facts.Find(w.PoolId!.Value)!)], asker, now).Findings.Any(f => f.Grade == Grade.Block && !Counted.Contains(f.Rule.Number));

        public bool IsCounted(Candidate candidate) => candidate.Request.Wanted.Select(w => facts.Find(w.PoolId!.Value)!).Any(pool =>
        {
            var policy = facts.CaseOf(pool, Stage.Submit, now, candidate.Request.Period, candidate.Request.Aim).Policy;
            return policy.DeskCap > 0 || policy.QuotaHours > 0 || pool.Pool.OpenTo.Any(o => o.ShareDevices is not null);
        });

        public Alternative Named(Candidate candidate)
        {
            var (request, pool) = (candidate.Request, candidate.Pool);
            var time = BookingWords.Span(request.From, request.To);
            var text = candidate.Kind switch
            {
                AlternativeKind.OtherDevice => $"{pool.Model.Name}の別の端末（{pool.Office.Name}）",
                AlternativeKind.OtherModel => $"{pool.Model.Name}（{pool.Office.Name}）",
                AlternativeKind.OtherStart => $"時間をずらす　{time}",
                AlternativeKind.OtherOffice => $"{pool.Office.Name}で受け取る　{pool.Model.Name}",
                AlternativeKind.Shorter => $"時間を短くする　{time}",
                _ => $"別の日にする　{time}",
            };
            return new Alternative(candidate.Kind, pool.Pool.Id, request.Wanted.Select(w => w.DeviceId).FirstOrDefault(d => d is not null), pool.Office.Id, request.From, request.To, text, ReserveLink.Of(request, asker.Id));
        }

        private static IEnumerable<(WantedDevice Wish, PoolId Pool)> Named(BookingRequest request, Judgement judgement)
            => request.Wanted.Select(w => (w, w.PoolId ?? judgement.Places.FirstOrDefault(p => judgement.Facts.State.Find(w.DeviceId!.Value)?.PoolId == p.Pool.Pool.Id)?.Pool.Pool.Id ?? default));

        // The same model at the same office, whichever device.
        private IEnumerable<Candidate> OtherDevices()
            => wishes.Any(w => w.Wish.DeviceId is not null) ? [Of(AlternativeKind.OtherDevice, asked.Period, null, null, wishes.First(w => w.Wish.DeviceId is not null).Pool)] : [];

        private IEnumerable<Candidate> OtherModels()
            => Replacing((wish, pool) => pool.Class.Id == wish.Class.Id && pool.Office.Id == wish.Office.Id && pool.Model.Id != wish.Model.Id, AlternativeKind.OtherModel);

        private IEnumerable<Candidate> OtherOffices()
            => Replacing((wish, pool) => pool.Class.Id == wish.Class.Id && pool.Office.Id != wish.Office.Id, AlternativeKind.OtherOffice);

        private IEnumerable<Candidate> Replacing(Func<PoolFacts, PoolFacts, bool> isOther, AlternativeKind kind)
            => from index in Enumerable.Range(0, wishes.Count)
               where wishes[index].Wish.KitName is null
               from pool in facts.Pools.Where(p => isOther(wishes[index].Pool, p)).OrderBy(p => p.Model.Id != wishes[index].Pool.Model.Id).ThenBy(p => p.Office.SortOrder).ThenBy(p => p.Model.Name, StringComparer.Ordinal)
               select Of(kind, asked.Period, index, pool, pool);

        // Later and earlier in turn, the nearest first.
        private IEnumerable<Candidate> OtherStarts()
            => from step in Enumerable.Range(1, MinutesAround / 15)
               from sign in new[] { 1, -1 }
               select Of(AlternativeKind.OtherStart, new Period(asked.From.AddMinutes(15 * step * sign), asked.To.AddMinutes(15 * step * sign))) with { Side = sign };

        // As little as possible is cut off: by quarter hours of one day, by days of a longer loan.
        private IEnumerable<Candidate> Shorter()
        {
            var days = TokyoTime.DayOf(asked.To).DayNumber - TokyoTime.DayOf(asked.From).DayNumber;
            if (days > 0)
            {
                for (var cut = 1; cut <= Math.Min(days, 20); cut++)
                    foreach (var (side, period) in new[] { (1, new Period(asked.From, asked.To.AddDays(-cut))), (-1, new Period(asked.From.AddDays(cut), asked.To)) })
                        if (period.IsForward) yield return Of(AlternativeKind.Shorter, period) with { Side = side };
                yield break;
            }
            for (var cut = 15; asked.Period.Minutes - cut >= 30; cut += 15)
            {
                yield return Of(AlternativeKind.Shorter, new Period(asked.From, asked.To.AddMinutes(-cut))) with { Side = 1 };
                yield return Of(AlternativeKind.Shorter, new Period(asked.From.AddMinutes(cut), asked.To)) with { Side = -1 };
            }
        }

        private IEnumerable<Candidate> OtherDays()
        {
            var (first, desk) = (TokyoTime.DayOf(asked.From), wishes[0].Pool.Desk);
            var later = OpenDays(first, 1, desk).Take(WorkingDaysAround).ToList();
            var earlier = OpenDays(first, -1, desk).Take(WorkingDaysAround).ToList();
            for (var i = 0; i < WorkingDaysAround; i++)
                foreach (var day in new[] { later.ElementAtOrDefault(i), earlier.ElementAtOrDefault(i) })
                    if (day != default) yield return Of(AlternativeKind.OtherDay, new Period(asked.From.AddDays(day.DayNumber - first.DayNumber), asked.To.AddDays(day.DayNumber - first.DayNumber)));
        }

        private static IEnumerable<DateOnly> OpenDays(DateOnly from, int step, DeskHours desk)
            => Enumerable.Range(1, 14).Select(i => from.AddDays(i * step)).Where(desk.IsOpenDay);

        private Candidate Of(AlternativeKind kind, Period period, int? replaced = null, PoolFacts? by = null, PoolFacts? named = null)
        {
            var wanted = wishes.Select((w, i) => i == replaced ? new WantedDevice(by!.Pool.Id, null, w.Wish.Count) : w.Wish with { PoolId = w.Pool.Pool.Id, DeviceId = kind == AlternativeKind.OtherDevice ? null : w.Wish.DeviceId });
            return new Candidate(kind, asked with { From = period.From, To = period.To, Wanted = [.. wanted] }, named ?? wishes[0].Pool);
        }
    }
}
