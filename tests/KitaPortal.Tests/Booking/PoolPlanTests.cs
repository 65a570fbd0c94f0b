using CsCheck;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Tests.Booking;

/// <summary>Giving devices: properties over random pools, against an exhaustive search.</summary>
public sealed class PoolPlanTests
{
    private sealed record Pool(List<PlanDevice> Devices, List<FixedBlock> Fixed, List<MovableBlock> Movable, List<Ask> Asks)
    {
        public override string ToString()
            => $"{Devices.Count} devices; fixed {string.Join(' ', Fixed.Select(f => $"{IndexOf(f.DeviceId)}:{Hours(f.Period)}"))}; movable {string.Join(' ', Movable.Select(m => $"{IndexOf(m.DeviceId)}:{Hours(m.Period)}"))}; asks {string.Join(' ', Asks.Select(a => Hours(a.Period)))}";

        private int IndexOf(DeviceId id) => Devices.FindIndex(d => d.Id == id);
    }

    private static readonly DateTimeOffset Day = BookingTown.At("2026-04-07T00:00");

    private static readonly Gen<Period> Periods = Gen.Select(Gen.Int[0, 12], Gen.Int[1, 5], (from, hours) => new Period(Day.AddHours(from), Day.AddHours(from + hours)));

    private static readonly Gen<Pool> Pools =
        from count in Gen.Int[1, 5]
        from lines in Gen.Select(Gen.Int[0, count - 1], Periods, Gen.Bool).List[0, 6]
        from asks in Gen.Select(Periods, Gen.Int[0, 3], Gen.Int[0, count - 1]).List[1, 2]
        select Make(count, lines, asks);

    [Fact]
    public void It_accepts_exactly_when_an_exhaustive_search_does()
        => Pools.Sample(pool => (new PoolPlan(pool.Devices, pool.Fixed, pool.Movable).Place(pool.Asks) is not null) == Fits(pool), iter: 5000);

    [Fact]
    public void Nothing_overlaps_afterwards_and_no_fixed_block_moved()
        => Pools.Sample(pool =>
        {
            if (new PoolPlan(pool.Devices, pool.Fixed, pool.Movable).Place(pool.Asks) is not { } placed) return;
            Assert.Equal(pool.Asks.Select(a => a.Key).Order(), placed.Asks.Keys.Order());
            Assert.All(placed.Moves.Keys, key => Assert.Contains(pool.Movable, m => m.Key == key));
            Assert.All(pool.Asks.Where(a => a.Pinned is not null), a => Assert.Equal(a.Pinned, placed.Asks[a.Key]));
            var all = pool.Fixed.Select(f => (f.DeviceId, f.Period))
                .Concat(pool.Movable.Select(m => (placed.Moves.GetValueOrDefault(m.Key, m.DeviceId), m.Period)))
                .Concat(pool.Asks.Select(a => (placed.Asks[a.Key], a.Period))).ToList();
            Assert.DoesNotContain(all.Index(), a => all.Index().Any(b => a.Index < b.Index && a.Item.Item1 == b.Item.Item1 && a.Item.Period.Overlaps(b.Item.Period)));
        }, iter: 5000);

    [Fact]
    public void The_same_pool_gives_the_same_answer()
        => Pools.Sample(pool =>
        {
            var first = new PoolPlan(pool.Devices, pool.Fixed, pool.Movable).Place(pool.Asks);
            var again = new PoolPlan(Enumerable.Reverse(pool.Devices), Enumerable.Reverse(pool.Fixed), Enumerable.Reverse(pool.Movable)).Place(pool.Asks);
            Assert.Equal(first?.Asks.OrderBy(a => a.Key), again?.Asks.OrderBy(a => a.Key));
            Assert.Equal(first?.Moves.OrderBy(a => a.Key), again?.Moves.OrderBy(a => a.Key));
        }, iter: 2000);

    [Fact]
    public void Half_open_neighbours_never_clash()
        => Periods.Sample(period =>
        {
            var device = new PlanDevice(DeviceId.New(), "PC-1", 0);
            FixedBlock[] around = [new(device.Id, new Period(period.From.AddHours(-2), period.From)), new(device.Id, new Period(period.To, period.To.AddHours(2)))];
            Assert.NotNull(new PoolPlan([device], around, []).Place([new Ask(Guid.NewGuid(), period, null)]));
        });

    [Fact]
    public void A_tentative_place_makes_room_for_a_named_device()
    {
        PlanDevice[] devices = [new(DeviceId.New(), "PC-1", 0), new(DeviceId.New(), "PC-2", 0)];
        var period = new Period(Day, Day.AddHours(2));
        var tentative = new MovableBlock(Guid.NewGuid(), devices[0].Id, period);

        var placed = new PoolPlan(devices, [], [tentative]).Place([new Ask(Guid.NewGuid(), period, devices[0].Id)]);

        Assert.Equal(devices[1].Id, placed!.Moves[tentative.Key]);
    }

    // Lines that do not fit on their device are left out, so that every pool is a possible one.
    private static Pool Make(int count, List<(int Device, Period Period, bool Fixed)> lines, List<(Period Period, int Pin, int Device)> asks)
    {
        List<PlanDevice> devices = [.. Enumerable.Range(0, count).Select(i => new PlanDevice(DeviceId.New(), $"PC-{i}", 0))];
        var taken = new List<(int Device, Period Period, bool Fixed)>();
        foreach (var line in lines)
            if (!taken.Any(t => t.Device == line.Device && t.Period.Overlaps(line.Period))) taken.Add(line);
        return new Pool(devices,
            [.. taken.Where(t => t.Fixed).Select(t => new FixedBlock(devices[t.Device].Id, t.Period))],
            [.. taken.Where(t => !t.Fixed).Select(t => new MovableBlock(Guid.NewGuid(), devices[t.Device].Id, t.Period))],
            [.. asks.Select(a => new Ask(Guid.NewGuid(), a.Period, a.Pin == 0 ? devices[a.Device].Id : null))]);
    }

    private static bool Fits(Pool pool)
    {
        var places = pool.Asks.Select(a => (a.Period, a.Pinned)).Concat(pool.Movable.Select(m => (m.Period, Pinned: (DeviceId?)null))).ToList();
        var taken = pool.Fixed.Select(f => (f.DeviceId, f.Period)).ToList();
        return Try(0);

        bool Try(int next)
        {
            if (next == places.Count) return true;
            foreach (var device in pool.Devices.Where(d => places[next].Pinned is null || places[next].Pinned == d.Id))
            {
                if (taken.Any(t => t.DeviceId == device.Id && t.Period.Overlaps(places[next].Period))) continue;
                taken.Add((device.Id, places[next].Period));
                if (Try(next + 1)) return true;
                taken.RemoveAt(taken.Count - 1);
            }
            return false;
        }
    }

    private static string Hours(Period p) => $"{(p.From - Day).TotalHours}-{(p.To - Day).TotalHours}";
}
