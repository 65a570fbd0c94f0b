using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>A form to fill in: kept as a draft while one writes, with the route shown before it is handed in.</summary>
public sealed class NewPage(PortalDb db, CurrentStaff me, ApprovalDesk desk, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true, Name = "form")]
    public string Code { get; set; } = "";

    [BindProperty(SupportsGet = true, Name = "draft")]
    public ApprovalRequestId? Draft { get; set; }

    /// <summary>The id of the act of handing in: twice the same is once.</summary>
    [BindProperty]
    public Guid ActId { get; set; }

    [BindProperty]
    public string? Title { get; set; }

    [BindProperty]
    public Dictionary<string, string?> Values { get; set; } = [];

    /// <summary>The last days of the periods.</summary>
    [BindProperty]
    public Dictionary<string, string?> Ends { get; set; } = [];

    public Form Chosen { get; private set; } = null!;

    public FormDefinition Definition { get; private set; } = null!;

    public IReadOnlyList<RoutePreview> Route { get; private set; } = [];

    public string? Number { get; private set; }

    public DateTimeOffset? LastSubmitted { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        Chosen = await db.Forms.AsNoTracking().Include(f => f.Versions).SingleOrDefaultAsync(f => f.Code == Code, ct).OrNotHere();
        var version = Chosen.Published;
        var fresh = HttpMethods.IsGet(HttpContext.Request.Method);
        if (Draft is { } id)
        {
            var draft = await db.ApprovalRequests.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && r.ApplicantId == me.Id, ct);
            if (fresh && draft is not { IsWithDrafter: true, AboutKind: null }) throw new NotHereException();
            if (draft is not null) version = Chosen.Versions.Single(v => v.Id == draft.FormVersionId);
            if (draft is not null && fresh) Take(draft.Title, draft.Values);
            Number = draft?.Number;
        }
        else
        {
            var last = await db.ApprovalRequests.AsNoTracking().Where(r => r.ApplicantId == me.Id && r.FormCode == Code && r.SubmittedAt != null).OrderByDescending(r => r.SubmittedAt).FirstOrDefaultAsync(ct);
            LastSubmitted = last?.SubmittedAt;
            if (fresh && last is not null && HttpContext.Request.Query.ContainsKey("copy")) Take(last.Title, last.Values);
            Draft = ApprovalRequestId.New();
        }
        Definition = version?.Definition ?? throw new NotHereException();
        if (Definition.SubjectKind is not null) throw new NotHereException();
        foreach (var field in Definition.Fields)
        {
            Values.TryAdd(field.Key, null);
            if (field.Kind == FieldKind.Period) Ends.TryAdd(field.Key, null);
        }
        if (ActId == default) ActId = Guid.CreateVersion7(clock.GetUtcNow());
        Route = await PreviewAsync(ct);
    }

    /// <summary>提出する.</summary>
    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var id = await SaveAsync(submit: true, ct);
        Say("提出しました。");
        return Redirect($"/approvals/{id}");
    }

    /// <summary>下書きにする.</summary>
    public async Task<IActionResult> OnPostDraftAsync(CancellationToken ct)
    {
        var id = await SaveAsync(submit: false, ct);
        Say("下書きを保存しました。");
        return Redirect($"/approvals/{id}");
    }

    /// <summary>The draft as the page saves it by itself.</summary>
    public async Task<IActionResult> OnPostKeepAsync(CancellationToken ct)
    {
        await SaveAsync(submit: false, ct);
        return new NoContentResult();
    }

    /// <summary>The route for what is filled in so far.</summary>
    public async Task<IActionResult> OnPostRouteAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        return HttpContext.Request.Headers["X-Part"].Count > 0 ? Partial("_RoutePreview", Route) : Page();
    }

    private Task<ApprovalRequestId> SaveAsync(bool submit, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var id = Draft ?? throw new NotHereException();
        var request = await desk.OpenAsync(id, ct);
        if (request is null)
        {
            var form = await db.Forms.Include(f => f.Versions).SingleOrDefaultAsync(f => f.Code == Code, ct).OrNotHere();
            var version = form.PublishedOrRefuse();
            if (version.Definition.SubjectKind is not null) throw new NotHereException();
            db.Add(request = new ApprovalRequest(id, form, version, new Signatory(me.Id, me.Name, me.DepartmentName, me.PostName, me.DepartmentId), null));
        }
        if (request.ApplicantId != me.Id || request.AboutKind is not null || request.FormCode != Code) throw new NotHereException();
        if (submit && request.Acts.Any(a => a.ClientId == ActId)) return id;
        request.Write((Title ?? "").Trim() is var title && title.Length > 200 ? title[..200] : title, Answers());
        if (submit) await desk.SubmitAsync(request, ActId, ct);
        return id;
    }, ct);

    private Dictionary<string, string> Answers()
        => Values.Select(v => (v.Key, Value: Ends.TryGetValue(v.Key, out var last) ? $"{v.Value}/{last}".Trim('/') : v.Value ?? "")).Where(v => v.Value.Length > 0).ToDictionary(v => v.Key, v => v.Value);

    private void Take(string title, IReadOnlyDictionary<string, string> values)
    {
        Title = title;
        foreach (var (key, value) in values)
        {
            var ends = value.Split('/');
            var isPeriod = Chosen.Versions.SelectMany(v => v.Definition.Fields).Any(f => f.Key == key && f.Kind == FieldKind.Period);
            Values[key] = isPeriod ? ends[0] : value;
            if (isPeriod) Ends[key] = ends.ElementAtOrDefault(1);
        }
    }

    private Task<IReadOnlyList<RoutePreview>> PreviewAsync(CancellationToken ct)
    {
        var answers = Answers();
        return desk.PreviewRouteAsync(me.Id, [.. Definition.Route.Where(s => s.Stands(answers))], ct);
    }
}
