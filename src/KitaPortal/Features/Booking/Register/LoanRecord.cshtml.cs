using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Register;

/// <summary>One loan in full: its line of the register, and the photos of hand-over and return side by side.</summary>
public sealed class LoanRecordPage(PortalDb db, CurrentStaff me) : FormPage
{
    [FromRoute(Name = "id")]
    public Guid Id { get; set; }

    public RegisterRow Row { get; private set; } = null!;

    public Loan Loan { get; private set; } = null!;

    public IReadOnlyList<FileLink> PhotosOut { get; private set; } = [];

    public IReadOnlyList<FileLink> PhotosIn { get; private set; } = [];

    public FileLink? Signature { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var id = new LoanId(Id);
        var entries = await db.RegisterEntries.AsNoTracking().VisibleTo(me).Where(e => e.LoanId == id).ToListAsync(ct);
        Row = RegisterRow.Build(entries).SingleOrDefault().OrNotHere();
        Loan = await db.Loans.AsNoTracking().SingleAsync(l => l.Id == id, ct);
        string[] acts = [Loan.HandOverId.ToString(), Loan.TakeBackId?.ToString() ?? ""];
        var photos = await db.FileLinks.AsNoTracking().Where(l => acts.Contains(l.OwnerId)).OrderBy(l => l.CreatedAt).ToListAsync(ct);
        PhotosOut = [.. photos.Where(p => p.OwnerKind == DeskPhotos.HandOver)];
        Signature = photos.FirstOrDefault(p => p.OwnerKind == DeskPhotos.Signature);
        PhotosIn = [.. photos.Where(p => p.OwnerKind == DeskPhotos.TakeBack)];
    }

    public async Task OnGetAsync(CancellationToken ct)
    {
        if (!me.ReadsWholeLendingRegister()) return;
        db.Audit(new AuditNote("register.read", "lending-register", Row.RegisterNo));
        await db.SaveChangesAsync(ct);
    }
}
