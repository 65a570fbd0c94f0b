using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>Long random lives of a pool: whatever people do in whatever order, no two active occupancies overlap, no device is lost, and every open line has its place.</summary>
public sealed class RandomVerbsTests
{
    private const int Steps = 120;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_sequence_of_verbs_overlaps_or_loses_a_device(int seed)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
#pragma warning disable CA5394 // a seeded sequence is wanted
        var random = new Random(seed);
        var done = new Dictionary<string, int>();
        for (var step = 0; step < Steps; step++)
        {
            var verb = new[] { "reserve", "reserve", "name", "cancel", "hand over", "take back", "broken", "repair", "clock" }[random.Next(9)];
            try
            {
                if (await DoAsync(verb, portal, town, random)) done[verb] = done.GetValueOrDefault(verb) + 1;
            }
            catch (RuleViolation)
            {
                // A refusal changes nothing; that is checked below.
            }
            await CheckAsync(portal, $"seed {seed}, step {step}, {verb}");
        }
#pragma warning restore CA5394
        Assert.True(done.GetValueOrDefault("reserve") > 3 && done.GetValueOrDefault("hand over") > 0 && done.GetValueOrDefault("take back") > 0, string.Join(' ', done));
    }

#pragma warning disable CA5394
    private static async Task<bool> DoAsync(string verb, PortalHost portal, BookingTown town, Random random)
    {
        var people = new[] { portal.Town.Sato, portal.Town.Suzuki, portal.Town.GeneralHead, portal.Town.Tanaka };
        switch (verb)
        {
            case "reserve" or "name":
                var now = portal.Clock.GetUtcNow().ToOffset(TimeSpan.FromHours(9));
                var from = new DateTimeOffset(now.Date, now.Offset).AddDays(random.Next(2)).AddHours(9 + random.Next(7));
                var request = town.Request(people[random.Next(4)], "2026-04-06T09:00", "2026-04-06T10:00", acknowledged: "booking.same-time") with { From = from, To = from.AddHours(1 + random.Next(4)) };
                await town.Reserve(verb == "name" ? request with { Wanted = [new WantedDevice(null, town.TabletIds[random.Next(3)])] } : request);
                return true;
            case "cancel":
                if (await AnyAsync(portal, random, l => l.Status == LineStatus.Approved) is not { } coming) return false;
                await town.Cancel(coming.BookingId, portal.Town.Desk);
                return true;
            case "hand over":
                if (await AnyAsync(portal, random, l => l.Status == LineStatus.Approved) is not { } due) return false;
                await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), portal.Town.MainOffice, [new HandedItem(due.Id, random.Next(3) == 0 ? town.TabletIds[random.Next(3)] : null)]), clerk, default));
                return true;
            case "take back" or "broken":
                if (await AnyAsync(portal, random, l => l.Status == LineStatus.OnLoan) is not { } lent) return false;
                var condition = verb == "broken" ? DeviceCondition.Broken : DeviceCondition.Fit;
                await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(lent.DeviceId!.Value, Condition: condition)]), clerk, default));
                return true;
            case "repair":
                await portal.WriteAsync(async db => { foreach (var d in await db.Devices.Where(d => d.Status == DeviceStatus.Maintenance).ToListAsync()) d.SetStatus(DeviceStatus.InService, "修理"); });
                return true;
            default:
                portal.Clock.Advance(TimeSpan.FromMinutes(15 * random.Next(1, 12)));
                await portal.WriteAsync(db => Settling.SettleAsync(db, [town.Tablets], portal.Clock.GetUtcNow(), default));
                return true;
        }
    }

    private static async Task<BookingLine?> AnyAsync(PortalHost portal, Random random, Func<BookingLine, bool> which)
    {
        var lines = (await portal.ReadAsync(db => db.BookingLines.AsNoTracking().ToListAsync())).Where(which).OrderBy(l => l.Id.Value).ToList();
        return lines.Count == 0 ? null : lines[random.Next(lines.Count)];
    }
#pragma warning restore CA5394

    private static async Task CheckAsync(PortalHost portal, string where)
    {
        var (lines, occupancies, loans, devices) = await portal.ReadAsync(async db => (await db.BookingLines.AsNoTracking().ToListAsync(), await db.Occupancies.AsNoTracking().ToListAsync(),
            await db.Loans.AsNoTracking().ToListAsync(), await db.Devices.CountAsync()));

        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
        Assert.Equal(7, devices);
        Assert.True(loans.Where(l => l.InAt is null).GroupBy(l => l.DeviceId).All(g => g.Count() == 1), where);
        Assert.True(lines.Count(l => l.Status == LineStatus.OnLoan) == loans.Count(l => l.InAt is null), where);
        foreach (var line in lines.Where(l => l.IsActive))
        {
            var mine = occupancies.Where(o => o.SourceId == line.Id.Value && o.Active).ToList();
            Assert.True(mine.Count == 1 && mine[0].Id == line.OccupancyId && mine[0].DeviceId == line.DeviceId, $"{where}: {line.Status} line with {mine.Count} places");
            Assert.True(mine[0].From <= line.From && mine[0].To >= line.To, $"{where}: {line.Status} place does not cover the period");
            Assert.True(line.DeviceId is not null || line.NeedsSubstitute, where);
        }
        Assert.All(lines.Where(l => l.Status is LineStatus.Cancelled or LineStatus.NoShow), l => Assert.DoesNotContain(occupancies, o => o.SourceId == l.Id.Value && o.Active && o.To > portal.Clock.GetUtcNow()));
        Assert.All(lines, l => Assert.Equal(l.OriginalTo, l.To));
    }
}
