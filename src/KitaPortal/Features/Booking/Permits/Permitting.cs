using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Booking;

/// <summary>Who may let devices go in an emergency (災害対応) before the approvers have decided.</summary>
public enum EmergencyBy { Desk, SecurityManager }

/// <summary>Take-out permission beside the usual way: 緊急貸出, decided on afterwards, and 許可の取消.
/// Locks as every command: the request for permission, then the pools.</summary>
public sealed class Permitting(PortalDb db, Reserving reserving, ApprovalDesk approvals, IOptions<BookingOptions> options, TimeProvider clock)
{
    /// <summary>Working days in which an emergency is decided on.</summary>
    public const int DaysToDecide = 3;

    /// <summary>What is said of a time to return that is too far ahead.</summary>
    public static (string Field, string Message) TooFar { get; } = ("Revoke.Day", "返却の期限は、1年以内の日にしてください。");

    /// <summary>Whether this person may let devices of these offices go in an emergency.</summary>
    public bool MayLetGo(Asker by, IEnumerable<People.OfficeId> offices)
        => options.Value.EmergencyBy == EmergencyBy.SecurityManager ? by.IsSecurityManager : offices.All(by.IsDeskOf);

    /// <summary>Only in a disaster, only with a reason (貸-958), only by whom the settings name.</summary>
    internal void DemandEmergency(Asker by, StaffId borrower, IEnumerable<People.OfficeId> offices, Purpose purpose, string reason)
    {
        if (!MayLetGo(by, offices)) throw new NotHereException();
        Demand.All(by.Id == borrower ? DeskRules.OwnEmergency.With() : null, purpose != Purpose.Disaster || reason.Trim().Length < Passing.ShortestReason ? DeskRules.Emergency.With() : null);
    }

    /// <summary>緊急貸出: the lines that wait for permission may be handed over at once; the request goes on and is due in three working days.</summary>
    public Task LetGoAsync(BookingId id, string reason, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var booking = await OpenAsync(id, now, ct);
        DemandEmergency(by, booking.BorrowerId, await OfficesAsync(db, booking, ct), booking.Purpose, reason);
        var request = booking.SeriesId is null && booking.ApprovalRequestId is { } asked ? await approvals.OpenAsync(new ApprovalRequestId(asked), ct) : null;
        Demand.All(request is { State: RequestState.Circulating } && booking.Lines.Any(l => l.Status == LineStatus.Requested) ? null : BookingRules.NotNow.With(BookingWords.Of(booking.Lines[0].Status)));
        Demand.All(await new PermissionDecided(db, reserving, clock).BrokenNowAsync(booking, now, ct));
        db.Add(booking.LetGo(request!.Id.Value, by.Id, reason, now));
        request.Hurry(await DecideByAsync(db, now, ct), "緊急貸出で持ち出されます。決裁をお願いします", booking.LastChange);
        await db.SaveChangesAsync(ct);
    }, ct);

    /// <summary>許可の取消: what is still coming ends, what is out is to be brought back by then.</summary>
    public Task RevokeAsync(BookingId id, string reason, DateTimeOffset returnBy, CurrentStaff me, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var booking = await OpenAsync(id, now, ct);
        if (!await MayRevokeAsync(me, booking, ct)) throw new NotHereException();
        BadInput.Refuse(returnBy < now.AddYears(1) ? [] : [TooFar]);
        Demand.All(returnBy > now ? null : PeriodRules.Past.With() with { Field = "Revoke.Day" });
        await RevokeAsync(db, reserving, booking, reason, returnBy, me.Id, now, ct);
    }, ct);

    /// <summary>The section's head or the security manager, never for the own booking, and only while something of it is coming or out.</summary>
    public async Task<bool> MayRevokeAsync(CurrentStaff me, Booking booking, CancellationToken ct)
    {
        var id = booking.Id;
        return (me.Is(Role.SecurityManager) || me.HeadOf.Contains(booking.DepartmentId)) && booking.BorrowerId != me.Id && booking.Lines.Any(l => l.IsComing || l.Status == LineStatus.OnLoan)
            && await db.TakeOutPermissions.AnyAsync(p => p.BookingId == id && p.RevokedAt == null, ct);
    }

    /// <summary>Lines wait for permission in a disaster, and this person may let them go.</summary>
    public async Task<bool> MayLetGoAsync(CurrentStaff me, Booking booking, CancellationToken ct)
        => booking is { SeriesId: null, Purpose: Purpose.Disaster } && booking.BorrowerId != me.Id && booking.Lines.Any(l => l.Status == LineStatus.Requested)
            && MayLetGo(Asker.Of(me), await OfficesAsync(db, booking, ct));

    /// <summary>Emergencies whose request lies with the drafter when it is due lose their permission; for the clock.</summary>
    internal async Task<int> RevokeUndecidedAsync(DateTimeOffset now, CancellationToken ct)
    {
        var due = (await db.ApprovalRequests.Where(r => r.AboutKind == "booking" && (r.State == RequestState.Draft || r.State == RequestState.SentBack) && r.DueAt <= now).Select(r => r.Id).ToListAsync(ct)).ConvertAll(r => (Guid?)r.Value);
        var bookings = await db.TakeOutPermissions.Where(p => due.Contains(p.ApprovalRequestId) && p.Basis == PermissionBasis.Emergency && p.RevokedAt == null).Select(p => p.BookingId).Distinct().ToListAsync(ct);
        var revoked = 0;
        foreach (var id in bookings)
        {
            await db.WriteAsync(async () =>
            {
                // Asked again now that the request is held: it may have been handed in, or the permission taken back.
                var booking = await OpenAsync(id, now, ct);
                var request = booking.ApprovalRequestId is { } asked ? await approvals.OpenAsync(new ApprovalRequestId(asked), ct) : null;
                if (request is not { State: RequestState.Draft or RequestState.SentBack } || !(request.DueAt <= now) || !await db.TakeOutPermissions.AnyAsync(p => p.BookingId == id && p.RevokedAt == null, ct)) return;
                await RevokeAsync(db, reserving, booking, "期限までに許可の申請が出されていません。", await NextReturnAsync(db, now, ct), null, now, ct);
                revoked++;
            }, ct);
            db.ChangeTracker.Clear();
        }
        return revoked;
    }

    /// <summary>The permission falls; the locks are held.</summary>
    internal static async Task RevokeAsync(PortalDb db, Reserving reserving, Booking booking, string reason, DateTimeOffset returnBy, StaffId? by, DateTimeOffset now, CancellationToken ct)
    {
        var standing = await db.TakeOutPermissions.Where(p => p.BookingId == booking.Id && p.RevokedAt == null).ToListAsync(ct);
        Demand.All(standing.Count > 0 ? null : BookingRules.NotNow.With(BookingWords.Of(booking.Lines[0].Status)));
        foreach (var permission in standing) permission.Revoke(booking, by, reason, returnBy, now);
        await Settling.EndExtensionAsync(db, booking, reason, now, ct);
        await Places.FreeAsync(db, booking.LosePermission(by, reason, returnBy, now), now, ct);
        await db.SaveChangesAsync(ct);
        await reserving.EndRequestAsync(booking, "持出許可の取消", ct);
        foreach (var pool in booking.Lines.Select(l => l.PoolId).Distinct()) await Settling.GiveToWaitingAsync(db, pool, now, ct);
        if (!booking.Lines.Any(l => l.Status == LineStatus.OnLoan)) return;
        foreach (var office in await OfficesAsync(db, booking, ct)) booking.TellDesk(await DeskPeople.OfAsync(db, office, TokyoTime.DayOf(now), ct), returnBy);
    }

    /// <summary>Until when an emergency is to be decided on.</summary>
    internal static Task<DateTimeOffset> DecideByAsync(PortalDb db, DateTimeOffset now, CancellationToken ct) => EveningAsync(db, now, DaysToDecide, ct);

    /// <summary>Until when a device is brought back when nobody named a time: the end of the next working day.</summary>
    internal static Task<DateTimeOffset> NextReturnAsync(PortalDb db, DateTimeOffset now, CancellationToken ct) => EveningAsync(db, now, 1, ct);

    internal static Task<List<People.OfficeId>> OfficesAsync(PortalDb db, Booking booking, CancellationToken ct)
    {
        var pools = booking.Lines.Select(l => l.PoolId).ToList();
        return db.Pools.Where(p => pools.Contains(p.Id)).Select(p => p.OfficeId).Distinct().ToListAsync(ct);
    }

    private static async Task<DateTimeOffset> EveningAsync(PortalDb db, DateTimeOffset now, int days, CancellationToken ct)
        => TokyoTime.At((await db.WorkCalendarAsync(ct)).AddWorkingDays(TokyoTime.DayOf(now), days), new TimeOnly(17, 15));

    private async Task<Booking> OpenAsync(BookingId id, DateTimeOffset now, CancellationToken ct)
    {
        await reserving.LockRequestsAsync([id], ct);
        await reserving.OpenAsync(await db.BookingLines.Where(l => l.BookingId == id).Select(l => l.PoolId).Distinct().ToListAsync(ct), now, ct);
        return await db.Bookings.Include(b => b.Lines).SingleOrDefaultAsync(b => b.Id == id, ct).OrNotHere();
    }
}
