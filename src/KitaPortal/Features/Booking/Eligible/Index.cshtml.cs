using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Eligible;

/// <summary>誓約書と研修: what I have signed and learned, until when it counts, and signing in place.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>A class with what it asks for and how I stand.</summary>
    public sealed record ClassRow(DeviceClass Class, AgreementVersion? Text, DateOnly? SignedUntil);

    /// <summary>A coming booking for which something ends too early.</summary>
    public sealed record Gap(BookingId Id, string Number, DateTimeOffset From, DateTimeOffset To, string What);

    public IReadOnlyList<ClassRow> Classes { get; private set; } = [];

    public IReadOnlyList<AgreementVersion> Texts { get; private set; } = [];

    public IReadOnlyList<AgreementSignature> Signatures { get; private set; } = [];

    public IReadOnlyList<TrainingRecord> Trainings { get; private set; } = [];

    public BorrowerStanding Standing { get; private set; } = null!;

    public IReadOnlyList<Gap> Gaps { get; private set; } = [];

    public DateOnly Today { get; private set; }

    public bool MaySeeOthers { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        Today = TokyoTime.DayOf(now);
        MaySeeOthers = EligiblePeople.MaySee(me);
        Texts = await db.AgreementVersions.AsNoTracking().Where(a => a.EffectiveFrom <= Today).OrderByDescending(a => a.EffectiveFrom).ToListAsync(ct);
        Standing = (await BorrowerStanding.LoadAsync(db, [me.Id], Today, now, ct))[me.Id];
        Classes = [.. (await db.DeviceClasses.AsNoTracking().OrderByDescending(c => c.CountsAsMain).ThenBy(c => c.Name).ToListAsync(ct))
            .Select(c => new ClassRow(c, Texts.FirstOrDefault(t => t.Covers(c.Code)), Standing.Agreements.GetValueOrDefault(c.Code)))];
        Signatures = await db.AgreementSignatures.AsNoTracking().Where(s => s.StaffId == me.Id).OrderByDescending(s => s.SignedAt).Take(10).ToListAsync(ct);
        Trainings = await db.TrainingRecords.AsNoTracking().Where(t => t.StaffId == me.Id).OrderByDescending(t => t.CompletedOn).Take(10).ToListAsync(ct);
        Gaps = [.. (await EligibilityWatch.GapsAsync(db, [me.Id], now, ct)).Select(g => new Gap(g.BookingId, g.Number, g.From, g.To, g.What))];
    }

    /// <summary>Signs the present text; signing again renews it.</summary>
    public async Task<IActionResult> OnPostAsync(Guid version, bool agreed, CancellationToken ct)
    {
        if (!agreed)
        {
            ModelState.AddModelError("", "内容を読み、「同意し、署名します」に印を付けてください。");
            return Page();
        }
        var now = clock.GetUtcNow();
        var last = await db.WriteAsync(async () =>
        {
            var today = TokyoTime.DayOf(now);
            var text = await db.AgreementVersions.SingleOrDefaultAsync(a => a.Id == version && a.EffectiveFrom <= today, ct).OrNotHere();
            var until = text.LastDayWhenSignedOn(today);
            if (!await db.AgreementSignatures.AnyAsync(s => s.StaffId == me.Id && s.AgreementVersionId == text.Id && s.LastDay >= until, ct)) db.Add(text.SignedBy(me.Id, now));
            return until;
        }, ct);
        Say($"誓約書に署名しました。{JapaneseDate.Long(last)}まで有効です。");
        return RedirectToPage();
    }
}
