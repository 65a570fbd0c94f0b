namespace KitaPortal.Features.Booking.Desk;

/// <summary>A hand-over as it stands on the counter. Its id is made when the page is first opened, so sending it twice is one act.</summary>
public sealed class HandOverForm
{
    public Guid Id { get; set; } = Guid.CreateVersion7();

    public List<HandOverItem> Items { get; set; } = [];

    /// <summary>Staff number of whoever receives; empty is the borrower.</summary>
    public string? ReceivedBy { get; set; }

    public Confirmation Confirmation { get; set; } = Confirmation.Signature;

    public List<IFormFile> Photos { get; set; } = [];

    /// <summary>What was drawn in the signature box: a PNG as data address.</summary>
    public string? SignatureImage { get; set; }

    /// <summary>Codes of warnings the clerk has seen.</summary>
    public List<string> Acknowledged { get; set; } = [];

    /// <summary>Rule code to the written reason for passing it.</summary>
    public Dictionary<string, string?> Overrides { get; set; } = [];

    internal Dictionary<string, string> Reasons => Overrides.Where(o => !string.IsNullOrWhiteSpace(o.Value)).ToDictionary(o => o.Key, o => o.Value!.Trim());
}

/// <summary>One device on the counter.</summary>
public sealed class HandOverItem
{
    public BookingLineId LineId { get; set; }

    /// <summary>The device lying there; empty as long as the line has none and nothing was scanned.</summary>
    public DeviceId? DeviceId { get; set; }

    public bool Give { get; set; }

    /// <summary>It was read, not only named.</summary>
    public bool IsScanned { get; set; }

    /// <summary>Accessories ticked.</summary>
    public List<string> Set { get; set; } = [];

    public DeviceCondition Condition { get; set; }
}
