using KitaPortal.Features.Booking;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Use;

/// <summary>When a borrowed device was really used: by button, entered, corrected, never outside the loan.</summary>
public sealed class UseSessionTests
{
    [Fact]
    public async Task Begin_and_end_are_one_use_however_often_they_are_pressed()
    {
        await using var portal = await PortalHost.StartAsync();
        var (_, line) = await OutAsync(portal);

        portal.Clock.SetUtcNow(At("2026-04-06T09:30"));
        await Use(portal, u => u.BeginAsync(Guid.NewGuid(), line, portal.Town.Sato, default));
        await Use(portal, u => u.BeginAsync(Guid.NewGuid(), line, portal.Town.Sato, default));
        portal.Clock.SetUtcNow(At("2026-04-06T10:15"));
        await Use(portal, u => u.EndAsync(line, portal.Town.Sato, default));

        var session = await portal.ReadAsync(db => db.UseSessions.SingleAsync());
        Assert.Equal((At("2026-04-06T09:30"), At("2026-04-06T10:15"), UseSource.Button), (session.From, session.To, session.Source));
    }

    [Fact]
    public async Task Taking_the_device_back_ends_a_use_that_nobody_ended()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, line) = await OutAsync(portal);
        await Use(portal, u => u.BeginAsync(Guid.NewGuid(), line, portal.Town.Sato, default));
        portal.Clock.SetUtcNow(At("2026-04-06T11:00"));

        await town.AtDesk((d, by) => d.TakeBackAsync(new TakingBack(Guid.NewGuid(), town.OfficeId, [new ReturnedItem(town.TabletIds[0])]), by, default));

        var session = await portal.ReadAsync(db => db.UseSessions.SingleAsync());
        Assert.Equal((At("2026-04-06T11:00"), true), (session.To, session.WasForgotten));
    }

    [Fact]
    public async Task An_entry_outside_the_loan_or_over_another_one_is_refused_with_all_reasons_and_a_good_one_is_kept_once()
    {
        await using var portal = await PortalHost.StartAsync();
        var (_, line) = await OutAsync(portal);
        portal.Clock.SetUtcNow(At("2026-04-06T11:00"));
        var id = Guid.NewGuid();
        var span = new Period(At("2026-04-06T09:10"), At("2026-04-06T10:00"));

        await Use(portal, u => u.EnterAsync(id, line, span, portal.Town.Sato, default));
        await Use(portal, u => u.EnterAsync(id, line, span, portal.Town.Sato, default));
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Use(portal, u => u.EnterAsync(Guid.NewGuid(), line, new Period(At("2026-04-06T08:00"), At("2026-04-06T09:30")), portal.Town.Sato, default)));
        await Assert.ThrowsAsync<NotHereException>(() => Use(portal, u => u.EnterAsync(Guid.NewGuid(), line, span, portal.Town.Suzuki, default)));

        Assert.Equal(["貸-973", "貸-974"], refused.Broken.Select(b => b.Rule.Number));
        Assert.Equal(span.To, (await portal.ReadAsync(db => db.UseSessions.SingleAsync())).To);
    }

    [Fact]
    public async Task A_corrected_entry_moves_and_a_withdrawn_one_counts_no_more()
    {
        await using var portal = await PortalHost.StartAsync();
        var (_, line) = await OutAsync(portal);
        portal.Clock.SetUtcNow(At("2026-04-06T11:00"));
        var id = Guid.NewGuid();
        await Use(portal, u => u.EnterAsync(id, line, new Period(At("2026-04-06T09:10"), At("2026-04-06T10:00")), portal.Town.Sato, default));

        await Use(portal, async u => { await u.CorrectAsync(id, new Period(At("2026-04-06T09:20"), At("2026-04-06T09:50")), portal.Town.Sato, default); return true; });
        var corrected = await portal.ReadAsync(db => db.UseSessions.AsNoTracking().SingleAsync());
        await Use(portal, async u => { await u.WithdrawAsync(id, portal.Town.Sato, default); return true; });

        Assert.Equal(At("2026-04-06T09:20"), corrected.From);
        Assert.True((await portal.ReadAsync(db => db.UseSessions.AsNoTracking().SingleAsync())).IsWithdrawn);
    }

    private static async Task<(BookingTown Town, BookingLineId Line)> OutAsync(PortalHost portal)
    {
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        await town.AtDesk((d, by) => d.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), by, default));
        return (town, booking.Lines[0].Id);
    }

    private static Task<T> Use<T>(PortalHost portal, Func<UseRecording, Task<T>> act) => portal.InScopeAsync(s => act(s.GetRequiredService<UseRecording>()));
}
