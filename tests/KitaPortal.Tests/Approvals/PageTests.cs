using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Approvals;

/// <summary>What people see and do in the browser.</summary>
public sealed partial class PageTests
{
    [Fact]
    public async Task Every_request_is_told_to_its_head_and_a_decision_takes_back_its_own_news_only()
    {
        await using var portal = await PortalHost.StartAsync();
        var first = await portal.Ask(portal.Town.Sato);
        var second = await portal.Ask(portal.Town.Suzuki);
        Task<int> Waiting() => portal.ReadAsync(db => db.Set<Features.Notifications.Notification>().CountAsync(n => n.StaffId == portal.Town.GeneralHead && n.Kind == "approvals.waiting" && n.RetractedAt == null));
        Assert.Equal(2, await Waiting());

        await portal.Act(first, portal.Town.GeneralHead, (request, acting) => request.Approve(acting));
        Assert.Equal(1, await Waiting());

        await portal.Act(second, portal.Town.GeneralHead, (request, acting) => request.Approve(acting));
        Assert.Equal(0, await Waiting());
    }

    [Fact]
    public async Task A_general_request_goes_from_the_form_to_the_decision()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        using var head = await portal.As(portal.Town.GeneralHead);

        var empty = await Fill(sato, new() { ["Title"] = "" });
        var handed = await Fill(sato, new()
        {
            ["Title"] = "会議室の机の更新",
            ["Values[body]"] = "机を10台更新したい。",
            ["Values[level]"] = "所属長決裁",
            ["Values[cost]"] = "１２０，０００",
            ["Values[contact]"] = "鈴木 一郎",
            ["Values[period]"] = "2026-05-01",
            ["Ends[period]"] = "2026-05-08",
            ["Values[checked]"] = "true"
        });
        var waiting = await head.Get("/approvals");
        var id = ApprovalRequestId.From(Guid.Parse(handed.Address.Segments[^1]));
        var decided = await (await ApprovalForm.Open(head, id)).Send("Approve");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.Status);
        Assert.Contains("件名：入力してください。", empty.Words, StringComparison.Ordinal);
        Assert.Contains("伺いの内容：入力してください。", empty.Words, StringComparison.Ordinal);
        Assert.Contains("R8-伺い-0001", handed.Words, StringComparison.Ordinal);
        Assert.Contains("120,000円", handed.Words, StringComparison.Ordinal);
        Assert.Contains("001002 鈴木　一郎（総務課）", handed.Words, StringComparison.Ordinal);
        Assert.Contains("令和8年5月1日（金）～令和8年5月8日（金）", handed.Words, StringComparison.Ordinal);
        Assert.Contains("会議室の机の更新", waiting.Words, StringComparison.Ordinal);
        Assert.Contains("決裁しました。", decided.Words, StringComparison.Ordinal);
        Assert.Equal(RequestState.Decided, (await portal.Request(id)).State);
    }

    [Fact]
    public async Task The_chosen_level_of_decision_adds_the_next_head_and_the_route_is_shown_before_submitting()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var form = await sato.Get("/approvals/new/general");
        var shown = await sato.Post(ActionOf(form.Text).Replace("&amp;", "&", StringComparison.Ordinal) + "&handler=Route", Token(form.Text), new Dictionary<string, string> { ["Values[level]"] = "上位の所属長決裁" });

        Assert.Contains("課長 藤原　陽向", form.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("副町長 土井　友紀", form.Words, StringComparison.Ordinal);
        Assert.Contains("副町長 土井　友紀", shown.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_draft_is_kept_reopened_and_handed_in_by_its_writer_only()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        using var head = await portal.As(portal.Town.GeneralHead);
        var form = await sato.Get("/approvals/new/general");
        var action = ActionOf(form.Text);

        var kept = await sato.Post(action + "&handler=Keep", Token(form.Text), new Dictionary<string, string> { ["Title"] = "書きかけ", ["Values[checked]"] = "true" });
        var id = Regex.Match(action, "draft=([0-9a-f-]+)").Groups[1].Value;
        var reopened = await sato.Get($"/approvals/new/general?draft={id}");

        Assert.Equal(HttpStatusCode.NoContent, kept.Status);
        Assert.Contains("value=\"書きかけ\"", reopened.Text, StringComparison.Ordinal);
        Assert.Matches("checked=\"checked\"[^>]*name=\"Values\\[checked\\]\"", reopened.Text);
        Assert.Equal(HttpStatusCode.NotFound, (await head.Get($"/approvals/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await head.Get($"/approvals/new/general?draft={id}")).Status);
    }

    [Fact]
    public async Task A_request_is_seen_by_its_people_and_nobody_else()
    {
        await using var portal = await PortalHost.StartAsync();
        var id = await portal.Ask(portal.Town.Sato, onBehalfOf: portal.Town.Suzuki, conditions: [RouteCondition.SecurityManager]);

        foreach (var (person, status) in new[]
        {
            (portal.Town.Sato, HttpStatusCode.OK), (portal.Town.Suzuki, HttpStatusCode.OK), (portal.Town.Security, HttpStatusCode.OK), (portal.Town.GeneralHead, HttpStatusCode.OK),
            (portal.Town.Auditor, HttpStatusCode.OK), (portal.Town.GeneralDeputy, HttpStatusCode.NotFound), (portal.Town.PlanningHead, HttpStatusCode.NotFound), (portal.Town.Tanaka, HttpStatusCode.NotFound), (portal.Town.Admin, HttpStatusCode.NotFound),
        })
        {
            using var browser = await portal.As(person);
            Assert.Equal(status, (await browser.Get($"/approvals/{id}")).Status);
            Assert.Equal(status, (await browser.Get($"/approvals/{id}/print")).Status);
            if (person != portal.Town.Auditor) Assert.Equal(status, (await browser.Get($"/api/v1/approvals/{id}")).Status);
            if (status == HttpStatusCode.NotFound) Assert.Equal(status, (await browser.Post($"/approvals/{id}?handler=Approve", await browser.Token("/approvals/new/general"), new { X = "1" })).Status);
        }

        Assert.Equal(2, await portal.ReadAsync(db => db.Set<AuditEntry>().CountAsync(e => e.Action == "approval.read" && e.ActorId == portal.Town.Auditor)));
    }

    [Fact]
    public async Task The_holder_of_the_right_to_decide_sees_and_decides_only_while_the_head_is_absent()
    {
        await using var portal = await PortalHost.StartAsync();
        using var deputy = await portal.As(portal.Town.GeneralDeputy);
        var id = await portal.Ask(portal.Town.Sato);

        var before = await deputy.Get($"/approvals/{id}");
        await portal.Absent(portal.Town.GeneralHead);
        var list = await deputy.Get("/approvals?tab=deputy");
        var form = await ApprovalForm.Open(deputy, id);
        var silent = await form.Send("Approve");
        var decided = await (await ApprovalForm.Open(deputy, id)).Send("Approve", "課長が休暇のため");

        Assert.Equal(HttpStatusCode.NotFound, before.Status);
        Assert.Contains("在宅勤務のための持出し", list.Words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, silent.Status);
        Assert.Contains("理由が入力されていません。", silent.Words, StringComparison.Ordinal);
        Assert.Contains("藤原　陽向の代決", decided.Words, StringComparison.Ordinal);
        Assert.Equal(1, await portal.ReadAsync(db => db.Set<Features.Notifications.Notification>().CountAsync(n => n.Kind == "approvals.deputy" && n.StaffId == portal.Town.GeneralHead)));
        Assert.Equal(1, await portal.ReadAsync(db => db.Set<Features.Notifications.Notification>().CountAsync(n => n.Kind == "approvals.deputy" && n.StaffId == portal.Town.GeneralDeputy && n.RetractedAt != null)));
    }

    [Fact]
    public async Task A_deciding_page_that_shows_another_hash_is_refused_with_409_and_the_difference()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var id = await portal.Ask(portal.Town.Sato);
        var old = await ApprovalForm.Open(head, id);

        var forged = await (await ApprovalForm.Open(head, id)).Send("Approve", otherHash: new string('0', 64));
        await portal.Act(id, portal.Town.Sato, (r, by) => r.Withdraw(by));
        await portal.ReSubmit(id, answers => answers[TakeOutForm.Destination] = "大朝支所");
        var stale = await old.Send("Approve", "そのまま");

        Assert.Equal(HttpStatusCode.Conflict, forged.Status);
        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
        Assert.Contains("佐藤　花子さんが再提出", stale.Words, StringComparison.Ordinal);
        Assert.Contains("変わった項目：destination", stale.Words, StringComparison.Ordinal);
        Assert.Contains("そのまま", stale.Text, StringComparison.Ordinal);
        Assert.Equal(RequestState.Circulating, (await portal.Request(id)).State);
        Assert.Equal(HttpStatusCode.OK, (await (await ApprovalForm.Open(head, id)).Send("Approve")).Status);
    }

    [Fact]
    public async Task A_subject_that_refuses_takes_everything_back()
    {
        await using var portal = await PortalHost.StartAsync(adjust: builder => builder.Services.AddHandler<Refuses>());
        using var head = await portal.As(portal.Town.GeneralHead);
        var refusedId = await portal.Ask(portal.Town.Sato, title: "だめな持出し");
        var goodId = await portal.Ask(portal.Town.Sato, title: "よい持出し");

        var refused = await (await ApprovalForm.Open(head, refusedId)).Send("Approve");
        var good = await (await ApprovalForm.Open(head, goodId)).Send("Approve");

        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK), (refused.Status, good.Status));
        Assert.Contains("研修の期限が切れます。", refused.Words, StringComparison.Ordinal);
        var request = await portal.Request(refusedId);
        Assert.Equal(RequestState.Circulating, request.State);
        Assert.Single(request.Acts);
        Assert.Equal(0, await portal.ReadAsync(db => db.Set<AuditEntry>().CountAsync(e => e.SubjectId == refusedId.ToString() && e.Action == "approval.Approve")));
        Assert.Equal(0, await portal.ReadAsync(db => db.Set<Features.Notifications.Notification>().CountAsync(n => n.Kind == "approvals.decided" && n.Link == $"/approvals/{refusedId}")));
    }

    [Fact]
    public async Task A_returned_request_shows_why_and_what_changed_when_it_comes_back()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        using var head = await portal.As(portal.Town.GeneralHead);
        var id = await portal.Ask(portal.Town.Sato);

        await (await ApprovalForm.Open(head, id)).Send("SendBack", "持出先を詳しく", target: 0);
        var mine = await sato.Get($"/approvals/{id}");
        await portal.ReSubmit(id, answers => answers[TakeOutForm.Destination] = "自宅（北広島町有田）");
        var again = await head.Get($"/approvals/{id}");

        Assert.Contains("持出先を詳しく", mine.Words, StringComparison.Ordinal);
        Assert.Contains("前の版からの変更", again.Words, StringComparison.Ordinal);
        Assert.Contains("削除： 自宅 追加： 自宅（北広島町有田）", again.Words, StringComparison.Ordinal);
        Assert.Equal(("R8-持出-0001", 2), ((await portal.Request(id)).Number, (await portal.Request(id)).Revision));
    }

    [Fact]
    public async Task The_register_and_its_csv_hold_what_the_reader_may_see()
    {
        await using var portal = await PortalHost.StartAsync();
        var id = await portal.Ask(portal.Town.Sato);
        await portal.Ask(portal.Town.Tanaka, title: "芸北の持出し");
        await portal.Act(id, portal.Town.GeneralHead, (r, by) => r.Approve(by));
        using var head = await portal.As(portal.Town.GeneralHead);

        var page = await head.Get("/approvals/register");
        var csv = await head.Get("/approvals/register?handler=Csv");

        Assert.Contains("R8-持出-0001", page.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("芸北の持出し", page.Words, StringComparison.Ordinal);
        Assert.Contains("R8-持出-0001,在宅勤務のための持出し,端末持出許可申請,総務課,佐藤　花子", csv.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("芸北の持出し", csv.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absence_is_set_refused_when_it_overlaps_and_ended()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var id = await portal.Ask(portal.Town.Sato, conditions: [RouteCondition.Head, RouteCondition.SecurityManager]);

        var set = await head.Submit("/approvals/absence", new Dictionary<string, string> { ["Form.Id"] = Guid.NewGuid().ToString(), ["Form.First"] = "2026-04-06", ["Form.Last"] = "2026-04-08", ["Form.Deputy"] = portal.Town.Suzuki.ToString() });
        var overlapping = await head.Submit("/approvals/absence", new Dictionary<string, string> { ["Form.Id"] = Guid.NewGuid().ToString(), ["Form.First"] = "2026-04-08", ["Form.Last"] = "2026-04-07", ["Form.Deputy"] = portal.Town.GeneralHead.ToString() });
        var again = await head.Submit("/approvals/absence", new Dictionary<string, string> { ["Form.Id"] = Guid.NewGuid().ToString(), ["Form.First"] = "2026-04-08", ["Form.Last"] = "2026-04-09" });
        using var suzuki = await portal.As(portal.Town.Suzuki);
        var deputy = await suzuki.Get("/approvals?tab=deputy");
        var acted = await (await ApprovalForm.Open(suzuki, id)).Send("Approve");

        Assert.Contains("不在設定をしました。", set.Words, StringComparison.Ordinal);
        Assert.Contains("自分を代理者にはできません。", overlapping.Words, StringComparison.Ordinal);
        Assert.Contains("最終日が初日より前です。", overlapping.Words, StringComparison.Ordinal);
        Assert.Contains("と重なります。", again.Words, StringComparison.Ordinal);
        Assert.Contains("在宅勤務のための持出し", deputy.Words, StringComparison.Ordinal);
        Assert.Contains("藤原　陽向の代理", acted.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_printed_form_shows_every_act_the_marks_and_the_code()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        var id = await portal.Ask(portal.Town.Sato);
        await portal.Act(id, portal.Town.GeneralHead, (r, by) => r.SendBack(by, 0), "持出先を詳しく");
        await portal.ReSubmit(id, _ => { });
        await portal.Act(id, portal.Town.GeneralHead, (r, by) => r.Approve(by));

        var sheet = await sato.Get($"/approvals/{id}/print");

        foreach (var word in new[] { "R8-持出-0001", "提出", "差戻し", "持出先を詳しく", "再提出", "決裁", "決 8.4.6 藤原", ApprovalWords.ShortHash((await portal.Request(id)).ContentHash), "保存期限" })
            Assert.Contains(word, sheet.Words, StringComparison.Ordinal);
        Assert.Contains("<path d=\"M", sheet.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_api_lists_what_waits_for_the_caller()
    {
        await using var portal = await PortalHost.StartAsync();
        var id = await portal.Ask(portal.Town.Sato);
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);

        using var waiting = JsonDocument.Parse((await head.Get("/api/v1/approvals?box=waiting")).Text);
        using var mine = JsonDocument.Parse((await sato.Get("/api/v1/approvals?box=mine")).Text);
        using var one = JsonDocument.Parse((await sato.Get($"/api/v1/approvals/{id}")).Text);

        Assert.Equal(id.ToString(), waiting.RootElement[0].GetProperty("id").GetString());
        Assert.Equal("Circulating", mine.RootElement[0].GetProperty("state").GetString());
        Assert.Equal("Submit", one.RootElement.GetProperty("acts")[0].GetProperty("kind").GetString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await sato.Get("/api/v1/approvals?box=all")).Status);
    }

    [Fact]
    public async Task The_database_refuses_changing_or_deleting_an_act()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.Ask(portal.Town.Sato);

        await Assert.ThrowsAnyAsync<Exception>(() => portal.ReadAsync(db => db.ApprovalActs.ExecuteDeleteAsync()));
        await Assert.ThrowsAnyAsync<Exception>(() => portal.ReadAsync(db => db.ApprovalActs.ExecuteUpdateAsync(s => s.SetProperty(a => a.Reason, "x"))));
    }

    private static async Task<Answer> Fill(PortalClient browser, Dictionary<string, string> fields)
    {
        var page = await browser.Get("/approvals/new/general");
        fields["ActId"] = Guid.NewGuid().ToString();
        return await browser.Post(ActionOf(page.Text), Token(page.Text), fields);
    }

    private static string ActionOf(string html) => WebUtility.HtmlDecode(Action().Match(html).Groups[1].Value);

    private static string Token(string html) => Regex.Match(html, "name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"").Groups[1].Value;

    [GeneratedRegex("action=\"(/approvals/new/general[^\"]*)\"")]
    private static partial Regex Action();

    /// <summary>A subject that refuses some decisions.</summary>
    private sealed class Refuses(PortalDb db) : IHandle<RequestDecided>
    {
        private static readonly Rule Training = new("試-1", "test.training", "研修の期限が切れます。", "研修を受けてください。");

        public async Task HandleAsync(RequestDecided happened, CancellationToken ct)
        {
            if (await db.ApprovalRequests.AnyAsync(r => r.Id == happened.RequestId && r.Title.StartsWith("だめ"), ct)) throw new RuleViolation(Training.With());
        }
    }
}
