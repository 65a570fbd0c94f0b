using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Rendering;

namespace KitaPortal.Features.Chat;

public sealed class TalkForm
{
    [Display(Name = "相手")]
    public StaffId? PersonId { get; set; }
}

public sealed class ChannelForm
{
    public Guid Id { get; set; }

    [Display(Name = "種類")]
    public ChannelKind Kind { get; set; } = ChannelKind.Public;

    [Display(Name = "名前")]
    public string? Name { get; set; }

    [Display(Name = "目的")]
    public string? Purpose { get; set; }
}

/// <summary>Begins a conversation with somebody, or opens a channel.</summary>
public sealed class NewPage(PortalDb db, ChatDesk desk, CurrentStaff me, TimeProvider clock) : FormPage
{
    public static IReadOnlyList<SelectListItem> Kinds { get; } = [new("公開：だれでも読め、自分で参加できます", nameof(ChannelKind.Public)), new("限定：招いた人だけが読めます", nameof(ChannelKind.Private))];

    [BindProperty]
    public TalkForm Talk { get; set; } = new();

    [BindProperty]
    public ChannelForm Form { get; set; } = new();

    public IReadOnlyList<SelectListItem> Colleagues { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        Colleagues = [.. (await db.StaffChoicesAsync(clock.Today(), ct)).Where(c => c.Value != me.Id.ToString())];
        if (Form.Id == Guid.Empty) Form.Id = Guid.CreateVersion7(clock.GetUtcNow());
    }

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context) => ForgetFormOfOthers(context);

    public async Task<IActionResult> OnPostTalkAsync(CancellationToken ct)
    {
        var (channel, _) = await desk.ConverseAsync(ChatUser.Of(me), Talk.PersonId is { } person ? [person] : [], ct);
        return Redirect($"/chat/{channel.Id}");
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (Form.Kind is not (ChannelKind.Public or ChannelKind.Private)) return BadRequest();
        var (channel, _) = await desk.OpenAsync(ChatUser.Of(me), new ChannelId(Form.Id), Form.Kind, Form.Name ?? "", Form.Purpose ?? "", null, [], ct);
        return Redirect($"/chat/{channel.Id}");
    }
}
