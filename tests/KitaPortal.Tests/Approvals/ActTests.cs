using KitaPortal.Features.Approvals;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Tests.Approvals;

/// <summary>Every state × act × capacity, on a request of its own without a database.</summary>
public sealed class ActTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 6, 0, 0, 0, TimeSpan.Zero);
    private static readonly Signatory Applicant = Person("佐藤　花子"), Other = Person("鈴木　一郎"), First = Person("藤原　陽向"), Last = Person("土井　友紀"), Deputy = Person("谷　信行"), Stranger = Person("田中　実");

    public static TheoryData<string, string, string, string> Table => new()
    {
        // state, act, who → state afterwards or the rule that refuses
        { "circulating", "approve", "first", "Circulating" },
        { "circulating", "approve", "applicant", "approvals.self" },
        { "circulating", "approve", "other", "approvals.self" },
        { "circulating", "approve", "stranger", "approvals.not-your-turn" },
        { "circulating", "approve", "last", "approvals.not-your-turn" },
        { "circulating", "approve", "cover", "Circulating" },
        { "circulating", "approve", "cover-present", "approvals.not-absent" },
        { "circulating", "approve", "right", "approvals.deputy-right" },
        { "circulating", "return", "first", "SentBack" },
        { "circulating", "return", "cover", "SentBack" },
        { "circulating", "return", "applicant", "approvals.self" },
        { "circulating", "return-ahead", "first", "approvals.target-step" },
        { "circulating", "reject", "first", "Rejected" },
        { "circulating", "reject", "stranger", "approvals.not-your-turn" },
        { "circulating", "reject-silent", "first", "approvals.reason" },
        { "circulating", "withdraw", "applicant", "Draft" },
        { "circulating", "withdraw", "first", "approvals.too-late" },
        { "circulating", "retract", "applicant", "Withdrawn" },
        { "circulating", "retract", "other", "Withdrawn" },
        { "circulating", "retract", "first", "approvals.not-your-turn" },
        { "circulating", "accept", "first", "approvals.closed" },
        { "circulating", "submit", "applicant", "approvals.closed" },
        { "circulating", "close", "subject", "Withdrawn" },
        { "second", "approve", "last", "Decided" },
        { "second", "approve", "first", "approvals.not-your-turn" },
        { "second", "approve", "applicant", "approvals.self" },
        { "second", "approve", "right", "Decided" },
        { "second", "approve-silent", "right", "approvals.reason" },
        { "second", "approve", "right-present", "approvals.not-absent" },
        { "second", "approve", "cover", "approvals.deputy-right" },
        { "second", "return-first", "last", "Circulating" },
        { "second", "return-first", "right", "Circulating" },
        { "second", "return", "last", "SentBack" },
        { "second", "reject", "right", "Rejected" },
        { "second", "withdraw", "first", "Circulating" },
        { "second", "withdraw", "applicant", "approvals.too-late" },
        { "second", "retract", "applicant", "Circulating" },
        { "second", "close", "subject", "Withdrawn" },
        { "asked", "accept", "last", "Withdrawn" },
        { "asked", "accept", "applicant", "approvals.self" },
        { "asked", "accept", "stranger", "approvals.not-your-turn" },
        { "asked", "approve", "last", "Decided" },
        { "returned", "submit", "applicant", "Circulating" },
        { "returned", "submit", "stranger", "approvals.not-your-turn" },
        { "returned", "approve", "first", "approvals.closed" },
        { "returned", "retract", "applicant", "Withdrawn" },
        { "returned", "withdraw", "applicant", "approvals.closed" },
        { "returned", "close", "subject", "Withdrawn" },
        { "decided", "approve", "last", "approvals.closed" },
        { "decided", "return", "last", "approvals.closed" },
        { "decided", "reject", "last", "approvals.closed" },
        { "decided", "withdraw", "last", "approvals.closed" },
        { "decided", "retract", "applicant", "approvals.closed" },
        { "decided", "submit", "applicant", "approvals.closed" },
        { "decided", "close", "subject", "Decided" },
        { "rejected", "approve", "first", "approvals.closed" },
        { "rejected", "submit", "applicant", "approvals.closed" },
        { "rejected", "retract", "applicant", "approvals.closed" },
        { "withdrawn", "approve", "first", "approvals.closed" },
        { "withdrawn", "submit", "applicant", "approvals.closed" },
        { "draft", "submit", "applicant", "Circulating" },
        { "draft", "approve", "first", "approvals.closed" },
        { "draft", "retract", "applicant", "approvals.closed" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void An_act_leads_to_this_state_or_is_refused_by_this_rule(string state, string act, string who, string expected)
    {
        var request = In(state);
        var before = request.Acts.Count;

        string result;
        try
        {
            Do(request, act, who);
            result = request.State.ToString();
        }
        catch (RuleViolation refused)
        {
            result = Assert.Single(refused.Broken).Rule.Code;
            Assert.Equal(before, request.Acts.Count);
        }

        Assert.Equal(expected, result);
    }

    [Fact]
    public void A_refusal_names_all_broken_rules_at_once()
    {
        var refused = Assert.Throws<RuleViolation>(() => In("circulating").SendBack(By(Applicant, ""), 7));

        Assert.Equal(["approvals.self", "approvals.reason", "approvals.target-step"], refused.Broken.Select(b => b.Rule.Code));
    }

    [Fact]
    public void A_deputy_s_decision_keeps_both_names()
    {
        var request = In("second");

        Do(request, "approve", "right");

        var act = request.Acts[^1];
        Assert.Equal((Capacity.DecidesForHead, "谷　信行", "土井　友紀"), (act.Capacity, act.ActorName, act.OnBehalfOfName));
        var seat = request.Route.Last().Assignees[0];
        Assert.Equal(("土井　友紀", "谷　信行"), (seat.Name, seat.ActedByName));
    }

    [Fact]
    public void An_applicant_who_is_the_deputy_may_not_decide()
    {
        var request = In("second");

        var refused = Assert.Throws<RuleViolation>(() => request.Approve(By(Applicant, "急ぎ", new Deputyship(Last.Id, Capacity.DecidesForHead, true))));

        Assert.Equal(ApprovalRules.Self, Assert.Single(refused.Broken).Rule);
    }

    [Fact]
    public void What_was_signed_before_a_return_is_void_but_stays_in_the_history()
    {
        var request = In("second");

        Do(request, "return-first", "last");

        Assert.Null(request.Route.First().Assignees[0].ActedAt);
        Assert.Equal([ActKind.Submit, ActKind.Approve, ActKind.SendBack], request.Acts.Select(a => a.Kind));
    }

    [Fact]
    public void The_same_act_twice_is_one_act()
    {
        var request = In("circulating");
        var act = By(First, "");

        Assert.True(request.Approve(act));
        Assert.False(request.Approve(act));
        Assert.Equal(2, request.Acts.Count);
    }

    [Fact]
    public void A_stale_page_is_told_what_happened_meanwhile()
    {
        var request = In("circulating");
        var seen = new Shown(request.ContentHash, request.LastSeq);
        request.Approve(By(First, ""));

        var refused = Assert.Throws<RuleViolation>(() => request.Reject(By(Last, "だめ") with { Shown = seen }));

        Assert.Equal(409, refused.Status);
        Assert.Contains("藤原　陽向さんが承認", Assert.Single(refused.Broken).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_byte_of_an_answer_changes_the_hash_and_the_order_of_keys_does_not()
    {
        var one = CanonicalJson.Hash(new Dictionary<string, object> { ["a"] = "が", ["b"] = new Dictionary<string, string> { ["y"] = "1", ["x"] = "2" } });
        var turned = CanonicalJson.Hash(new Dictionary<string, object> { ["b"] = new Dictionary<string, string> { ["x"] = "2", ["y"] = "1" }, ["a"] = "か\u3099" });
        var other = CanonicalJson.Hash(new Dictionary<string, object> { ["a"] = "が", ["b"] = new Dictionary<string, string> { ["y"] = "1", ["x"] = "3" } });

        Assert.Equal(one, turned);
        Assert.NotEqual(one, other);
    }

    /// <summary>A request about nothing, by 佐藤 for 鈴木, first 藤原 approves, then 土井 decides.</summary>
    internal static ApprovalRequest In(string state)
    {
        var form = new Form(FormId.New(), "test", "試験", "試験", "");
        var version = form.Publish(new FormDefinition("試", [new("body", FieldKind.Text, "内容")], []), "", Now);
        var request = new ApprovalRequest(ApprovalRequestId.New(), form, version, Applicant, Other);
        request.Write("件名", new Dictionary<string, string> { ["body"] = "内容" });
        if (state == "draft") return request;
        Do(request, "submit", "applicant");
        if (state == "circulating") return request;
        if (state == "returned") Do(request, "return", "first");
        else if (state == "rejected") Do(request, "reject", "first");
        else if (state == "withdrawn") Do(request, "retract", "applicant");
        else Do(request, "approve", "first");
        if (state == "asked") Do(request, "retract", "applicant");
        if (state == "decided") Do(request, "approve", "last");
        return request;
    }

    internal static void Do(ApprovalRequest request, string act, string who)
    {
        var waiting = request.Current?.Assignees[0].StaffId ?? First.Id;
        var by = who switch
        {
            "applicant" => By(Applicant, "理由"),
            "other" => By(Other, "理由"),
            "first" => By(First, "理由"),
            "last" => By(Last, "理由"),
            "right" => By(Deputy, "理由", new Deputyship(waiting, Capacity.DecidesForHead, true)),
            "right-present" => By(Deputy, "理由", new Deputyship(waiting, Capacity.DecidesForHead, false)),
            "cover" => By(Deputy, "理由", new Deputyship(waiting, Capacity.Covers, true)),
            "cover-present" => By(Deputy, "理由", new Deputyship(waiting, Capacity.Covers, false)),
            _ => By(Stranger, "理由"),
        };
        if (act.EndsWith("-silent", StringComparison.Ordinal)) by = by with { Reason = "" };
        switch (act)
        {
            case "submit":
                request.Submit(by, "件名", request.Values, [new PlannedStep("所属長", [First]), new PlannedStep("副町長", [Last])], null, new RegisterEntry("R8-試-0001", new(2026)));
                break;
            case "approve" or "approve-silent": request.Approve(by); break;
            case "return": request.SendBack(by, 0); break;
            case "return-first": request.SendBack(by, 1); break;
            case "return-ahead": request.SendBack(by, 2); break;
            case "reject" or "reject-silent": request.Reject(by); break;
            case "withdraw": request.Withdraw(by); break;
            case "retract": request.Retract(by); break;
            case "accept": request.AcceptRetract(by); break;
            case "close": request.CloseBySubject("予約の取消し", Now); break;
            default: throw new ArgumentOutOfRangeException(nameof(act));
        }
    }

    private static Acting By(Signatory who, string reason, params Deputyship[] deputyships) => new(Guid.NewGuid(), who, Now, reason, null, deputyships);

    private static Signatory Person(string name) => new(StaffId.New(), name, "総務課", "職", null);
}
