using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Approvals;

/// <summary>A request on A4 with 決裁欄, all acts, the short hash and a code that leads back to it.</summary>
public sealed class PrintPage(PortalDb db, CurrentStaff me, TimeProvider clock, IOptions<ServerOptions> server) : FormPage
{
    [BindProperty(SupportsGet = true, Name = "id")]
    public ApprovalRequestId Id { get; set; }

    public ApprovalRequest Document { get; private set; } = null!;

    public FormDefinition Definition { get; private set; } = null!;

    public string AsOf => ApprovalWords.LongMoment(clock.GetUtcNow());

    public string Reader => me.Name;

    public string Address => new Uri(server.Value.PublicUrl, Document.Link).ToString();

    public override async Task LoadAsync(CancellationToken ct)
    {
        var deputyships = await db.DeputyshipsAsync(me.Id, clock.Today(), ct);
        Document = await db.ApprovalRequests.AsNoTracking().InRegisterFor(me, deputyships)
            .Include(r => r.Steps).ThenInclude(s => s.Assignees).Include(r => r.Acts).AsSplitQuery().SingleOrDefaultAsync(r => r.Id == Id, ct).OrNotHere();
        Definition = (await db.Set<FormVersion>().AsNoTracking().SingleAsync(v => v.Id == Document.FormVersionId, ct)).Definition;
        if (!me.ReadsWholeRegister()) return;
        db.Audit(new AuditNote("approval.read", "approval", Document.SubjectId));
        await db.SaveChangesAsync(ct);
    }
}
