using System.Net;
using System.Text.RegularExpressions;
using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.Approvals;

/// <summary>Two people at the same moment: one act, and the other one is told.</summary>
public sealed class RaceTests
{
    private const int Rounds = 8;

    [Fact]
    public async Task Two_deciders_make_one_act_and_one_conflict()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(db =>
        {
            db.Add(new RoleGrant(Role.SecurityManager, portal.Town.Hr, null, null, new DateOnly(2026, 4, 1), null, "二人目", null));
            return Task.CompletedTask;
        });
        using var one = await portal.As(portal.Town.Security);
        using var two = await portal.As(portal.Town.Hr);

        for (var round = 0; round < Rounds; round++)
        {
            var id = await portal.Ask(portal.Town.Sato, conditions: [RouteCondition.SecurityManager]);
            var (first, second) = (await ApprovalForm.Open(one, id), await ApprovalForm.Open(two, id));

            var answers = await Task.WhenAll(first.Send("Approve"), second.Send("Approve"));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(a => a.Status).Order());
            Assert.Equal(2, (await portal.Request(id)).Acts.Count);
        }
    }

    [Fact]
    public async Task Withdrawing_and_approving_at_once_ends_in_exactly_one_of_the_two()
    {
        await using var portal = await PortalHost.StartAsync();
        using var applicant = await portal.As(portal.Town.Sato);
        using var head = await portal.As(portal.Town.GeneralHead);

        for (var round = 0; round < Rounds; round++)
        {
            var id = await portal.Ask(portal.Town.Sato);
            var (mine, theirs) = (await ApprovalForm.Open(applicant, id), await ApprovalForm.Open(head, id));

            var answers = await Task.WhenAll(mine.Send("Withdraw"), theirs.Send("Approve"));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(a => a.Status).Order());
            var request = await portal.Request(id);
            Assert.Equal(answers[0].Status == HttpStatusCode.OK ? RequestState.Draft : RequestState.Decided, request.State);
            Assert.Equal(2, request.Acts.Count);
        }
    }

    [Fact]
    public async Task Deciding_and_closing_by_the_subject_ends_in_exactly_one_of_the_two()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);

        for (var round = 0; round < Rounds; round++)
        {
            var id = await portal.Ask(portal.Town.Sato);
            var form = await ApprovalForm.Open(head, id);

            var close = portal.InScopeAsync(async s =>
            {
                await s.GetRequiredService<PortalDb>().WriteAsync(() => s.GetRequiredService<ApprovalDesk>().CloseBySubjectAsync(id, "予約の取消し", CancellationToken.None), CancellationToken.None);
                return true;
            });
            var answer = await form.Send("Approve");
            await close;

            Assert.Equal(2, (await portal.Request(id)).Acts.Count);
            Assert.Equal(answer.Status == HttpStatusCode.OK ? RequestState.Decided : RequestState.Withdrawn, (await portal.Request(id)).State);
        }
    }

    [Fact]
    public async Task The_same_act_sent_twice_at_once_is_one_row_and_both_succeed()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);

        for (var round = 0; round < Rounds; round++)
        {
            var id = await portal.Ask(portal.Town.Sato);
            var form = await ApprovalForm.Open(head, id);

            var answers = await Task.WhenAll(form.Send("Approve"), form.Send("Approve"));

            Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
            Assert.Equal(2, (await portal.Request(id)).Acts.Count);
        }
    }

    [Fact]
    public async Task Fifty_submissions_over_the_change_of_year_leave_no_gap_in_either_register()
    {
        await using var portal = await PortalHost.StartAsync(new DateTimeOffset(2027, 3, 31, 23, 59, 59, TimeSpan.FromHours(9)));

        // Every fifth is refused after it has asked for everything: its number must not be missing.
        var asked = Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            if (i == 25) portal.Clock.Advance(TimeSpan.FromSeconds(2));
            try { await portal.Ask(i % 2 == 0 ? portal.Town.Sato : portal.Town.Tanaka, title: i % 5 == 4 ? "" : $"持出し {i}"); }
            catch (RuleViolation) when (i % 5 == 4) { }
        }));
        await Task.WhenAll(asked);

        var given = await portal.ReadAsync(db => db.ApprovalRequests.Select(r => new { r.FiscalYear, r.Number, r.SubmittedAt }).ToListAsync());
        Assert.Equal(40, given.Count);
        foreach (var year in given.GroupBy(g => g.FiscalYear!.Value))
            Assert.Equal(Enumerable.Range(1, year.Count()).Select(n => $"R{year.Key - 2018}-持出-{n:0000}"), year.Select(g => g.Number).Order());
        Assert.All(given, g => Assert.Equal(KitaPortal.Platform.Japanese.FiscalYear.Of(g.SubmittedAt!.Value).Value, g.FiscalYear));
    }
}

/// <summary>The form of an act as a browser has it open: what was shown, and an id of its own.</summary>
internal sealed partial class ApprovalForm(PortalClient browser, ApprovalRequestId id, string token, string hash, string seq, Guid actId)
{
    public static async Task<ApprovalForm> Open(PortalClient browser, ApprovalRequestId id)
    {
        var page = await browser.Get($"/approvals/{id}");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        return new ApprovalForm(browser, id, Value(page.Text, "__RequestVerificationToken"), Value(page.Text, "Act.Hash"), Value(page.Text, "Act.Seq"), Guid.NewGuid());
    }

    public Task<Answer> Send(string handler, string reason = "", int? target = null, string? otherHash = null)
        => browser.Post($"/approvals/{id}?handler={handler}", token, new Dictionary<string, string>
        {
            ["Act.Id"] = actId.ToString(),
            ["Act.Hash"] = otherHash ?? hash,
            ["Act.Seq"] = seq,
            ["Act.Reason"] = reason,
            ["Act.Target"] = target?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "",
        });

    private static string Value(string html, string name)
        => Regex.Match(html, $"name=\"{Regex.Escape(name)}\"[^>]*value=\"([^\"]*)\"") is { Success: true } found ? found.Groups[1].Value : "";
}
