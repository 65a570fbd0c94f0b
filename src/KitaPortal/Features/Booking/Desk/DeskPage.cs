using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>A page of one office's lending desk, open to those who staff it.</summary>
[Authorize(Policies.Desk)]
public abstract class DeskPage(PortalDb db, CurrentStaff me) : FormPage
{
    protected PortalDb Db => db;

    protected CurrentStaff Me => me;

    /// <summary>The code of the office.</summary>
    [FromRoute(Name = "office")]
    public string OfficeCode { get; set; } = "";

    public Office Office { get; private set; } = null!;

    public string DeskHref => $"/booking/desk/{OfficeCode}";

    /// <summary>What the last scan did, for the box and for the reader.</summary>
    public ScanResult? Result { get; protected set; }

    public override async Task LoadAsync(CancellationToken ct) => await OpenDeskAsync(ct);

    /// <summary>The desk, or 404 for everybody who does not staff it.</summary>
    protected async Task<Office> OpenDeskAsync(CancellationToken ct)
    {
        Office = await Db.Offices.AsNoTracking().SingleOrDefaultAsync(o => o.Code == OfficeCode, ct).OrNotHere();
        return Me.IsDeskOf(Office.Id) ? Office : throw new NotHereException();
    }
}

/// <summary>What a scan did: a sentence, and whether it is a refusal.</summary>
public sealed record ScanResult(string Text, bool IsRefusal)
{
    public static ScanResult Done(string text) => new(text, false);

    public static ScanResult Refused(string text) => new(text, true);

    public static ScanResult Refused(Broken broken) => new($"{broken.Message}（{broken.Rule.Number}）{broken.Remedy}", true);

    public static ScanResult NotFound(string read) => new($"「{read}」は見つかりません。備品番号・予約番号・職員番号を確かめて、もう一度読み取ってください。", true);
}

/// <summary>The scan box of a page: where it sends the code, and what the last scan did.</summary>
/// <param name="Handler">The page handler that takes the code with the rest of the form; null: the code goes to <paramref name="Action"/> by GET.</param>
public sealed record ScanBox(string Label, ScanResult? Result, string? Action = null, string? Handler = null);
