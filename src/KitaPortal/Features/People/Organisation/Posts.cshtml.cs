using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Organisation;

/// <summary>職名: posts with their rank, who heads a department and who may decide for the head; one is chosen by <c>?id=</c>.</summary>
[Authorize(Policy = Policies.Organisation)]
public sealed class PostsPage(PortalDb db, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)] public PostId? Id { get; set; }

    [BindProperty] public PostForm Form { get; set; } = new();

    public IReadOnlyList<(Post Post, int Holders)> Posts { get; private set; } = [];

    public Post? Chosen { get; private set; }

    public DateOnly Today => clock.Today();

    public override async Task LoadAsync(CancellationToken ct)
    {
        var holders = await db.Postings.On(Today).GroupBy(p => p.PostId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var posts = await db.Posts.AsNoTracking().OrderBy(p => p.Rank).ThenBy(p => p.Code).ToListAsync(ct);
        Posts = [.. posts.Select(p => (p, holders.GetValueOrDefault(p.Id)))];
        if (Id is null) return;
        Chosen = posts.SingleOrDefault(p => p.Id == Id).OrNotHere();
        if (HttpMethods.IsPost(Request.Method)) return;
        Form = new() { Code = Chosen.Code, Name = Chosen.Name, Rank = Chosen.Rank, IsHead = Chosen.IsHead, MayDecideForHead = Chosen.MayDecideForHead, ClosedFrom = Chosen.ClosedFrom };
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            Post post;
            if (Id is { } id)
            {
                post = await db.Posts.SingleOrDefaultAsync(p => p.Id == id, ct).OrNotHere();
                post.Change(Form.Name.Trim(), Form.Rank, Form.IsHead, Form.MayDecideForHead);
            }
            else
            {
                var code = Form.Code.Trim();
                Demand.All(await db.Posts.AnyAsync(p => p.Code == code, ct) ? PeopleRules.CodeTaken.With(code) : null);
                post = new Post(PostId.New(), code, Form.Name.Trim(), Form.Rank, Form.IsHead, Form.MayDecideForHead);
                db.Add(post);
            }
            post.Close(Form.ClosedFrom);
        }, ct);
        Say($"{Form.Name}を登録しました。");
        return Redirect("/people/posts");
    }

    /// <summary>A post.</summary>
    public sealed class PostForm
    {
        [Display(Name = "コード"), Required(ErrorMessage = "コードを入力してください。")] public string Code { get; set; } = "";

        [Display(Name = "職名"), Required(ErrorMessage = "職名を入力してください。")] public string Name { get; set; } = "";

        [Display(Name = "席次")] public int Rank { get; set; } = 50;

        [Display(Name = "所属長になる")] public bool IsHead { get; set; }

        [Display(Name = "代決権がある")] public bool MayDecideForHead { get; set; }

        [Display(Name = "この日から使わない")] public DateOnly? ClosedFrom { get; set; }
    }
}
