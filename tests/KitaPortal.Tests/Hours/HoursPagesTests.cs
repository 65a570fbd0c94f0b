using System.Net;
using System.Text;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using KitaPortal.Tests.People.Import;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Hours.HoursTown;

namespace KitaPortal.Tests.Hours;

/// <summary>Every button of the pages of closes, counting policies and own hours does what it says; what cannot be read is refused with its rule.</summary>
public sealed class HoursPagesTests
{
    private static readonly FiscalYear R8 = new(2026);

    [Fact]
    public async Task A_month_is_closed_by_its_button_once_it_was_checked_after_its_end_or_with_a_reason()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-06-01T09:00"));
        var hr = await portal.As(portal.Town.Hr);

        var tooSoon = await hr.Submit("/hours/closes", new { year = 2026, month = 4 }, "/hours/closes?handler=Close&fy=2026");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, tooSoon.Status);
        Assert.Contains("令和8年度 4月が終わってからの照合がまだありません。", tooSoon.Words, StringComparison.Ordinal);
        Assert.Contains("時-103", tooSoon.Words, StringComparison.Ordinal);
        var reasoned = await hr.Submit("/hours/closes", new { year = 2026, month = 4, note = "照合は明日行うため先に締める" }, "/hours/closes?handler=Close&fy=2026");
        Assert.Contains("令和8年度 4月を締めました", reasoned.Words, StringComparison.Ordinal);
        await hr.Submit("/hours/checks", null, "/hours/checks?handler=Run");
        var plain = await hr.Submit("/hours/closes", new { year = 2026, month = 5 }, "/hours/closes?handler=Close&fy=2026");

        Assert.Contains("令和8年度 5月を締めました", plain.Words, StringComparison.Ordinal);
        Assert.Equal(2, await portal.ReadAsync(db => db.MonthCloses.CountAsync(m => m.ClosedAt != null)));
    }

    [Fact]
    public async Task An_adjustment_is_registered_confirmed_and_another_one_withdrawn_by_their_buttons()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-05-11T09:00"));
        var hr = await portal.As(portal.Town.Hr);
        var security = await portal.As(portal.Town.Security);

        var empty = await ProposeAsync(hr, "", "");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.Status);
        Assert.Contains("所属を選んでください。", empty.Words, StringComparison.Ordinal);
        foreach (var hours in new[] { "10.5", "−2" }) Assert.Contains("手動修正を登録しました", (await ProposeAsync(hr, portal.Town.GeneralAffairs.ToString(), hours)).Words, StringComparison.Ordinal);
        var ids = await portal.ReadAsync(db => db.ManualAdjustments.OrderByDescending(a => a.Minutes).Select(a => a.Id).ToListAsync());
        var own = await hr.Submit("/hours/closes", new { id = ids[0] }, "/hours/closes?handler=Confirm&fy=2026");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, own.Status);
        var confirmed = await security.Submit("/hours/closes", new { id = ids[0] }, "/hours/closes?handler=Confirm&fy=2026");
        var withdrawn = await hr.Submit("/hours/closes", new { id = ids[1] }, "/hours/closes?handler=Withdraw&fy=2026");

        Assert.Contains("台帳に計上しました", confirmed.Words, StringComparison.Ordinal);
        Assert.Contains("手動修正を取り下げました", withdrawn.Words, StringComparison.Ordinal);
        Assert.Equal([AdjustmentState.Confirmed, AdjustmentState.Withdrawn], await portal.ReadAsync(db => db.ManualAdjustments.OrderByDescending(a => a.Minutes).Select(a => a.State).ToListAsync()));
        Assert.Equal(630, await portal.ReadAsync(db => db.LedgerEntries.Where(e => e.Kind == EntryKind.Manual).SumAsync(e => e.Minutes)));
    }

    [Fact]
    public async Task With_two_people_of_hr_the_security_manager_neither_confirms_nor_withdraws_until_one_has_left()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-05-11T09:00"));
        var hr = await portal.As(portal.Town.Hr);
        var security = await portal.As(portal.Town.Security);
        await ProposeAsync(hr, portal.Town.GeneralAffairs.ToString(), "3");
        var id = await portal.ReadAsync(db => db.ManualAdjustments.Select(a => a.Id).SingleAsync());
        await portal.WriteAsync(db => { db.Add(new RoleGrant(Role.Hr, portal.Town.Suzuki, null, null, new DateOnly(2026, 4, 1), null, "二人目", null)); return Task.CompletedTask; });

        foreach (var handler in new[] { "Confirm", "Withdraw" })
            Assert.Equal(HttpStatusCode.NotFound, (await security.Submit("/hours/closes", new { id }, $"/hours/closes?handler={handler}&fy=2026")).Status);
        await portal.WriteAsync(async db => await db.Staff.Where(s => s.Id == portal.Town.Suzuki).ExecuteUpdateAsync(s => s.SetProperty(x => x.EmployedTo, new DateOnly(2026, 5, 1))));

        Assert.Contains("台帳に計上しました", (await security.Submit("/hours/closes", new { id }, "/hours/closes?handler=Confirm&fy=2026")).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_counting_policy_is_tried_proposed_confirmed_and_another_one_withdrawn_by_their_buttons()
    {
        await using var portal = await PortalHost.StartAsync();
        var hr = await portal.As(portal.Town.Hr);
        var security = await portal.As(portal.Town.Security);
        Dictionary<string, string> form = new()
        {
            ["Form.From"] = "2026-05-01",
            ["Form.Classes"] = "laptop",
            ["Form.Distributed"] = "HomeWork",
            ["Form.Span"] = "09:00-17:00",
            ["Form.Breaks"] = "12:00-13:00",
            ["Form.CountOutside"] = "Never",
            ["Form.UsedWithoutSession"] = "Countable",
            ["Form.KgiMeasure"] = "Booked",
            ["Form.Note"] = "時差勤務の見直し",
            ["Form.TryFrom"] = "2026-04-01",
            ["Form.TryTo"] = "2026-04-06",
        };

        Assert.Contains("試算は何も書き込みません", (await hr.Submit("/hours/policies", form, "/hours/policies?handler=Try")).Words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await hr.Submit("/hours/policies", new Dictionary<string, string>(form) { ["Form.Note"] = "" }, "/hours/policies?handler=Propose")).Status);
        Assert.Contains("v2を案として登録しました", (await hr.Submit("/hours/policies", form, "/hours/policies?handler=Propose")).Words, StringComparison.Ordinal);
        Assert.Contains("v3を案として登録しました", (await hr.Submit("/hours/policies", form, "/hours/policies?handler=Propose")).Words, StringComparison.Ordinal);
        Assert.Contains("v2を適用しました", (await security.Submit("/hours/policies", new { number = 2 }, "/hours/policies?handler=Confirm")).Words, StringComparison.Ordinal);
        Assert.Contains("v3の案を取り下げました", (await hr.Submit("/hours/policies", new { number = 3 }, "/hours/policies?handler=Withdraw")).Words, StringComparison.Ordinal);

        Assert.Equal([PolicyState.InForce, PolicyState.InForce, PolicyState.Withdrawn], await portal.ReadAsync(db => db.CountingPolicies.OrderBy(p => p.Number).Select(p => p.State).ToListAsync()));
    }

    [Fact]
    public async Task Own_use_is_entered_and_taken_back_by_its_buttons()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        var booking = await LendAsync(portal, town);
        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T17:15"));
        var sato = await portal.As(portal.Town.Sato);

        var told = await sato.Submit("/hours/mine", new Dictionary<string, string> { ["Form.Id"] = Guid.CreateVersion7().ToString(), ["Form.Line"] = booking.Lines[0].Id.ToString(), ["Form.Day"] = "2026-04-07", ["Form.From"] = "09:00", ["Form.To"] = "10:00" }, "/hours/mine?handler=Use");
        var entry = await portal.ReadAsync(db => db.UseSessions.Select(s => s.Id).SingleAsync());
        var taken = await sato.Submit("/hours/mine", new { entry }, "/hours/mine?handler=Withdraw");

        Assert.Contains("利用時間を登録しました", told.Words, StringComparison.Ordinal);
        Assert.Contains("利用の記録を取り消しました", taken.Words, StringComparison.Ordinal);
        Assert.True(await portal.ReadAsync(db => db.UseSessions.Select(s => s.IsWithdrawn).SingleAsync()));
    }

    [Fact]
    public async Task An_extension_nobody_decided_stands_on_the_checklist()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-05-27T09:00"));
        var town = await BookingTown.SeedAsync(portal);
        var booking = await LendAsync(portal, town, "2026-05-27T09:00", "2026-05-29T17:15");
        await portal.WriteAsync(db => db.BookingLines.Where(l => l.Id == booking.Lines[0].Id).ExecuteUpdateAsync(s => s.SetProperty(l => l.PendingTo, BookingTown.At("2026-06-02T17:15").ToUniversalTime())));
        portal.Clock.SetUtcNow(BookingTown.At("2026-06-01T09:00"));

        var (april, may) = await portal.InScopeAsync(async s => (await s.GetRequiredService<MonthClosing>().ChecklistAsync(R8, 4, CancellationToken.None), await s.GetRequiredService<MonthClosing>().ChecklistAsync(R8, 5, CancellationToken.None)));

        Assert.Equal((0, 0, 1, 1), (april.LoansOut, april.UndecidedExtensions, may.LoansOut, may.UndecidedExtensions));
        await ClosingTests.CloseAsync(portal, 4);    // the page shows the next month to close
        Assert.Contains("未決の延長 1件", (await (await portal.As(portal.Town.Hr)).Get("/hours/closes?fy=2026")).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Years_and_months_that_cannot_be_read_are_refused_with_their_rule()
    {
        await using var portal = await PortalHost.StartAsync();
        var hr = await portal.As(portal.Town.Hr);

        foreach (var path in new[] { "kgi", "burn-up", "mine", "matrix", "ledger", "export", "closes" })
            foreach (var fy in new[] { "昨年", "1999", "R10" })
            {
                var refused = await hr.Get($"/api/v1/hours/{path}?fy={fy}");
                Assert.Equal((path, HttpStatusCode.UnprocessableEntity), (path, refused.Status));
                Assert.Contains("時-108", refused.Text, StringComparison.Ordinal);
            }
        Assert.Contains("時-108", (await hr.PostJson("/api/v1/hours/closes", new { fy = "R99", month = 4 })).Text, StringComparison.Ordinal);
        foreach (var month in new[] { 0, 14, -1 })
        {
            var close = await hr.PostJson("/api/v1/hours/closes", new { fy = "R8", month });
            var adjust = await hr.PostJson("/api/v1/hours/adjustments", new { id = Guid.CreateVersion7(), departmentId = portal.Town.GeneralAffairs.Value, fy = "R8", month, measure = "Booked", minutes = 60, reason = "停電中の紙の管理簿 7件分" });
            Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (close.Status, adjust.Status));
            Assert.Contains("時-109", close.Text, StringComparison.Ordinal);
            Assert.Contains("時-109", adjust.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_evidence_of_an_adjustment_by_api_is_a_file_the_caller_handed_in()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-05-11T09:00"));
        var hr = await portal.As(portal.Town.Hr);
        var file = await portal.WriteAsync(db =>
        {
            var kept = new StoredFile(new string('b', 64), 3, "application/pdf", portal.Clock.GetUtcNow());
            db.Add(kept);
            db.Add(new FileLink(new TakenFile(kept.Id, "他人の資料.pdf"), "notes", "1", portal.Town.Suzuki, portal.Clock.GetUtcNow()));
            return Task.FromResult(kept.Id);
        });

        var anothers = await AdjustAsync();
        Assert.Contains("根拠の資料がありません", anothers.Text, StringComparison.Ordinal);
        await portal.WriteAsync(db => { db.Add(new FileLink(new TakenFile(file, "管理簿.pdf"), "notes", "2", portal.Town.Hr, portal.Clock.GetUtcNow())); return Task.CompletedTask; });

        Assert.Equal(HttpStatusCode.OK, (await AdjustAsync()).Status);

        Task<Answer> AdjustAsync() => hr.PostJson("/api/v1/hours/adjustments", new { id = Guid.CreateVersion7(), departmentId = portal.Town.GeneralAffairs.Value, fy = "R8", month = 4, measure = "Booked", minutes = 60, reason = "停電中の紙の管理簿 7件分", evidenceFileId = file });
    }

    [Fact]
    public async Task One_file_does_not_bring_the_same_hours_as_a_year_and_as_months_or_as_a_town_and_as_its_places()
    {
        await using var portal = await PortalHost.StartAsync();
        var file = Encoding.UTF8.GetBytes(string.Join("\r\n", "年度,月,庁舎,所属,時間,根拠",
            "R6,,,,6900,決算資料", "R6,4,,,500,月報", "R7,4,,,300,月報", "R7,4,芸北支所,,120,支所の集計", "R7,5,芸北支所,,100,支所の集計", "R7,5,,芸北支所,40,支所の集計", "R7,5,,総務課,50,月報", "R7,6,,,0,月報", "R7,6,本庁,,10,月報") + "\r\n");

        var (run, rows) = await portal.Preview("past-hours", file);

        Assert.Equal([3, 5, 7], rows.Lines(ImportLevel.Error, "行目と時間が重なります"));
        Assert.Equal(3, run.Counts.Errors);
    }

    private static async Task<Answer> ProposeAsync(PortalClient client, string department, string hours)
    {
        return await client.PostParts("/hours/closes?handler=Propose&fy=2026", await client.Token("/hours/closes"),
            [new("Form.Id", Guid.CreateVersion7().ToString()), new("Form.Department", department), new("Form.Month", "4"), new("Form.Measure", "Booked"), new("Form.Hours", hours), new("Form.Reason", "4月10日の停電中の紙の管理簿")],
            ("Form.Evidence", "paper.pdf", "%PDF-1.7 x"u8.ToArray()));
    }
}
