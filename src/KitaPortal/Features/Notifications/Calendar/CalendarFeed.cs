using System.Security.Cryptography;
using System.Text;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Notifications.Calendar;

/// <summary>A person's own calendar address (カレンダー連携): a capability link, made on request, stored hashed, revoked by its owner, dead when the owner leaves.</summary>
public sealed class CalendarFeed : Entity
{
    private CalendarFeed() { }

    private CalendarFeed(StaffId owner, string secret, bool fullTitles)
    {
        (Id, SecretHash, FullTitles) = (owner.Value, HashOf(secret), fullTitles);
        Audit("calendar-feed.made", after: new { fullTitles });
    }

    /// <summary>The owner's id: there is one feed per person.</summary>
    public Guid Id { get; private set; }

    public string SecretHash { get; private set; } = "";

    /// <summary>Model and place; otherwise only 「予約あり」.</summary>
    public bool FullTitles { get; private set; }

    /// <summary>When a calendar last read it, to the hour.</summary>
    public DateTimeOffset? LastReadAt { get; private set; }

    public StaffId OwnerId => new(Id);

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => "calendar-feed";

    /// <summary>Makes the feed; the secret is shown this once.</summary>
    public static CalendarFeed Make(StaffId owner, bool fullTitles, out string secret)
    {
        secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        return new CalendarFeed(owner, secret, fullTitles);
    }

    /// <summary>A new address; the old one ends.</summary>
    public void Renew(bool fullTitles, out string secret)
    {
        secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        (SecretHash, FullTitles, LastReadAt) = (HashOf(secret), fullTitles, null);
        Audit("calendar-feed.renewed", after: new { fullTitles });
    }

    /// <summary>The address ends.</summary>
    public void Revoke() => Audit("calendar-feed.revoked");

    /// <summary>True when it is worth writing down: once an hour.</summary>
    public bool ReadAt(DateTimeOffset now)
    {
        if (LastReadAt > now.AddHours(-1)) return false;
        LastReadAt = now;
        return true;
    }

    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));
}
