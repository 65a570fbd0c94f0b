using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Asking for devices: preview what the rules say, reserve, give up again. Page, API, desk and demo come through here.
/// Locks, always in this order: the open request for permission, the borrower, the pools.</summary>
public sealed class Reserving(PortalDb db, ApprovalDesk approvals, TimeProvider clock)
{
    /// <summary>What would happen: all broken rules, the devices, who would have to allow it. Writes nothing.</summary>
    public async Task<Judgement> PreviewAsync(BookingRequest request, Asker asker, CancellationToken ct)
        => await JudgeAsync(await request.UnpackedAsync(db, ct), asker, clock.GetUtcNow(), ct);

    /// <summary>Who would be asked, step by step; empty when nobody need be.</summary>
    public async Task<IReadOnlyList<RoutePreview>> PreviewRouteAsync(BookingRequest request, Judgement judgement, CancellationToken ct)
        => await PreviewRouteAsync(request.BorrowerId, judgement, ct);

    internal async Task<IReadOnlyList<RoutePreview>> PreviewRouteAsync(StaffId borrower, Judgement judgement, CancellationToken ct)
        => judgement.Conditions.Count == 0 ? [] : await approvals.PreviewRouteAsync(borrower, judgement.Conditions, ct);

    /// <summary>Takes the devices: confirmed at once, or held while permission is asked. The same request sent again gives the same booking.</summary>
    public Task<Booking> ReserveAsync(BookingRequest request, Asker asker, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        await LockBorrowerAsync(request.BorrowerId, ct);
        if (await db.Bookings.Include(b => b.Lines).SingleOrDefaultAsync(b => b.Id == request.Id, ct) is { } earlier)
            return earlier.RequestHash == request.Hash && (earlier.CreatedById is null || earlier.CreatedById == asker.Id || earlier.BorrowerId == asker.Id)
                ? earlier : throw BookingRules.SameIdOtherBody();

        var whole = await request.UnpackedAsync(db, ct);
        var pools = await PoolsOfAsync(whole, ct);
        await OpenAsync(pools, now, ct, [request.From]);
        var judgement = await JudgeAsync(whole, asker, now, ct);
        judgement.Demand(request.Acknowledged);
        if (request.IsWalkUp && request.Emergency is null) Demand.All(judgement.Grounds.Select(g => g with { Severity = Severity.Block }));
        return await TakeAsync(whole, judgement, asker, [], now, ct);
    }, ct);

    /// <summary>Takes the places a judgement found, in the rows that held them or in new ones, and confirms or asks for permission. The locks are held and nothing blocks.</summary>
    internal async Task<Booking> TakeAsync(BookingRequest request, Judgement judgement, Asker asker, IReadOnlyList<Occupancy> held, DateTimeOffset now, CancellationToken ct)
    {
        var booking = await OccupyAsync(request, judgement, asker, held, now, ct);
        if (judgement.Conditions.Count > 0 && request.Emergency is not null) await PermitInEmergencyAsync(booking, request, judgement, asker, now, ct);
        else if (judgement.Conditions.Count > 0) await AskPermissionAsync(booking, request, judgement, asker, ct);
        else Confirm(booking, judgement, now);
        await db.SaveChangesAsync(ct);
        return booking;
    }

    /// <summary>The booking with its places, not yet confirmed and nobody asked.</summary>
    internal async Task<Booking> OccupyAsync(BookingRequest request, Judgement judgement, Asker asker, IReadOnlyList<Occupancy> held, DateTimeOffset now, CancellationToken ct)
    {
        if (judgement.ToSign is null && request.SignAgreement) await SignAsync(request, judgement, asker, now, ct);
        await Places.MoveAsync(db, judgement.Moves, ct);
        var booking = Occupy(request, judgement, [.. held], now);
        booking.PassedBy(judgement.Passed, asker.Id);
        if (judgement.Findings.Any(f => f.Rule == TakeOutRules.MyNumber)) booking.ConfirmNoMyNumber();
        return booking;
    }

    /// <summary>Gives the lines (or all that are still coming) back: 取消, or 未受取 after the start.</summary>
    /// <param name="isToldElsewhere">Whoever gives up several bookings together tells the borrower once for all.</param>
    public Task CancelAsync(BookingId id, IReadOnlyCollection<BookingLineId>? only, Asker asker, string? reason, CancellationToken ct, bool isToldElsewhere = false) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        await LockRequestsAsync([id], ct);
        var pools = await db.BookingLines.Where(l => l.BookingId == id).Select(l => l.PoolId).Distinct().ToListAsync(ct);
        await OpenAsync(pools, now, ct);
        var booking = await db.Bookings.Include(b => b.Lines).SingleOrDefaultAsync(b => b.Id == id, ct).OrNotHere();
        var ended = booking.Cancel(only, asker.Id, reason, now, isToldElsewhere);
        await Places.FreeAsync(db, ended, now, ct);
        if (!booking.Lines.Any(l => l.Status == LineStatus.Requested || l.PendingTo is not null)) await EndRequestAsync(booking, "予約の取消", ct);
        await db.SaveChangesAsync(ct);
        foreach (var pool in pools) await Settling.GiveToWaitingAsync(db, pool, now, ct);
    }, ct);

    /// <summary>Locks the open requests for permission that cover the bookings: their own, and their series'.</summary>
    internal async Task LockRequestsAsync(IReadOnlyList<BookingId> ids, CancellationToken ct)
    {
        var subjects = ids.Select(id => id.ToString()).ToList();
        var own = await db.ApprovalRequests.Where(r => r.AboutKind == "booking" && subjects.Contains(r.AboutId!) && (r.State == RequestState.Draft || r.State == RequestState.Circulating || r.State == RequestState.SentBack))
            .Select(r => r.Id).ToListAsync(ct);
        var shared = await db.Bookings.Where(b => ids.Contains(b.Id) && b.SeriesId != null && b.ApprovalRequestId != null).Select(b => b.ApprovalRequestId!.Value).Distinct().ToListAsync(ct);
        await db.LockAsync<ApprovalRequest>(own.Select(r => r.Value).Concat(shared), ct);
    }

    /// <summary>The last locks of every command, after the request for permission and the borrower: the desks' days where pick-ups are counted, then the pools, which are
    /// brought up to date with the clock.</summary>
    /// <param name="pickUps">When devices are to be collected, where that is new.</param>
    internal async Task OpenAsync(IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct, IReadOnlyCollection<DateTimeOffset>? pickUps = null)
    {
        if (pickUps is { Count: > 0 }) await DeskDayRows.LockAsync(db, pools, pickUps, ct);
        await LockPoolsAsync(pools, ct);
        await Settling.SettleAsync(db, pools, now, ct);
    }

    /// <summary>Closes the request for permission unless another booking of the series still waits for it.</summary>
    internal async Task EndRequestAsync(Booking booking, string reason, CancellationToken ct)
    {
        if (booking.ApprovalRequestId is not { } request) return;
        // What went out in an emergency is decided on even when it is back or lost.
        if (booking.Lines.Any(l => l.Status is LineStatus.Approved or LineStatus.Ready or LineStatus.OnLoan or LineStatus.Returned or LineStatus.Lost)
            && await db.TakeOutPermissions.AnyAsync(p => p.ApprovalRequestId == request && p.Basis == PermissionBasis.Emergency && p.RevokedAt == null, ct)) return;
        if (booking.SeriesId is not null && await db.Bookings.AnyAsync(b => b.Id != booking.Id && b.ApprovalRequestId == request && b.Lines.Any(l => l.Status == LineStatus.Requested), ct)) return;
        await approvals.CloseBySubjectAsync(new ApprovalRequestId(request), reason, ct);
    }

    internal Task LockPoolsAsync(IEnumerable<PoolId> pools, CancellationToken ct) => db.LockAsync<Pool>(pools.Select(p => p.Value), ct);

    /// <summary>One person's limits are counted by one command at a time.</summary>
    internal Task LockBorrowerAsync(StaffId borrower, CancellationToken ct) => db.LockOrMakeAsync<BorrowerAccount>(borrower.Value, ct);

    /// <summary>The pools a request asks; a kit must be unpacked.</summary>
    internal async Task<List<PoolId>> PoolsOfAsync(BookingRequest request, CancellationToken ct)
        => [.. (await PoolPerWishAsync(db, request, ct)).Distinct()];

    // A named device is asked of its own pool unless the request names one.
    private static async Task<List<PoolId>> PoolPerWishAsync(PortalDb db, BookingRequest request, CancellationToken ct)
    {
        var named = request.Wanted.Select(w => w.DeviceId).OfType<DeviceId>().ToList();
        var poolOf = named.Count == 0 ? [] : await db.Devices.Where(d => named.Contains(d.Id)).ToDictionaryAsync(d => d.Id, d => d.PoolId, ct);
        // From its arrival on, a travelling device is asked of the office it goes to.
        foreach (var moving in named.Count == 0 ? [] : await db.Transfers.Where(t => named.Contains(t.DeviceId) && (t.State == TransferState.Planned || t.State == TransferState.Sent) && t.ArriveBy <= request.From).ToListAsync(ct))
            poolOf[moving.DeviceId] = moving.ToPoolId;
        return request.Wanted.Count == 0
            ? throw new NotHereException()
            : [.. request.Wanted.Select(w => w.PoolId ?? (w.DeviceId is { } d && poolOf.TryGetValue(d, out var pool) ? pool : throw new NotHereException()))];
    }

    internal Task<Judgement> JudgeAsync(BookingRequest request, Asker asker, DateTimeOffset now, CancellationToken ct) => JudgeAsync(db, request, asker, now, ct);

    /// <summary>Judges a request by what the database says now; a kit must be unpacked.</summary>
    internal static async Task<Judgement> JudgeAsync(PortalDb db, BookingRequest request, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        RefuseAbsurdDates(request, now);
        var poolPerWish = await PoolPerWishAsync(db, request, ct);
        var facts = await Facts.LoadAsync(db, request.BorrowerId, request.ResponsibleId, [.. poolPerWish.Distinct()], request.Period, request.IsArranged ? null : asker, now, ct, request.Replaces);
        var pools = poolPerWish.Select(p => facts.Find(p).OrNotHere()).ToList();
        if (request.TakeWhatIsThere) (request, pools) = WhatIsThere(request, facts, pools);
        return Judgement.Of(request, facts, pools, asker, now);
    }

    // ある物だけ: of each model of the kit as many as are free; when nothing at all is, everything is asked for and refused.
    private static (BookingRequest Request, List<PoolFacts> Pools) WhatIsThere(BookingRequest request, Facts facts, List<PoolFacts> pools)
    {
        var there = request.Wanted.Zip(pools).Select(w => w.First.KitName is null ? w : (First: w.First with { Count = FreeCount(w.Second, w.First.Count) }, w.Second)).Where(w => w.First.Count > 0).ToList();
        return there.Any(w => w.First.KitName is not null) ? (request with { Wanted = [.. there.Select(w => w.First)] }, [.. there.Select(w => w.Second)]) : (request, pools);

        int FreeCount(PoolFacts pool, int wanted)
        {
            if (!request.Period.IsForward || pool.Model.RetiredOn <= TokyoTime.DayOf(request.To)) return 0;
            var plan = facts.State.Plan(pool.Pool.Id);
            var period = pool.WithTurnaround(request.Period);
            while (wanted > 0 && plan.Place([.. Enumerable.Range(0, wanted).Select(_ => new Ask(Guid.NewGuid(), period, null))]) is null) wanted--;
            return wanted;
        }
    }

    // Calendars are not asked about the year 9999.
    private static void RefuseAbsurdDates(BookingRequest request, DateTimeOffset now)
    {
        bool Absurd(DateTimeOffset moment) => moment < now.AddYears(-5) || moment > now.AddYears(5);
        if (!Absurd(request.From) && !Absurd(request.To)) return;
        Demand.All(PeriodRules.Period.With(),
            request.From < now ? PeriodRules.Past.With() : PeriodRules.Window.With(JapaneseDate.Long(TokyoTime.DayOf(now).AddMonths(RulePolicy.Shipped.WindowMonths))));
    }

    internal async Task SignAsync(BookingRequest request, Judgement judgement, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        if (asker.Id != request.BorrowerId) return;
        foreach (var text in judgement.Places.Where(p => p.Pool.Class.NeedsAgreement).Select(p => judgement.Facts.AgreementFor(p.Pool.Class)).OfType<AgreementVersion>().DistinctBy(a => a.Id))
        {
            var today = TokyoTime.DayOf(now);
            if (!await db.AgreementSignatures.AnyAsync(s => s.StaffId == asker.Id && s.AgreementVersionId == text.Id && s.LastDay >= text.LastDayWhenSignedOn(today), ct))
                db.Add(text.SignedBy(asker.Id, now));
        }
    }

    private Booking Occupy(BookingRequest request, Judgement judgement, List<Occupancy> held, DateTimeOffset now)
    {
        var department = judgement.Facts.Borrower.DepartmentId ?? throw new RuleViolation(PersonRules.Employment.With());
        var hash = Judgement.FactsHashOf(request, judgement.Places.Select(p => p.Pool.Class.Code).Distinct());
        var booking = new Booking(request.Id, request.BorrowerId, department, judgement.Facts.ResponsibleId, request.Aim, request.Hash, hash, judgement.RuleSetVersions, now)
        {
            AsksOutsideHours = judgement.Findings.Any(f => f.Rule == PeriodRules.OutsideHours),
        };
        var kits = request.Wanted.Where(w => w.KitName is not null).ToLookup(w => w.PoolId, w => w.KitName);
        foreach (var (place, index) in judgement.Places.GroupBy(p => p.Pool.Pool.Id).SelectMany(g => g.Index().Select(i => (i.Item, i.Index))))
        {
            var plain = request.Wanted.Where(w => w.KitName is null && w.PoolId == place.Pool.Pool.Id).Sum(w => Math.Clamp(w.Count, 1, 50));
            var line = booking.Add(place.Pool.Pool.Id, place.Device!.Value, place.Pinned, request.From, request.To, place.Pinned || index < plain ? null : kits[place.Pool.Pool.Id].FirstOrDefault());
            var taken = place.Pool.WithTurnaround(request.Period);
            if ((held.FirstOrDefault(h => h.DeviceId == place.Device) ?? held.FirstOrDefault(h => h.PoolId == line.PoolId)) is { } row)
            {
                held.Remove(row);
                row.TurnInto(line, taken);
                line.Occupy(row);
                continue;
            }
            var occupancy = new Occupancy(line.DeviceId, line.PoolId, taken.From, taken.To, OccupancyKind.Booking, line.Id.Value);
            line.Occupy(occupancy);
            db.Add(occupancy);
        }
        db.Add(booking);
        return booking;
    }

    /// <summary>予約確定 without telling anybody; outside, the entry in the register is the permission.</summary>
    internal void ConfirmQuietly(Booking booking, DateTimeOffset now)
    {
        booking.Confirm(now);
        if (booking.IsOutside) db.Add(new TakeOutPermission(booking, PermissionBasis.Deemed, null, null, null, now, null, outsideHours: false));
    }

    private void Confirm(Booking booking, Judgement judgement, DateTimeOffset now)
    {
        ConfirmQuietly(booking, now);
        booking.TellConfirmed(judgement.Places[0].Pool.Office.Name);
    }

    // The desk's word is the permission for now; whoever must allow it is asked afterwards and reminded daily once three working days are over.
    private async Task PermitInEmergencyAsync(Booking booking, BookingRequest request, Judgement judgement, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        var id = ApprovalRequestId.From(Guid.CreateVersion7());
        booking.AskPermission(id.Value);
        await SubmitAsync(id, booking, request with { Reason = request.Emergency }, judgement, asker, "緊急貸出の事後の許可", ct, await Permitting.DecideByAsync(db, now, ct));
        db.Add(booking.LetGo(id.Value, asker.Id, request.Emergency!, now));
    }

    private Task AskPermissionAsync(Booking booking, BookingRequest request, Judgement judgement, Asker asker, CancellationToken ct)
    {
        var id = ApprovalRequestId.From(Guid.CreateVersion7());
        booking.AskPermission(id.Value);
        return SubmitAsync(id, booking, request, judgement, asker, "端末持出許可申請", ct);
    }

    /// <summary>Hands the request for permission in; also for a change, an extension or a whole series.</summary>
    internal async Task SubmitAsync(ApprovalRequestId id, Booking booking, BookingRequest request, Judgement judgement, Asker asker, string title, CancellationToken ct, DateTimeOffset? due = null, AskedFor? whole = null)
    {
        var devices = judgement.Places.GroupBy(p => p.Pool).Select(g => $"{g.Key.Model.Name}（{g.Key.Office.Name}）{g.Count()}台");
        var responsible = await db.Staff.Where(s => s.Id == judgement.Facts.ResponsibleId).Select(s => s.FamilyName + "\u3000" + s.GivenName).SingleAsync(ct);
        var values = new Dictionary<string, string>
        {
            [TakeOutForm.Devices] = string.Join('\n', devices),
            [TakeOutForm.Period] = whole?.Period ?? BookingWords.Span(request.From, request.To),
            [TakeOutForm.Purpose] = Joined(BookingWords.Of(request.Aim.Purpose), request.Aim.PurposeNote),
            [TakeOutForm.Destination] = Joined(BookingWords.Of(request.Aim.DestinationKind), request.Aim.DestinationNote),
            [TakeOutForm.Information] = BookingWords.Of(request.Aim.InfoClass),
            [TakeOutForm.Responsible] = responsible,
            [TakeOutForm.Grounds] = string.Join('\n', (whole?.Grounds ?? judgement.Grounds).Select(g => $"{g.Rule.Number} {g.Message}").Distinct()),
        };
        if (request.Aim.PersonalData) values[TakeOutForm.PersonalData] = "はい";
        if (!string.IsNullOrWhiteSpace(request.Reason)) values[TakeOutForm.Reason] = request.Reason;
        StaffId? onBehalfOf = asker.Id == request.BorrowerId ? null : request.BorrowerId;
        await approvals.SubmitAsync(new RequestBySubject(id, TakeOutForm.Code, asker.Id, onBehalfOf, $"{title}（{booking.Number} {judgement.Facts.BorrowerName}）",
            values, whole?.Kind ?? "booking", whole?.Id ?? booking.Id.ToString(), whole?.Conditions ?? judgement.Conditions, due ?? request.From), ct);
    }

    private static string Joined(string word, string? note) => string.IsNullOrWhiteSpace(note) ? word : $"{word}：{note.Trim().ReplaceLineEndings(" ")}";
}

/// <summary>A request for permission that covers more than one booking: what it is about, when, who must allow it and why.</summary>
internal sealed record AskedFor(string Kind, string Id, string Period, IReadOnlyList<RouteCondition> Conditions, IEnumerable<Broken> Grounds);
