using System.Net;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Overdue;
using KitaPortal.Features.Booking.Register;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Approvals;
using KitaPortal.Tests.Booking.Life;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;
using BookingRow = KitaPortal.Features.Booking.Booking;

namespace KitaPortal.Tests.Booking.Permits;

/// <summary>緊急貸出, decided on afterwards, and 許可の取消.</summary>
public sealed class PermittingTests
{
    private const string Reason = "大雨の避難所で安否確認に使うため";

    [Fact]
    public async Task In_an_emergency_the_desk_hands_over_before_the_decision_and_the_head_agrees_afterwards()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await AskedAsync(portal);
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => portal.HandOver(town, booking.Lines[0].Id));
        Assert.Contains("貸-506", refused.Broken.Select(b => b.Rule.Number));

        await LetGoAsync(portal, town, booking);
        var loan = await portal.HandOver(town, booking.Lines[0].Id);

        var (permission, request, entry) = await portal.ReadAsync(async db => (await db.TakeOutPermissions.SingleAsync(), await db.ApprovalRequests.SingleAsync(), await db.RegisterEntries.SingleAsync()));
        Assert.Equal((PermissionBasis.Emergency, portal.Town.Desk, Reason), (permission.Basis, permission.DecidedBy!.Value, permission.Conditions));
        Assert.Equal((RequestState.Circulating, "2026-04-10T17:15"), (request.State, request.DueAt!.Value.Tokyo()));    // three working days
        Assert.Equal((loan.Id, "緊急貸出"), (entry.LoanId, entry.Read<ToldOut>().Basis));
        Assert.Equal(2, (await portal.Told(portal.Town.GeneralHead)).Count(k => k == "approvals.waiting"));    // asked, and told that it goes out
        Assert.Equal(525, await BookedAsync(portal));

        portal.Clock.SetUtcNow(At("2026-04-08T10:00"));
        await portal.RunJob("ClockJob");
        await LifeOfALineTests.Decide(portal, booking, portal.Town.GeneralHead);

        Assert.Equal([PermissionBasis.Emergency, PermissionBasis.Approved], await portal.ReadAsync(db => db.TakeOutPermissions.OrderBy(p => p.DecidedAt).Select(p => p.Basis).ToListAsync()));
        Assert.Equal((LineStatus.OnLoan, 525), ((await town.Line(booking.Id)).Status, await BookedAsync(portal)));
    }

    [Fact]
    public async Task An_emergency_that_is_rejected_calls_the_device_back_and_ends_what_is_still_coming()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await AskedAsync(portal, withTablet: true);
        await LetGoAsync(portal, town, booking);
        var gone = booking.Lines[0].Id;
        await portal.HandOver(town, gone);

        portal.Clock.SetUtcNow(At("2026-04-07T08:40"));
        await portal.Act(new ApprovalRequestId(booking.ApprovalRequestId!.Value), portal.Town.GeneralHead, (request, acting) => request.Reject(acting), "庁舎の端末で足ります");

        var lines = await portal.ReadAsync(db => db.BookingLines.AsNoTracking().ToDictionaryAsync(l => l.Id, l => l.Status));
        Assert.Equal((LineStatus.OnLoan, LineStatus.Cancelled), (lines[gone], lines.Single(l => l.Key != gone).Value));
        var permission = await portal.ReadAsync(db => db.TakeOutPermissions.SingleAsync());
        Assert.Equal(("庁舎の端末で足ります", "2026-04-08T17:15"), (permission.RevokeReason, permission.ReturnBy!.Value.Tokyo()));
        Assert.Contains("loan.return-order", await portal.Told(portal.Town.Sato));
        Assert.Contains("loan.return-order", await portal.Told(portal.Town.Desk));
        Assert.Equal(1, await portal.ReadAsync(db => db.Occupancies.CountAsync(o => o.Active && o.To > At("2026-04-07T13:00"))));
        await portal.TakeBack(town, (await portal.ReadAsync(db => db.Loans.SingleAsync())).DeviceId);
    }

    [Fact]
    public async Task What_went_out_in_an_emergency_is_decided_on_even_when_the_rest_is_cancelled_or_the_device_is_lost()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await AskedAsync(portal, withTablet: true);
        await LetGoAsync(portal, town, booking);
        Task<RequestState> State() => portal.ReadAsync(db => db.ApprovalRequests.Select(r => r.State).SingleAsync());

        await portal.InScopeAsync(async services => { await services.GetRequiredService<Reserving>().CancelAsync(booking.Id, [booking.Lines[1].Id], await town.AskerAsync(portal.Town.Sato), null, default); return true; });
        Assert.Equal(RequestState.Circulating, await State());
        await portal.HandOver(town, booking.Lines[0].Id);
        await portal.Lose(town, portal.Town.Sato, booking.Lines[0].Id);

        Assert.Equal(RequestState.Circulating, await State());
        await LifeOfALineTests.Decide(portal, booking, portal.Town.GeneralHead);
        Assert.Equal(2, await portal.ReadAsync(db => db.TakeOutPermissions.CountAsync(p => p.RevokedAt == null)));
    }

    [Fact]
    public async Task An_emergency_whose_request_was_pulled_back_loses_its_permission_when_it_is_due()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await AskedAsync(portal);
        await LetGoAsync(portal, town, booking);
        await portal.HandOver(town, booking.Lines[0].Id);
        await portal.Act(new ApprovalRequestId(booking.ApprovalRequestId!.Value), portal.Town.Sato, (request, acting) => request.Withdraw(acting), "書き直します");

        portal.Clock.SetUtcNow(At("2026-04-10T17:00"));
        await portal.RunJob("ClockJob");
        Assert.Null((await portal.ReadAsync(db => db.TakeOutPermissions.SingleAsync())).RevokedAt);
        portal.Clock.SetUtcNow(At("2026-04-10T17:16"));
        await portal.RunJob("ClockJob");
        await portal.RunJob("ClockJob");

        var permission = await portal.ReadAsync(db => db.TakeOutPermissions.SingleAsync());
        Assert.Equal("2026-04-13T17:15", permission.ReturnBy!.Value.Tokyo());
        Assert.Single(await portal.Told(portal.Town.Sato), k => k == "loan.return-order");
    }

    [Fact]
    public async Task Nobody_lets_the_own_booking_go()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.LetAllBorrowAsync([portal.Town.Desk]);
        var booking = await town.Reserve(town.Request(portal.Town.Desk, "2026-04-07T08:30", "2026-04-07T17:15", town.Laptops, aim: AtHome with { Purpose = Purpose.Disaster }));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => LetGoAsync(portal, town, booking));

        Assert.Equal("貸-959", refused.Broken[0].Rule.Number);
        using var desk = await portal.As(portal.Town.Desk);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.Get($"/booking/{booking.Id}/permission")).Status);
    }

    [Fact]
    public async Task A_head_takes_a_permission_back_and_the_borrower_is_told_by_when_to_return()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await AskedAsync(portal);
        await LifeOfALineTests.Decide(portal, booking, portal.Town.GeneralHead);
        await portal.HandOver(town, booking.Lines[0].Id);
        using var head = await portal.As(portal.Town.GeneralHead);

        Assert.Contains("許可を取り消す", (await head.Get($"/booking/{booking.Id}")).Words);
        var late = await head.Submit($"/booking/{booking.Id}/permission?handler=Revoke", Revoking("2026-04-06", "17:00"));
        var shortReason = await head.Submit($"/booking/{booking.Id}/permission?handler=Revoke", new Dictionary<string, string>(Revoking("2026-04-07", "17:00")) { ["Revoke.Reason"] = "急" });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (late.Status, shortReason.Status));
        var revoked = await head.Submit($"/booking/{booking.Id}/permission?handler=Revoke", Revoking("2026-04-07", "17:00"));

        Assert.True(HttpStatusCode.OK == revoked.Status, revoked.Words);
        Assert.Contains("17:00 までに返却", (await head.Get($"/booking/{booking.Id}")).Words);
        Assert.Equal("2026-04-07T17:00", (await portal.ReadAsync(db => db.TakeOutPermissions.SingleAsync())).ReturnBy!.Value.Tokyo());
        Assert.Contains("loan.return-order", await portal.Told(portal.Town.Sato));
        Assert.Equal(HttpStatusCode.NotFound, (await head.Submit($"/booking/{booking.Id}/permission?handler=Revoke", Revoking("2026-04-07", "17:00"))).Status);
    }

    [Fact]
    public async Task Who_does_not_return_by_the_ordered_time_is_told_once_with_head_and_desk_and_the_ladder_counts_from_then()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T08:30", "2026-04-10T17:15", town.Laptops, aim: AtHome));
        await LifeOfALineTests.Decide(portal, booking, portal.Town.GeneralHead);
        portal.Clock.SetUtcNow(At("2026-04-07T08:30"));
        var loan = await portal.HandOver(town, booking.Lines[0].Id);
        using var security = await portal.As(portal.Town.Security);
        await security.Submit($"/booking/{booking.Id}/permission?handler=Revoke", Revoking("2026-04-07", "15:00"));
        var people = new[] { portal.Town.Sato, portal.Town.GeneralHead, portal.Town.Desk };
        async Task<string> OverdueAt(string at)
        {
            portal.Clock.SetUtcNow(At($"2026-04-{at}"));
            await portal.Climb();
            await portal.Climb();
            var told = new List<int>();
            foreach (var person in people) told.Add((await portal.Told(person)).Count(k => k == "loan.overdue"));
            return string.Join(' ', told);
        }

        // Borrower, head, desk: the order's time, an hour later, the next working day with the head.
        Assert.Equal("0 0 0", await OverdueAt("07T14:59"));
        Assert.Equal("1 1 1", await OverdueAt("07T15:00"));
        Assert.Equal("2 1 1", await OverdueAt("07T16:00"));
        Assert.Equal("3 2 1", await OverdueAt("08T15:00"));
        Assert.DoesNotContain("booking.suspended", await portal.Told(portal.Town.Sato));
        Assert.Equal("4 3 1", await OverdueAt("10T15:00"));
        Assert.Contains("booking.suspended", await portal.Told(portal.Town.Sato));
        using var desk = await portal.As(portal.Town.Desk);
        Assert.Contains("返却の指示の期限", (await desk.Get($"/booking/{booking.Id}")).Words);

        await portal.TakeBack(town, loan.DeviceId);
        Assert.Equal("0 0 0", await OverdueAt("13T15:00"));
    }

    [Fact]
    public async Task An_order_that_leaves_more_time_than_was_planned_is_told_when_that_time_is_over()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await AskedAsync(portal);
        await LifeOfALineTests.Decide(portal, booking, portal.Town.GeneralHead);
        await portal.HandOver(town, booking.Lines[0].Id);
        using var head = await portal.As(portal.Town.GeneralHead);
        await head.Submit($"/booking/{booking.Id}/permission?handler=Revoke", Revoking("2026-04-08", "12:00"));

        portal.Clock.SetUtcNow(At("2026-04-08T11:59"));
        await portal.Climb();
        Assert.DoesNotContain("loan.overdue", await portal.Told(portal.Town.Desk));
        portal.Clock.SetUtcNow(At("2026-04-08T12:00"));
        await portal.Climb();
        await portal.Climb();

        Assert.Single(await portal.Told(portal.Town.Desk), k => k == "loan.overdue");
        Assert.Equal(1, await portal.ReadAsync(db => db.LoanReminders.CountAsync(r => r.Step == "ordered")));
    }

    [Fact]
    public async Task Only_the_desk_lets_go_and_only_with_a_reason()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await AskedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        using var geihoku = await portal.As(portal.Town.GeihokuDesk);
        using var desk = await portal.As(portal.Town.Desk);
        var page = $"/booking/{booking.Id}/permission";

        Assert.Equal(HttpStatusCode.NotFound, (await sato.Get(page)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await geihoku.Get(page)).Status);
        var empty = await desk.Submit($"{page}?handler=LetGo", new Dictionary<string, string> { ["LetGo.Reason"] = "" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.Status);
        Assert.Contains("理由を入力してください", empty.Words);
        Assert.Equal(LineStatus.Requested, (await town.Line(booking.Id)).Status);

        var done = await desk.Submit($"{page}?handler=LetGo", new Dictionary<string, string> { ["LetGo.Reason"] = Reason });

        Assert.True(HttpStatusCode.OK == done.Status, done.Words);
        Assert.Equal(LineStatus.Approved, (await town.Line(booking.Id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await desk.Get(page)).Status);    // nothing is left to let go
    }

    private static async Task<(BookingTown Town, BookingRow Booking)> AskedAsync(PortalHost portal, bool withTablet = false)
    {
        var town = await SeedAsync(portal);
        var request = town.Request(portal.Town.Sato, "2026-04-07T08:30", "2026-04-07T17:15", town.Laptops, aim: AtHome with { Purpose = Purpose.Disaster });
        if (withTablet) request = request with { Wanted = [.. request.Wanted, new WantedDevice(town.Tablets, null)] };
        var booking = await town.Reserve(request);
        portal.Clock.SetUtcNow(At("2026-04-07T08:20"));
        return (town, booking);
    }

    private static Task<bool> LetGoAsync(PortalHost portal, BookingTown town, BookingRow booking)
        => portal.With<Permitting, bool>(town, portal.Town.Desk, async (permitting, asker) => { await permitting.LetGoAsync(booking.Id, Reason, asker, default); return true; });

    private static Dictionary<string, string> Revoking(string day, string time) => new() { ["Revoke.Reason"] = "使用目的が変わったため", ["Revoke.Day"] = day, ["Revoke.Time"] = time };

    private static Task<int> BookedAsync(PortalHost portal) => portal.ReadAsync(db => db.LedgerEntries.Where(e => e.Measure == Measure.BookedGross).SumAsync(e => e.Minutes));
}
