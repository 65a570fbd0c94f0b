using System.Security.Cryptography;
using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.People.SignIn;

/// <summary>One signed-in browser. The cookie holds a random key; the row holds its hash, so a copied database opens no session.</summary>
public sealed class PortalSession : Entity
{
    private PortalSession() { }

    private PortalSession(StaffId staffId, string mode, byte[] keyHash, DateTimeOffset now, TimeSpan life, TimeSpan idle)
    {
        (Id, StaffId, Mode, KeyHash) = (Guid.CreateVersion7(), staffId, mode, keyHash);
        (StartedAt, LastSeenAt, FreshAt, EndsAt, IdleMinutes) = (now, now, now, now + life, (int)idle.TotalMinutes);
        Audit("session.started", after: new { staff = staffId.Value, mode });
    }

    public Guid Id { get; private set; }

    public byte[] KeyHash { get; private set; } = [];

    public StaffId StaffId { get; private set; }

    /// <summary>Evaluation, Entra …</summary>
    public string Mode { get; private set; } = "";

    /// <summary>The identity provider's session id, for its sign-out.</summary>
    public string? ProviderSid { get; private set; }

    /// <summary>The sign-in link it came by; stopping the link stops the session.</summary>
    public Guid? LinkId { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset LastSeenAt { get; private set; }

    /// <summary>Absolute end, whatever the person does.</summary>
    public DateTimeOffset EndsAt { get; private set; }

    public int IdleMinutes { get; private set; }

    public bool SharedTerminal { get; private set; }

    public string? Address { get; private set; }

    public string? Agent { get; private set; }

    /// <summary>When the person last really authenticated.</summary>
    public DateTimeOffset FreshAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public string? EndReason { get; private set; }

    public override string SubjectId => Id.ToString();

    /// <summary>Starts a session; the returned key goes into the cookie and is kept nowhere else.</summary>
    public static (PortalSession Session, string Key) Start(StaffId staffId, string mode, DateTimeOffset now, TimeSpan life, TimeSpan idle)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        return (new PortalSession(staffId, mode, SHA256.HashData(key), now, life, idle), WebEncoders.Base64UrlEncode(key));
    }

    /// <summary>The hash a cookie's key is looked up by; null for nonsense.</summary>
    public static byte[]? HashOf(string key)
    {
        try
        {
            var bytes = WebEncoders.Base64UrlDecode(key);
            return bytes.Length == 32 ? SHA256.HashData(bytes) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public void Describe(string? address, string? agent, bool sharedTerminal, string? providerSid, Guid? linkId = null)
        => (Address, Agent, SharedTerminal, ProviderSid, LinkId) = (address, agent is { Length: > 200 } ? agent[..200] : agent, sharedTerminal, providerSid, linkId);

    /// <summary>Says when the person last typed a password or the like; a silent sign-in by the directory is none.</summary>
    internal void Authenticated(DateTimeOffset at) => FreshAt = at;

    public bool IsLiveAt(DateTimeOffset now) => EndedAt is null && now < EndsAt && now < LastSeenAt.AddMinutes(IdleMinutes);

    public void Seen(DateTimeOffset now) => LastSeenAt = now;

    public void End(DateTimeOffset now, string reason)
    {
        if (EndedAt is not null) return;
        Audit("session.ended", reason: reason);
        (EndedAt, EndReason) = (now, reason);
    }
}

internal sealed class PortalSessionTable : IEntityTypeConfiguration<PortalSession>
{
    public void Configure(EntityTypeBuilder<PortalSession> table)
    {
        table.ToTable("PortalSessions");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.HasIndex(s => s.KeyHash).IsUnique();
        table.HasIndex(s => new { s.StaffId, s.EndedAt });
        table.HasIndex(s => s.ProviderSid);
    }
}

public static class SessionSets
{
    extension(PortalDb db)
    {
        public DbSet<PortalSession> PortalSessions => db.Set<PortalSession>();
    }
}
