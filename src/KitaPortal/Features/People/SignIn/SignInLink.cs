using System.Security.Cryptography;
using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.People.SignIn;

/// <summary>Who signed in, as the directory names them. With Entra: tenant id and object id, never a mail address.</summary>
public sealed record SignInKey(string Issuer, string Tenant, string Subject);

/// <summary>Ties a sign-in to one person.</summary>
public sealed class SignInLink : Entity
{
    private SignInLink() { }

    /// <param name="how">By which match, or how an administrator checked the identity (対面, 電話, 所属長).</param>
    public SignInLink(SignInKey key, StaffId staffId, string how, DateTimeOffset now)
    {
        (Id, Issuer, Tenant, Subject, StaffId, How, LinkedAt) = (Guid.CreateVersion7(), key.Issuer, key.Tenant, key.Subject, staffId, how, now);
        Audit("sign-in.linked", after: new { staff = staffId.Value, key.Tenant, key.Subject, how });
    }

    public Guid Id { get; private set; }

    public string Issuer { get; private set; } = "";

    public string Tenant { get; private set; } = "";

    public string Subject { get; private set; } = "";

    public StaffId StaffId { get; private set; }

    public string How { get; private set; } = "";

    public DateTimeOffset LinkedAt { get; private set; }

    public DateTimeOffset? StoppedAt { get; private set; }

    public override string SubjectId => Id.ToString();

    /// <summary>From now on this sign-in is refused; every request of its sessions too.</summary>
    public void Stop(DateTimeOffset now, string reason)
    {
        if (StoppedAt is not null) return;
        Audit("sign-in.stopped", after: new { StaffId }, reason: reason);
        StoppedAt = now;
    }

    public void Reopen(string reason)
    {
        if (StoppedAt is null) return;
        Audit("sign-in.reopened", after: new { StaffId }, reason: reason);
        StoppedAt = null;
    }
}

/// <summary>Somebody the directory knows and the roster does not: waits for an administrator who knows the person. Forgotten after 14 days.</summary>
public sealed class PendingLink : Entity
{
    public static readonly TimeSpan Life = TimeSpan.FromDays(14);
    private const string Letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    private PendingLink() { }

    public PendingLink(SignInKey key, string name, string account, DateTimeOffset now)
    {
        (Id, Issuer, Tenant, Subject) = (Guid.CreateVersion7(), key.Issuer, key.Tenant, key.Subject);
        (Name, Account, SeenAt, Number) = (Short(name), Short(account), now, RandomNumberGenerator.GetString(Letters, 6));
        Audit("sign-in.waiting", after: new { key.Tenant, key.Subject, Number });
    }

    public Guid Id { get; private set; }

    public string Issuer { get; private set; } = "";

    public string Tenant { get; private set; } = "";

    public string Subject { get; private set; } = "";

    /// <summary>Six characters that the person tells the administrator.</summary>
    public string Number { get; private set; } = "";

    /// <summary>As the directory calls them; shown, never matched on.</summary>
    public string Name { get; private set; } = "";

    public string Account { get; private set; } = "";

    public DateTimeOffset SeenAt { get; private set; }

    public DateTimeOffset? RefusedAt { get; private set; }

    public SignInKey Key => new(Issuer, Tenant, Subject);

    public override string SubjectId => Id.ToString();

    public void SeenAgain(DateTimeOffset now) => SeenAt = now;

    public void Refuse(DateTimeOffset now, string reason)
    {
        Audit("sign-in.refused", after: new { Tenant, Subject }, reason: reason);
        RefusedAt = now;
    }

    public void Reopen(string reason)
    {
        Audit("sign-in.refusal-lifted", after: new { Tenant, Subject }, reason: reason);
        RefusedAt = null;
    }

    private static string Short(string text) => text.Length > 200 ? text[..200] : text;
}

/// <summary>A sign-in answer that was taken once, so that nobody takes it again.</summary>
public sealed class UsedSignIn(byte[] hash, DateTimeOffset at)
{
    public byte[] Hash { get; private set; } = hash;

    public DateTimeOffset At { get; private set; } = at;
}

internal sealed class SignInLinkTable : IEntityTypeConfiguration<SignInLink>
{
    public void Configure(EntityTypeBuilder<SignInLink> table)
    {
        table.ToTable("SignInLinks");
        table.Property(l => l.Id).ValueGeneratedNever();
        table.Property(l => l.Issuer).HasMaxLength(200);
        table.Property(l => l.Tenant).HasMaxLength(60);
        table.Property(l => l.Subject).HasMaxLength(200);
        table.HasIndex(l => new { l.Issuer, l.Tenant, l.Subject }).IsUnique();
        table.HasIndex(l => l.StaffId);
    }
}

internal sealed class PendingLinkTable : IEntityTypeConfiguration<PendingLink>
{
    public void Configure(EntityTypeBuilder<PendingLink> table)
    {
        table.ToTable("PendingLinks");
        table.Property(l => l.Id).ValueGeneratedNever();
        table.Ignore(l => l.Key);
        table.HasIndex(l => new { l.Issuer, l.Tenant, l.Subject }).IsUnique();
        table.HasIndex(l => l.Number).IsUnique();
    }
}

internal sealed class UsedSignInTable : IEntityTypeConfiguration<UsedSignIn>
{
    public void Configure(EntityTypeBuilder<UsedSignIn> table)
    {
        table.ToTable("UsedSignIns");
        table.HasKey(u => u.Hash);
        table.HasIndex(u => u.At);
    }
}

public static class SignInSets
{
    extension(PortalDb db)
    {
        public DbSet<SignInLink> SignInLinks => db.Set<SignInLink>();

        public DbSet<PendingLink> PendingLinks => db.Set<PendingLink>();

        public DbSet<UsedSignIn> UsedSignIns => db.Set<UsedSignIn>();
    }
}
