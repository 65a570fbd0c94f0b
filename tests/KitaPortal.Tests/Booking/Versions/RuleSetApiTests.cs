using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Booking.Versions;

/// <summary>Drafts of the lending rules as programs write them.</summary>
public sealed class RuleSetApiTests
{
    private const string RuleSets = "/api/v1/booking/rule-sets";

    [Fact]
    public async Task A_draft_is_written_once_seen_by_its_authors_and_closed_by_its_publication()
    {
        await using var portal = await PortalHost.StartAsync();
        using var admin = await portal.As(portal.Town.Admin);
        using var sato = await portal.As(portal.Town.Sato);
        var body = new { id = Guid.NewGuid(), version = (int?)null, effectiveFrom = "2026-04-20", classCode = "laptop", note = "試行", parameters = new Dictionary<string, string> { ["LongDays"] = "3" }, grades = new Dictionary<string, string> { ["booking.lead"] = "warn" } };

        var answers = new[]
        {
            await admin.PostJson(RuleSets, body),
            await admin.PostJson(RuleSets, body),
            await admin.PostJson(RuleSets, body with { note = "別" }),
            await sato.PostJson(RuleSets, body),
            await admin.SendJson(HttpMethod.Put, $"{RuleSets}/{body.id}", body with { version = 0, note = "本番" }),
            await admin.SendJson(HttpMethod.Put, $"{RuleSets}/{body.id}", body with { version = 0 }),
        };
        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(a => a.Status));
        Assert.Equal("本番", answers[5].Json.GetProperty("present").GetProperty("note").GetString());
        Assert.Equal(1, (await admin.Get(RuleSets)).Json.GetArrayLength());
        Assert.Equal(0, (await sato.Get(RuleSets)).Json.GetArrayLength());

        await portal.WriteAsync(async db => (await db.RuleSets.SingleAsync()).Publish(portal.Town.Security, portal.Clock.GetUtcNow()));
        var version = (await sato.Get(RuleSets)).Json[0].GetProperty("version").GetInt32();
        var late = await admin.SendJson(HttpMethod.Put, $"{RuleSets}/{body.id}", body with { version = version });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.Status);
        Assert.Equal("3", (await sato.Get(RuleSets)).Json[0].GetProperty("parameters").GetProperty("LongDays").GetString());
    }

    [Fact]
    public async Task What_cannot_be_read_of_a_draft_is_told_all_at_once()
    {
        await using var portal = await PortalHost.StartAsync();
        using var admin = await portal.As(portal.Town.Admin);

        var empty = await admin.PostJson(RuleSets, new { id = Guid.NewGuid() });
        var wrong = await admin.PostJson(RuleSets, new
        {
            id = Guid.NewGuid(),
            effectiveFrom = "2026-04-20",
            note = "試行",
            parameters = new Dictionary<string, string> { ["LongDays"] = "999", ["Nonsense"] = "1" },
            grades = new Dictionary<string, string> { ["booking.lead"] = "maybe", ["booking.nothing"] = "off" },
        });
        var nothing = await admin.PostJson(RuleSets, new { id = Guid.NewGuid(), effectiveFrom = "2026-04-20", note = "試行" });
        var nowhere = await admin.PostJson(RuleSets, new { id = Guid.NewGuid(), effectiveFrom = "2026-04-20", note = "試行", classCode = "nothing", officeId = Guid.NewGuid(), parameters = new Dictionary<string, string> { ["LongDays"] = "3" } });
        var numbers = await admin.PostJson(RuleSets, new { id = Guid.NewGuid(), effectiveFrom = "2026-04-20", note = "試行", grades = new Dictionary<string, string> { ["booking.lead"] = "7" }, parameters = (object?)null });
        Assert.Equal(["classCode", "officeId"], nowhere.WrongFields.Order());
        Assert.Single(numbers.WrongFields);
        var fixedRule = await admin.PostJson(RuleSets, new { id = Guid.NewGuid(), effectiveFrom = "2026-04-20", note = "試行", grades = new Dictionary<string, string> { ["booking.period"] = "off" } });

        Assert.All([empty, wrong, nothing, fixedRule], a => Assert.Equal(HttpStatusCode.UnprocessableEntity, a.Status));
        Assert.Equal(["effectiveFrom", "note"], empty.WrongFields.Order());
        Assert.Equal(4, wrong.WrongFields.Count());
        Assert.Single(nothing.WrongFields);
        Assert.Equal(["貸-906"], fixedRule.Rules);
        Assert.Equal(0, await portal.ReadAsync(db => db.RuleSets.CountAsync()));
    }
}
