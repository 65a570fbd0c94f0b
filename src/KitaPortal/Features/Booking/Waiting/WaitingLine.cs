using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Waiting;

/// <summary>How an offer is taken: ticks and signature as on the booking form.</summary>
public sealed record Acceptance(IReadOnlyList<string> Acknowledged, bool SignAgreement = false, string? Reason = null);

/// <summary>Waiting for devices: queue, take an offer, decline or leave. Page and API come through here.</summary>
public sealed class WaitingLine(PortalDb db, Reserving reserving, TimeProvider clock)
{
    /// <summary>Queues the request. What would be refused for another reason than lack of a device is refused now; what is free is not waited for.</summary>
    /// <param name="orPools">Other pools that would do, for a single wish without a named device.</param>
    public Task<WaitlistEntry> QueueAsync(WaitlistEntryId id, BookingRequest request, int flexMinutes, IReadOnlyList<PoolId> orPools, Asker asker, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        await reserving.LockBorrowerAsync(request.BorrowerId, ct);
        var hash = request.Hash;
        if (await db.WaitlistEntries.Include(e => e.Pools).SingleOrDefaultAsync(e => e.Id == id, ct) is { } earlier)
            return earlier.RequestHash == hash && earlier.FlexMinutes == flexMinutes && (earlier.StaffId == asker.Id || earlier.CreatedById == asker.Id)
                ? earlier : throw BookingRules.SameIdOtherBody();

        var whole = await request.UnpackedAsync(db, ct);
        var needed = await reserving.PoolsOfAsync(whole, ct);
        var any = request is { KitId: null, Wanted: [{ DeviceId: null }] } ? needed.Concat(orPools).Distinct().ToList() : needed;
        var judgement = await Reserving.JudgeAsync(db, whole, asker, now, ct);
        var lack = judgement.Findings.Where(f => f.Grade == Grade.Block && f.Rule.MayBeWaitedFor()).ToList();
        Demand.All([
            .. judgement.Findings.Where(f => f.Grade == Grade.Block && !f.Rule.MayBeWaitedFor() && f.Rule != PersonRules.Agreement).Select(f => f.Broken),
            lack.Count == 0 ? WaitingRules.Free.With() : null,
            request.From.AddMinutes(-WaitlistEntry.LeadMinutes) <= now ? WaitingRules.Late.With(WaitlistEntry.LeadMinutes) : null,
            flexMinutes is < 0 or > WaitlistEntry.MostFlexMinutes || flexMinutes % 15 != 0 ? WaitingRules.Flex.With(WaitlistEntry.MostFlexMinutes) : null]);

        var entry = new WaitlistEntry(id, request, any, flexMinutes, hash, now);
        db.Add(entry);
        await db.SaveChangesAsync(ct);

        // Another pool or another start may be free right now.
        await reserving.OpenAsync(any, now, ct);
        await Offers.MakeAsync(db, any, now, ct);
        return entry;
    }, ct);

    /// <summary>Takes the offer: the full rules once more, and the row that held the device becomes the booking's.</summary>
    public Task<Booking> AcceptAsync(WaitlistEntryId id, Acceptance how, Asker asker, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var known = await db.WaitlistEntries.Where(e => e.Id == id && e.StaffId == asker.Id).Select(e => new { From = e.OfferFrom ?? e.From }).SingleOrDefaultAsync(ct);
        if (known is null) throw new RuleViolation(MoreWaysRules.OfferOver.With());
        await reserving.LockBorrowerAsync(asker.Id, ct);
        var pools = await OpenAsync(id, now, ct, [known.From]);

        var entry = await db.WaitlistEntries.Include(e => e.Pools).SingleAsync(e => e.Id == id, ct);
        if (entry is { Status: WaitlistStatus.Taken, BookingId: { } taken }) return await db.Bookings.Include(b => b.Lines).SingleAsync(b => b.Id == taken, ct);
        Demand.All(entry.Status == WaitlistStatus.Offered ? null : MoreWaysRules.OfferOver.With());

        // The device held for this person is free for this request; a refusal rolls all of it back.
        var held = await Offers.HeldForAsync(db, id, ct);
        foreach (var row in held) row.Pause();
        await db.SaveChangesAsync(ct);
        var request = await (entry.OfferedRequest with { Acknowledged = how.Acknowledged, SignAgreement = how.SignAgreement, Reason = how.Reason ?? entry.Request.Reason }).UnpackedAsync(db, ct);
        var judgement = await Reserving.JudgeAsync(db, request, asker, now, ct);
        judgement.Demand(how.Acknowledged);
        var booking = await reserving.TakeAsync(request, judgement, asker, held, now, ct);
        entry.Accept(booking.Id, now);
        await db.SaveChangesAsync(ct);
        foreach (var pool in pools) await Settling.GiveToWaitingAsync(db, pool, now, ct);
        return booking;
    }, ct);

    /// <summary>What the rules say to the offer as it stands, for the page; null when there is none.</summary>
    public async Task<Judgement?> PreviewAsync(WaitlistEntry entry, Asker asker, CancellationToken ct)
    {
        if (entry.Status != WaitlistStatus.Offered) return null;
        var judgement = await Reserving.JudgeAsync(db, await entry.OfferedRequest.UnpackedAsync(db, ct), asker, clock.GetUtcNow(), ct);
        return judgement with { Findings = [.. judgement.Findings.Where(f => !f.Rule.MayBeWaitedFor())] };
    }

    /// <summary>Declines the offer, or waits no longer; an offer passes to the next.</summary>
    public Task LeaveAsync(WaitlistEntryId id, Asker asker, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        if (!await db.WaitlistEntries.AnyAsync(e => e.Id == id && (e.StaffId == asker.Id || e.CreatedById == asker.Id), ct)) throw new NotHereException();
        var pools = await OpenAsync(id, now, ct);
        var entry = await db.WaitlistEntries.Include(e => e.Pools).SingleAsync(e => e.Id == id, ct);
        if (entry.Status is WaitlistStatus.Left or WaitlistStatus.Declined) return;
        entry.Leave(now);
        await Offers.ReleaseAsync(db, entry, ct);
        await db.SaveChangesAsync(ct);
        foreach (var pool in pools) await Settling.GiveToWaitingAsync(db, pool, now, ct);
    }, ct);

    private async Task<List<PoolId>> OpenAsync(WaitlistEntryId id, DateTimeOffset now, CancellationToken ct, IReadOnlyCollection<DateTimeOffset>? pickUps = null)
    {
        var pools = await db.WaitlistEntries.Where(e => e.Id == id).SelectMany(e => e.Pools).Select(p => p.PoolId).ToListAsync(ct);
        await reserving.OpenAsync(pools, now, ct, pickUps);
        return pools;
    }
}

internal static class Lacks
{
    /// <summary>The rule says that there is no device then: time may bring one.</summary>
    public static bool MayBeWaitedFor(this LendingRule rule) => rule == DeviceRules.NoneFree || rule == DeviceRules.Taken;
}
