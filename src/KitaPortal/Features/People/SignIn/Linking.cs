using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.People.SignIn;

/// <summary>What a directory said about who signed in, already checked.</summary>
/// <param name="Mail">May tie a first sign-in to a person; null for guests of the directory.</param>
internal sealed record DirectoryPerson(SignInKey Key, string Name, string Account, string? Mail, string? StaffNumber);

/// <summary>Where a sign-in leads: to a person, to the waiting page, or to a refusal.</summary>
internal sealed record Linked(StaffId? StaffId, Guid? LinkId, string? WaitingNumber, string? Refusal);

/// <summary>From a sign-in to a member of staff. A sign-in never makes a person; the first one may be tied to a person who was never tied before.</summary>
internal sealed class Linking(PortalDb db, TimeProvider clock, IOptions<SignInOptions> options)
{
    public async Task<Linked> FindAsync(DirectoryPerson person, CancellationToken ct)
    {
        try
        {
            return await db.WriteAsync(() => FindOrLinkAsync(person, ct), ct);
        }
        catch (Exception e) when (DatabaseErrors.IsUnique(e))
        {
            // The same key signed in twice for the first time: the other one has written the row.
            db.ChangeTracker.Clear();
            return await db.WriteAsync(() => FindOrLinkAsync(person, ct), ct);
        }
    }

    private async Task<Linked> FindOrLinkAsync(DirectoryPerson person, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var today = TokyoTime.DayOf(now);
        var key = person.Key;
        var link = await db.SignInLinks.SingleOrDefaultAsync(l => l.Issuer == key.Issuer && l.Tenant == key.Tenant && l.Subject == key.Subject, ct)
            ?? await LinkAsync(person, now, today, ct);
        if (link is null) return await WaitAsync(person, now, ct);
        if (link.StoppedAt is not null) return new Linked(null, null, null, SignInRefusals.Stopped);
        return await db.Staff.On(today).AnyAsync(s => s.Id == link.StaffId, ct)
            ? new Linked(link.StaffId, link.Id, null, null)
            : new Linked(null, null, null, SignInRefusals.Left);
    }

    // Exactly one active person matches, and nobody was ever tied to them: a recycled address inherits nobody.
    private async Task<SignInLink?> LinkAsync(DirectoryPerson person, DateTimeOffset now, DateOnly today, CancellationToken ct)
    {
        var key = person.Key;
        if (await db.PendingLinks.AnyAsync(p => p.Issuer == key.Issuer && p.Tenant == key.Tenant && p.Subject == key.Subject && p.RefusedAt != null, ct)) return null;
        var candidates = options.Value.LinkBy switch
        {
            "Mail" when person.Mail is { Length: > 0 } => await ByMailAsync(person.Mail, today, ct),
            "StaffNumber" when person.StaffNumber is { Length: > 0 } => await db.Staff.On(today).Where(s => s.StaffNumber == person.StaffNumber).Select(s => s.Id).ToListAsync(ct),
            _ => [],
        };
        if (candidates is not [var only]) return null;
        await db.LockAsync<StaffMember>([only.Value], ct);
        if (await db.SignInLinks.FirstOrDefaultAsync(l => l.StaffId == only, ct) is { } earlier) // written while we waited for the lock
            return (earlier.Issuer, earlier.Tenant, earlier.Subject) == (key.Issuer, key.Tenant, key.Subject) ? earlier : null;
        var link = new SignInLink(key, only, options.Value.LinkBy, now);
        db.Add(link);
        await ForgetWaitingAsync(key, ct);
        await db.SaveChangesAsync(ct);
        return link;
    }

    private Task<List<StaffId>> ByMailAsync(string mail, DateOnly today, CancellationToken ct)
    {
        var lower = mail.ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // translated to SQL
        return db.Staff.On(today).Where(s => s.Mail != null && s.Mail.ToLower() == lower).Select(s => s.Id).ToListAsync(ct);
#pragma warning restore CA1304, CA1311, CA1862
    }

    private async Task<Linked> WaitAsync(DirectoryPerson person, DateTimeOffset now, CancellationToken ct)
    {
        var key = person.Key;
        var waiting = await db.PendingLinks.SingleOrDefaultAsync(p => p.Issuer == key.Issuer && p.Tenant == key.Tenant && p.Subject == key.Subject, ct);
        if (waiting is { RefusedAt: not null }) return new Linked(null, null, null, SignInRefusals.Stopped);
        if (waiting is null) db.Add(waiting = new PendingLink(key, person.Name, person.Account, now));
        else waiting.SeenAgain(now);
        return new Linked(null, null, waiting.Number, null);
    }

    private async Task ForgetWaitingAsync(SignInKey key, CancellationToken ct)
    {
        if (await db.PendingLinks.SingleOrDefaultAsync(p => p.Issuer == key.Issuer && p.Tenant == key.Tenant && p.Subject == key.Subject, ct) is { } waiting) db.Remove(waiting);
    }
}
