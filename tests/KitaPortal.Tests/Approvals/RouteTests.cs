using KitaPortal.Features.Approvals;
using KitaPortal.Features.People;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Approvals;

/// <summary>Routes come from the organisation, and nobody decides for himself.</summary>
public sealed class RouteTests
{
    [Fact]
    public async Task A_request_goes_to_the_head_of_the_applicant_and_gets_the_next_number_of_its_fiscal_year()
    {
        await using var portal = await PortalHost.StartAsync();

        var first = await portal.Request(await portal.Ask(portal.Town.Sato));
        var second = await portal.Request(await portal.Ask(portal.Town.Tanaka));

        Assert.Equal((RequestState.Circulating, "R8-持出-0001", 2026), (first.State, first.Number, first.FiscalYear!.Value));
        Assert.Equal("R8-持出-0002", second.Number);
        Assert.Equal("課長 藤原　陽向", Assert.Single(first.Steps).Who);
        Assert.Equal(portal.Town.GeihokuHead, Assert.Single(second.Steps).Assignees[0].StaffId);
        Assert.Equal(first.HashNow(), first.ContentHash);
    }

    [Fact]
    public async Task The_head_decides_and_the_register_says_who_and_until_when_it_is_kept()
    {
        await using var portal = await PortalHost.StartAsync();
        var id = await portal.Ask(portal.Town.Sato);

        await portal.Act(id, portal.Town.GeneralHead, (r, by) => r.Approve(by));

        var request = await portal.Request(id);
        Assert.Equal((RequestState.Decided, "藤原　陽向", 2), (request.State, request.DecidedByName, request.SheetsSaved));
        Assert.Equal(new DateOnly(2032, 3, 31), request.RetentionUntil);
        Assert.Equal([ActKind.Submit, ActKind.Approve], request.Acts.OrderBy(a => a.Seq).Select(a => a.Kind));
    }

    [Fact]
    public async Task A_head_who_applies_is_decided_by_the_next_head_above()
    {
        await using var portal = await PortalHost.StartAsync();

        var request = await portal.Request(await portal.Ask(portal.Town.GeneralHead));

        Assert.Equal(portal.Town.DeputyMayor, Assert.Single(request.Steps).Assignees[0].StaffId);
    }

    [Fact]
    public async Task The_person_asked_for_is_never_given_the_step()
    {
        await using var portal = await PortalHost.StartAsync();

        var request = await portal.Request(await portal.Ask(portal.Town.Sato, onBehalfOf: portal.Town.GeneralHead));

        Assert.Equal(portal.Town.DeputyMayor, Assert.Single(request.Steps).Assignees[0].StaffId);
    }

    [Fact]
    public async Task An_applicant_who_holds_the_role_of_an_earlier_step_is_left_out_there_with_a_note()
    {
        await using var portal = await PortalHost.StartAsync();

        var request = await portal.Request(await portal.Ask(portal.Town.Security, conditions: [RouteCondition.SecurityManager, RouteCondition.Head]));

        Assert.Equal([StepState.Omitted, StepState.Current], request.Route.Select(s => s.State));
        Assert.Equal("申請者本人のため省略", request.Route.First().Note);
    }

    [Fact]
    public async Task An_applicant_who_would_decide_by_role_is_decided_by_the_head_above()
    {
        await using var portal = await PortalHost.StartAsync();

        var request = await portal.Request(await portal.Ask(portal.Town.Security, conditions: [RouteCondition.Head, RouteCondition.SecurityManager]));

        Assert.Equal([StepState.Omitted, StepState.Current], request.Route.Select(s => s.State));
        Assert.Equal(portal.Town.PlanningHead, Assert.Single(request.Route.Last().Assignees).StaffId);
    }

    [Fact]
    public async Task One_person_in_two_steps_acts_once_at_the_higher_one()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(async db =>
        {
            foreach (var grant in await db.RoleGrants.Where(g => g.Role == Features.People.Roles.Role.SecurityManager).ToListAsync()) grant.End(new DateOnly(2026, 4, 1), "交代");
            db.Add(new Features.People.Roles.RoleGrant(Features.People.Roles.Role.SecurityManager, portal.Town.GeneralHead, null, null, new DateOnly(2026, 4, 1), null, "交代", null));
        });

        var request = await portal.Request(await portal.Ask(portal.Town.Sato, conditions: [RouteCondition.Head, RouteCondition.SecurityManager]));

        Assert.Equal([StepState.Omitted, StepState.Current], request.Route.Select(s => s.State));
        Assert.Equal(StepKind.Decide, request.Route.Last().Kind);
    }

    [Fact]
    public async Task A_step_without_anybody_refuses_the_request_says_what_is_missing_and_takes_no_number()
    {
        await using var portal = await PortalHost.StartAsync();

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => portal.Ask(portal.Town.Sato, conditions: [RouteCondition.Head, RouteCondition.LendingManager]));

        var broken = Assert.Single(refused.Broken);
        Assert.Equal(("決-4", "「貸出管理者」の承認者が決まりません。"), (broken.Rule.Number, broken.Message));
        Assert.Contains("システム管理者", broken.Remedy, StringComparison.Ordinal);
        Assert.Equal("R8-持出-0001", (await portal.Request(await portal.Ask(portal.Town.Sato))).Number);
    }

    [Fact]
    public async Task The_highest_head_cannot_be_decided_by_anybody()
    {
        await using var portal = await PortalHost.StartAsync();

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => portal.Ask(portal.Town.DeputyMayor));

        Assert.Equal(ApprovalRules.NoApprover, Assert.Single(refused.Broken).Rule);
    }

    [Fact]
    public async Task The_same_id_handed_in_twice_is_one_request_with_one_number()
    {
        await using var portal = await PortalHost.StartAsync();
        var id = ApprovalRequestId.New();

        var about = Guid.NewGuid().ToString();
        var asked = new RequestBySubject(id, TakeOutForm.Code, portal.Town.Sato, null, "持出し", Requests.TakeOutAnswers, "booking", about, [RouteCondition.Head], null);
        for (var i = 0; i < 2; i++)
            await portal.InScopeAsync(s => ((Data.PortalDb)s.GetService(typeof(Data.PortalDb))!).WriteAsync(() => ((ApprovalDesk)s.GetService(typeof(ApprovalDesk))!).SubmitAsync(asked, CancellationToken.None), CancellationToken.None));

        Assert.Single((await portal.Request(id)).Acts);
        Assert.Equal("R8-持出-0002", (await portal.Request(await portal.Ask(portal.Town.Suzuki))).Number);
    }

    [Fact]
    public async Task An_answer_the_form_does_not_know_and_a_missing_one_are_both_named()
    {
        await using var portal = await PortalHost.StartAsync();
        var answers = Requests.TakeOutAnswers;
        answers.Remove(TakeOutForm.Purpose);
        answers["colour"] = "青";
        var asked = new RequestBySubject(ApprovalRequestId.New(), TakeOutForm.Code, portal.Town.Sato, null, "持出し", answers, "booking", "1", [RouteCondition.Head], null);

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => portal.InScopeAsync(s =>
            ((Data.PortalDb)s.GetService(typeof(Data.PortalDb))!).WriteAsync(() => ((ApprovalDesk)s.GetService(typeof(ApprovalDesk))!).SubmitAsync(asked, CancellationToken.None), CancellationToken.None)));

        Assert.Equal([null, "Values[purpose]"], refused.Broken.Select(b => b.Field));
    }
}
