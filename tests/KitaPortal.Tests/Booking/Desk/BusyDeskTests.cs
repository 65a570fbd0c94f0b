using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Register;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Desk;

/// <summary>A desk with 200 lines on its list: a scan costs the same few statements as at an empty one. Two desks on one device: one loan.</summary>
public sealed class BusyDeskTests
{
    [Fact]
    public async Task A_scan_costs_as_many_statements_with_200_lines_on_the_list_as_with_one()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 202);
        var first = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", device: town.TabletIds[0]));
        using var clerk = await portal.As(portal.Town.Desk);
        var form = await DeskTests.Open(clerk, $"/booking/desk/01/hand-over?q={first.Number}");
        await clerk.Get("/booking/desk/01?q=iPad-001");
        var few = await ScanAsync(portal, clerk, form);

        await FillAsync(portal, town, 200);
        Assert.True(await portal.ReadAsync(db => db.BookingLines.CountAsync(l => l.Status == LineStatus.Approved)) >= 200);
        var many = await ScanAsync(portal, clerk, form);

        Assert.Equal(few, many);
        Assert.InRange(many, 1, 45);
    }

    [Fact]
    public async Task Four_desks_on_one_device_make_one_loan_in_every_round()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 1);
        const int rounds = 12;
        for (var round = 0; round < rounds; round++)
        {
            var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Tablets));
            var acts = Enumerable.Range(0, 3).Select(_ => Record.ExceptionAsync(() => town.AtDesk((desk, clerk)
                    => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id, town.TabletIds[0])]), clerk, default))).AsTask())
                .Append(Record.ExceptionAsync(() => town.AtDesk((desk, clerk)
                    => desk.WalkUpAsync(new WalkingUp(Guid.NewGuid(), town.TabletIds[0], portal.Town.Suzuki, At("2026-04-06T12:00"), InBuilding), clerk, default))).AsTask());

            var problems = (await Task.WhenAll(acts)).OfType<Exception>().ToList();

            Assert.Equal(3, problems.Count);
            Assert.Equal(1, await portal.ReadAsync(db => db.Loans.CountAsync(l => l.InAt == null)));
            await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(town.TabletIds[0])]), clerk, default));
        }
        Assert.Equal(Enumerable.Range(1, rounds), await portal.ReadAsync(db => db.Loans.OrderBy(l => l.RegisterSequence).Select(l => l.RegisterSequence).ToListAsync()));
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
        Assert.Equal(rounds, await portal.ReadAsync(db => db.RegisterEntries.CountAsync(e => e.Kind == RegisterEvent.Out)));
    }

    // The whole way of one code: the box of the hand-over with one device on the counter, then the desk's box. The second time, when what is kept in memory is there.
    private static async Task<int> ScanAsync(PortalHost portal, PortalClient clerk, DeskTests.Sheet form)
    {
        await OnceAsync();
        using var count = await StatementCount.OfAsync(portal);
        await OnceAsync();
        return count.Statements.Count;

        async Task OnceAsync()
        {
            var answer = await clerk.Post("/booking/desk/01/hand-over?handler=Scan", form.Token, form.Fields.Append(new("q", "iPad-001")));
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Contains("iPad-001を確認しました", answer.Words, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await clerk.Get("/booking/desk/01?q=iPad-001")).Status);
        }
    }

    private static Task FillAsync(PortalHost portal, BookingTown town, int lines) => portal.WriteAsync(db =>
    {
        var (from, to) = (At("2026-04-06T09:00").ToUniversalTime(), At("2026-04-06T12:00").ToUniversalTime());
        for (var i = 1; i <= lines; i++)
        {
            var booking = new Features.Booking.Booking(BookingId.New(), portal.Town.Suzuki, portal.Town.GeneralAffairs, portal.Town.GeneralHead, InBuilding, $"{i}", $"{i}", "", from);
            var line = booking.Add(town.Tablets, town.TabletIds[i], false, from, to);
            var occupancy = new Occupancy(line.DeviceId, line.PoolId, from, to, OccupancyKind.Booking, line.Id.Value);
            line.Occupy(occupancy);
            booking.Confirm(from);
            db.AddRange(occupancy, booking);
        }
        return Task.CompletedTask;
    });
}
