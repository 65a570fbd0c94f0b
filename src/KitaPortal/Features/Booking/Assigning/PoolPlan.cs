using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Assigning;

/// <summary>A device as the plan sees it; lower rank is given first (compliant and complete ones).</summary>
public sealed record PlanDevice(DeviceId Id, string Label, int Rank);

/// <summary>Time of a device that cannot be moved: pinned, prepared, lent, in maintenance.</summary>
public sealed record FixedBlock(DeviceId DeviceId, Period Period);

/// <summary>A tentative place that has a device now and may be given another one.</summary>
public sealed record MovableBlock(Guid Key, DeviceId DeviceId, Period Period);

/// <summary>A place that is asked for; <paramref name="Pinned"/> when exactly this device, <paramref name="Preferred"/> when this one if it is free.</summary>
public sealed record Ask(Guid Key, Period Period, DeviceId? Pinned, DeviceId? Preferred = null);

/// <summary>Which device each ask gets, and which tentative places move for it.</summary>
public sealed record Placement(IReadOnlyDictionary<Guid, DeviceId> Asks, IReadOnlyDictionary<Guid, DeviceId> Moves);

/// <summary>
/// Gives concrete devices: the best fit if one is free, else by re-packing the tentative places of the pool (the present device first, then bounded
/// backtracking over the place with the fewest choices). Deterministic; never moves a fixed block. Null when nothing fits.
/// </summary>
public sealed class PoolPlan(IEnumerable<PlanDevice> devices, IEnumerable<FixedBlock> fixedBlocks, IEnumerable<MovableBlock> movable)
{
    /// <summary>Steps of backtracking before it gives up; a step over many places counts for more.</summary>
    internal const int MaxSteps = 20_000;

    private readonly List<PlanDevice> devices = [.. devices.OrderBy(d => d.Rank).ThenBy(d => d.Label, StringComparer.Ordinal)];
    private readonly List<FixedBlock> fixedBlocks = [.. fixedBlocks];
    private readonly List<MovableBlock> movable = [.. movable.OrderBy(m => m.Period.From).ThenBy(m => m.Key)];

    public Placement? Place(IReadOnlyList<Ask> asks) => BestFit(asks) ?? Repack(asks);

    /// <summary>What takes the device in the period, movable or not.</summary>
    public Period? TakenAt(DeviceId device, Period period)
        => Blocks(device).Where(p => p.Overlaps(period)).OrderBy(p => p.From).Select(p => (Period?)p).FirstOrDefault();

    private IEnumerable<Period> Blocks(DeviceId device)
        => fixedBlocks.Where(b => b.DeviceId == device).Select(b => b.Period).Concat(movable.Where(m => m.DeviceId == device).Select(m => m.Period));

    // Pinned asks first, then each takes the device whose gap it leaves smallest.
    private Placement? BestFit(IReadOnlyList<Ask> asks)
    {
        var given = new Dictionary<Guid, DeviceId>();
        var taken = devices.ToDictionary(d => d.Id, d => Blocks(d.Id).ToList());
        foreach (var ask in asks.OrderBy(a => a.Pinned is null))
        {
            var choice = devices.Where(d => ask.Pinned is null || d.Id == ask.Pinned)
                .Where(d => !taken[d.Id].Any(p => p.Overlaps(ask.Period)))
                .OrderBy(d => d.Id != ask.Preferred).ThenBy(d => d.Rank).ThenBy(d => Gap(taken[d.Id], ask.Period)).FirstOrDefault();
            if (choice is null) return null;
            given[ask.Key] = choice.Id;
            taken[choice.Id].Add(ask.Period);
        }
        return new Placement(given, new Dictionary<Guid, DeviceId>());
    }

    // Idle time left on both sides; an untouched side counts as a month.
    private static TimeSpan Gap(List<Period> taken, Period period)
    {
        var month = TimeSpan.FromDays(31);
        var before = taken.Where(p => p.To <= period.From).Select(p => period.From - p.To).DefaultIfEmpty(month).Min();
        var after = taken.Where(p => p.From >= period.To).Select(p => p.From - period.To).DefaultIfEmpty(month).Min();
        return (before < month ? before : month) + (after < month ? after : month);
    }

    private Placement? Repack(IReadOnlyList<Ask> asks)
    {
        var places = ConnectedTo(asks);
        if (places.Any(p => p.Allowed.Count == 0) || IsOverCapacity(places)) return null;
        var found = new Search(places).Run();
        if (found is null) return null;
        return new Placement(
            places.Where(p => p.Present is null).ToDictionary(p => p.Key, p => found[p.Key]),
            places.Where(p => p.Present is not null && found[p.Key] != p.Present).ToDictionary(p => p.Key, p => found[p.Key]));
    }

    // Tentative places that touch the asks, directly or over others, in time; the rest stays where it is and cannot be in the way.
    private List<PlaceToFill> ConnectedTo(IReadOnlyList<Ask> asks)
    {
        var periods = asks.Select(a => a.Period).ToList();
        var near = new List<MovableBlock>();
        var rest = movable.ToList();
        for (var grown = true; grown;)
        {
            var more = rest.Where(m => periods.Any(p => p.Overlaps(m.Period))).ToList();
            grown = more.Count > 0;
            near.AddRange(more);
            periods.AddRange(more.Select(m => m.Period));
            rest.RemoveAll(more.Contains);
        }
        return
        [
            .. asks.Select(a => new PlaceToFill(a.Key, a.Period, null, Allowed(a.Period, a.Pinned, a.Preferred))),
            .. near.Select(m => new PlaceToFill(m.Key, m.Period, m.DeviceId, Allowed(m.Period, null, m.DeviceId))),
        ];
    }

    // Devices without a fixed block then; the present one first, so that as little as possible moves.
    private List<DeviceId> Allowed(Period period, DeviceId? pinned, DeviceId? present = null)
        => [.. devices.Select(d => d.Id)
            .Where(d => pinned is null || d == pinned)
            .Where(d => !fixedBlocks.Any(b => b.DeviceId == d && b.Period.Overlaps(period)))
            .OrderBy(d => d != present)];

    // The peak by sweep over half-open periods, not a sum.
    private bool IsOverCapacity(List<PlaceToFill> places)
        => places.Any(p => places.Count(o => o.Period.Contains(p.Period.From))
            + fixedBlocks.Where(b => b.Period.Contains(p.Period.From)).Select(b => b.DeviceId).Distinct().Count(d => devices.Any(known => known.Id == d)) > devices.Count);

    private sealed record PlaceToFill(Guid Key, Period Period, DeviceId? Present, List<DeviceId> Allowed);

    private sealed class Search(List<PlaceToFill> places)
    {
        private readonly Dictionary<Guid, DeviceId> given = [];
        private int steps;

        public Dictionary<Guid, DeviceId>? Run() => Fill([.. places]) ? given : null;

        private bool Fill(List<PlaceToFill> open)
        {
            if (open.Count == 0) return true;
            var (next, choices) = FewestChoices(open);
            var rest = open.Where(p => p.Key != next.Key).ToList();
            foreach (var device in choices)
            {
                steps += 1 + (open.Count / 16);
                if (steps > MaxSteps) return false;
                given[next.Key] = device;
                if (Fill(rest)) return true;
                given.Remove(next.Key);
            }
            return false;
        }

        private (PlaceToFill Place, List<DeviceId> Choices) FewestChoices(List<PlaceToFill> open)
        {
            (PlaceToFill Place, List<DeviceId> Choices)? best = null;
            foreach (var place in open)
            {
                var choices = Choices(place);
                if (best is null || choices.Count < best.Value.Choices.Count) best = (place, choices);
                if (choices.Count == 0) break;
            }
            return best!.Value;
        }

        private List<DeviceId> Choices(PlaceToFill place)
        {
            var blocked = places.Where(o => o.Key != place.Key && given.ContainsKey(o.Key) && o.Period.Overlaps(place.Period)).Select(o => given[o.Key]).ToHashSet();
            return [.. place.Allowed.Where(d => !blocked.Contains(d))];
        }
    }
}
