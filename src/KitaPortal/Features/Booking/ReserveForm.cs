using System.ComponentModel.DataAnnotations;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking;

/// <summary>One line of the form: what is wanted, and how many.</summary>
public sealed class WishForm
{
    /// <summary>p and a pool's id, or d and a device's.</summary>
    [Display(Name = "機種または端末")]
    public string? Choice { get; set; }

    [Display(Name = "台数"), Range(1, 50, ErrorMessage = "1から50までの数を入力してください。")]
    public int Count { get; set; } = 1;

    internal static WantedDevice? Read(string? choice, int count)
        => choice is not { Length: > 1 } || choice[0] is not ('p' or 'd') || !Guid.TryParse(choice[1..], out var id) ? null
            : choice[0] == 'd' ? new WantedDevice(null, new DeviceId(id)) : new WantedDevice(new PoolId(id), null, count);
}

/// <summary>The form of /booking/reserve; times are Tokyo wall clock.</summary>
public sealed class ReserveForm
{
    /// <summary>Lines besides the first that a form may have.</summary>
    public const int MostLines = 9;

    public BookingId Id { get; set; }

    /// <summary>p and a pool's id, d and a device's, or k, a kit's, @ and an office's.</summary>
    [Display(Name = "機種または端末")]
    public string? Choice { get; set; }

    [Display(Name = "セットのうち、空いている物だけ予約する")]
    public bool TakeWhatIsThere { get; set; }

    [Display(Name = "台数"), Range(1, 50, ErrorMessage = "1から50までの数を入力してください。")]
    public int Count { get; set; } = 1;

    /// <summary>Further models booked together with the first.</summary>
    public List<WishForm> More { get; set; } = [];

    /// <summary>How many further lines are shown at least.</summary>
    public int Rows { get; set; }

    [Display(Name = "受取")]
    public DateTime? From { get; set; }

    [Display(Name = "返却")]
    public DateTime? To { get; set; }

    [Display(Name = "目的")]
    public Purpose Purpose { get; set; } = Purpose.HomeWork;

    [Display(Name = "目的の補足"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? PurposeNote { get; set; }

    [Display(Name = "旅行命令番号"), StringLength(40, ErrorMessage = "40字までで入力してください。")]
    public string? TravelOrderNo { get; set; }

    [Display(Name = "持出先")]
    public DestinationKind DestinationKind { get; set; }

    [Display(Name = "持出先の名前"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? DestinationNote { get; set; }

    [Display(Name = "扱う情報")]
    public InfoClass InfoClass { get; set; } = InfoClass.Class2;

    [Display(Name = "個人情報を扱う")]
    public bool PersonalData { get; set; }

    /// <summary>Null is the person at the screen.</summary>
    [Display(Name = "借りる人")]
    public StaffId? BorrowerId { get; set; }

    [Display(Name = "使用責任者")]
    public StaffId? ResponsibleId { get; set; }

    [Display(Name = "許可する人への説明"), StringLength(1000, ErrorMessage = "1000字までで入力してください。")]
    public string? Reason { get; set; }

    [Display(Name = "誓約書の内容に同意し、署名します")]
    public bool SignAgreement { get; set; }

    public List<string> Acknowledged { get; set; } = [];

    /// <summary>Rule code to the written reason for passing it; an empty reason is none.</summary>
    public Dictionary<string, string?> Overrides { get; set; } = [];

    /// <summary>Null while nothing (or nothing readable) is chosen.</summary>
    internal BookingRequest? ToRequest(StaffId me)
    {
        var kit = ReadKit(Choice);
        var first = kit is null ? WishForm.Read(Choice, Count) : null;
        if ((first ?? (object?)kit) is null || From is not { } from || To is not { } to) return null;
        if (from.Year is < 1900 or > 9000 || to.Year is < 1900 or > 9000) return null;
        return new BookingRequest
        {
            Id = Id,
            BorrowerId = BorrowerId ?? me,
            ResponsibleId = ResponsibleId,
            KitId = kit?.Kit,
            KitOfficeId = kit?.Office,
            TakeWhatIsThere = kit is not null && TakeWhatIsThere,
            Wanted = [.. first is null ? [] : new[] { first }, .. More.Select(w => WishForm.Read(w.Choice, w.Count)).OfType<WantedDevice>()],
            From = new DateTimeOffset(from, TokyoTime.Offset).ToUniversalTime(),
            To = new DateTimeOffset(to, TokyoTime.Offset).ToUniversalTime(),
            Aim = new BookingAim(Purpose, PurposeNote, TravelOrderNo, DestinationKind, DestinationNote, InfoClass, PersonalData),
            SignAgreement = SignAgreement,
            Reason = Reason,
            Acknowledged = Acknowledged,
            Overrides = Overrides.Where(o => !string.IsNullOrWhiteSpace(o.Value)).ToDictionary(o => o.Key, o => o.Value!),
        };
    }

    private static (KitId Kit, OfficeId Office)? ReadKit(string? choice)
        => choice is { Length: > 1 } && choice[0] == 'k' && choice[1..].Split('@') is [var kit, var office] && Guid.TryParse(kit, out var kitId) && Guid.TryParse(office, out var officeId)
            ? (new KitId(kitId), new OfficeId(officeId)) : null;

    /// <summary>As many further lines as are filled in or asked for.</summary>
    internal void PadLines()
    {
        More.RemoveAll(w => string.IsNullOrEmpty(w.Choice));
        for (var rows = Math.Min(Rows, MostLines); More.Count < rows;) More.Add(new WishForm());
        Rows = More.Count;
    }
}
