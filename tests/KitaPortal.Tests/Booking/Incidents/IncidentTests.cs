using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Incidents;
using KitaPortal.Features.Notifications;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Booking.Register;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Incidents;

/// <summary>A lost device: one sentence is enough, everybody who must know knows at once, clocks run, and only the security manager closes it.</summary>
public sealed class IncidentTests
{
    [Fact]
    public async Task A_lost_device_is_reported_in_one_step_and_everything_that_must_happen_at_once_has_happened()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var loan = await RegisterTests.LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", device: town.TabletIds[0]));
        var next = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        await MoveToAsync(portal, next, town.TabletIds[0]);
        using var sato = await portal.As(portal.Town.Sato);

        var answer = await sato.Submit("/booking/incidents/report", new Dictionary<string, string> { ["Form.Id"] = Guid.NewGuid().ToString(), ["Form.DeviceId"] = loan.DeviceId.ToString(), ["Form.Kind"] = "Loss", ["Form.Story"] = "電車の網棚に置き忘れた" });

        Assert.Contains("届け出を受け付けました", answer.Words, StringComparison.Ordinal);
        var incident = await portal.ReadAsync(db => db.Incidents.Include(i => i.Tasks).SingleAsync());
        Assert.Equal(DeviceStatus.Missing, await portal.ReadAsync(db => db.Devices.Where(d => d.Id == loan.DeviceId).Select(d => d.Status).SingleAsync()));
        Assert.Equal(LineStatus.Lost, await portal.ReadAsync(db => db.BookingLines.Where(l => l.Id == loan.LineId).Select(l => l.Status).SingleAsync()));
        Assert.Equal(town.TabletIds[1], (await town.Line(next.Id)).DeviceId);
        var told = await portal.ReadAsync(db => db.Set<Notification>().Where(n => n.Kind == "incident.reported").ToListAsync());
        Assert.Equal(new[] { portal.Town.GeneralHead, portal.Town.Security, portal.Town.Desk }.Select(p => p.Value).Order(), told.Select(n => n.StaffId.Value).Order());
        Assert.All(told, n => Assert.Equal(Importance.Urgent, n.Importance));
        Assert.Equal([("remote-lock", 30), ("stop-line", 60), ("tell-csirt", 60), ("police", 1440), ("list-data", 1440)],
            incident.Tasks.Where(t => t.Code != "written-report").OrderBy(t => t.SortOrder).Select(t => (t.Code, (int)(t.DueAt - incident.KnownAt).TotalMinutes)));
        Assert.Equal(At("2026-04-09T17:15"), incident.Tasks.Single(t => t.Code == "written-report").DueAt);
        Assert.Equal(incident.Number, Assert.Single((await RegisterTests.RowsAsync(portal)).Single().Incidents).Number);
    }

    [Fact]
    public async Task The_same_report_sent_twice_is_one_incident_and_a_second_one_of_the_device_is_refused()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var report = new IncidentReport(Guid.NewGuid(), IncidentKind.Theft, town.TabletIds[0], "会議室から消えた");

        await Report(portal, town, report);
        await Report(portal, town, report);
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Report(portal, town, report with { Id = Guid.NewGuid() }));
        var empty = await Assert.ThrowsAsync<RuleViolation>(() => Report(portal, town, new IncidentReport(Guid.NewGuid(), IncidentKind.Loss, town.LaptopIds[0], " ")));

        Assert.Equal("貸-987", refused.Broken[0].Rule.Number);
        Assert.Equal("貸-981", empty.Broken[0].Rule.Number);
        Assert.Equal(1, await portal.ReadAsync(db => db.Incidents.CountAsync()));
    }

    [Fact]
    public async Task Each_task_is_reminded_of_once_before_and_once_after_its_time()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var incident = await Report(portal, town, new IncidentReport(Guid.NewGuid(), IncidentKind.Loss, town.TabletIds[0], "見当たらない"));
        var lockTask = incident.Tasks.Single(t => t.Code == "remote-lock").Id;
        async Task<int> Told() => await portal.ReadAsync(db => db.Set<Notification>().CountAsync(n => n.Key.StartsWith("incident.task:" + lockTask) && n.StaffId == portal.Town.Security));

        await Run(portal);
        var early = await Told();
        portal.Clock.Advance(TimeSpan.FromMinutes(20));
        await Run(portal);
        await Run(portal);
        var soon = await portal.ReadAsync(db => db.Incidents.SelectMany(i => i.Tasks).Where(t => t.Id == lockTask).Select(t => t.RemindedStep).SingleAsync());
        portal.Clock.Advance(TimeSpan.FromMinutes(15));
        await Run(portal);
        await Run(portal);

        Assert.Equal((0, 1), (early, soon));
        Assert.Equal(2, await portal.ReadAsync(db => db.Incidents.SelectMany(i => i.Tasks).Where(t => t.Id == lockTask).Select(t => t.RemindedStep).SingleAsync()));
        Assert.Equal(2, await Told());
    }

    [Fact]
    public async Task It_goes_on_step_by_step_and_only_the_security_manager_closes_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var incident = await Report(portal, town, new IncidentReport(Guid.NewGuid(), IncidentKind.Loss, town.TabletIds[0], "見当たらない"));
        using var clerk = await portal.As(portal.Town.Desk);
        using var security = await portal.As(portal.Town.Security);
        var page = $"/booking/incidents/{incident.Id}";

        var early = await clerk.Submit(page, new { }, $"{page}?handler=Contain");
        Assert.Contains("貸-983", early.Text, StringComparison.Ordinal);
        foreach (var task in incident.Tasks)
            await clerk.Submit(page, new { TaskId = task.Id, Evidence = "受理番号 123 を確認" }, $"{page}?handler={(task.Code == "police" ? "Skip" : "Do")}");
        await clerk.Submit(page, new { }, $"{page}?handler=Contain");
        await clerk.Submit(page, new { }, $"{page}?handler=File");
        var notYours = await clerk.Submit(page, new { Outcome = "机の引き出しを毎日確かめる" }, $"{page}?handler=Close");
        var closed = await security.Submit(page, new { Outcome = "机の引き出しを毎日確かめる" }, $"{page}?handler=Close");
        var audit = await security.Http.GetStringAsync($"{page}?handler=Audit", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, notYours.Status);
        Assert.Contains("終結しました", closed.Words, StringComparison.Ordinal);
        Assert.Contains("物品事故報告書", closed.Text, StringComparison.Ordinal);
        Assert.Equal(IncidentState.Closed, await portal.ReadAsync(db => db.Incidents.Select(i => i.State).SingleAsync()));
        foreach (var action in new[] { "incident.reported", "incident.task-done", "incident.task-skipped", "incident.contained", "incident.filed", "incident.closed", "device.status" }) Assert.Contains(action, audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Harm_past_a_threshold_adds_the_reports_to_the_commission()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var incident = await Report(portal, town, new IncidentReport(Guid.NewGuid(), IncidentKind.Leak, town.TabletIds[0], "別の人に画面を見られた"));
        async Task<string[]> Codes() => await portal.ReadAsync(db => db.Incidents.SelectMany(i => i.Tasks).Select(t => t.Code).ToArrayAsync());

        await Desk(portal, d => d.MeasureAsync(incident.Id, new IncidentExtent(100, false, false, false), default));
        var few = await Codes();
        await Desk(portal, d => d.MeasureAsync(incident.Id, new IncidentExtent(101, false, false, false), default));

        Assert.DoesNotContain("prompt-report", few);
        Assert.True(new IncidentExtent(null, true, false, false).MustBeReported(hasPersonalData: false, 100));
        Assert.True(new IncidentExtent(null, false, false, true).MustBeReported(hasPersonalData: true, 100));
        Assert.False(new IncidentExtent(null, false, false, true).MustBeReported(hasPersonalData: false, 100));
        Assert.Superset(new HashSet<string> { "prompt-report", "full-report" }, (await Codes()).ToHashSet());
    }

    [Fact]
    public async Task A_found_device_ends_its_loan_and_waits_in_maintenance()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var loan = await RegisterTests.LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        var incident = await Report(portal, town, new IncidentReport(Guid.NewGuid(), IncidentKind.Loss, loan.DeviceId, "置き忘れた"));
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => RegisterTests.ReturnAsync(portal, town, loan));

        await portal.InScopeAsync(async s => { await s.GetRequiredService<IncidentDesk>().FindAsync(incident.Id, portal.Town.MainOffice, await town.AskerAsync(portal.Town.Desk), "駅の忘れ物窓口", default); return true; });

        Assert.Equal("貸-955", refused.Broken[0].Rule.Number);
        var device = await portal.ReadAsync(db => db.Devices.SingleAsync(d => d.Id == loan.DeviceId));
        Assert.Equal((DeviceStatus.Maintenance, true), (device.Status, device.AwaitsInspection));
        Assert.NotNull((await portal.ReadAsync(db => db.Loans.SingleAsync())).InAt);
        Assert.Equal(LineStatus.Returned, await portal.ReadAsync(db => db.BookingLines.Select(l => l.Status).SingleAsync()));
        using var clerk = await portal.As(portal.Town.Desk);
        await clerk.Submit("/booking/desk/01/inspect", new { DeviceId = loan.DeviceId, IsFit = "true" });
        Assert.Equal(DeviceStatus.InService, await portal.ReadAsync(db => db.Devices.Where(d => d.Id == loan.DeviceId).Select(d => d.Status).SingleAsync()));
    }

    [Fact]
    public async Task A_device_that_turns_up_after_its_incident_was_closed_is_still_taken_in()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var loan = await RegisterTests.LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        var incident = await Report(portal, town, new IncidentReport(Guid.NewGuid(), IncidentKind.Loss, loan.DeviceId, "置き忘れた"));
        foreach (var task in incident.Tasks) await Desk(portal, d => d.DoAsync(incident.Id, task.Id, portal.Town.Security, null, default));
        await Desk(portal, d => d.ContainAsync(incident.Id, default));
        await Desk(portal, d => d.FileAsync(incident.Id, default));
        await Desk(portal, async d => await d.CloseAsync(incident.Id, await town.AskerAsync(portal.Town.Security), "持ち運びの手順を見直した。", default));
        using var clerk = await portal.As(portal.Town.Desk);
        using var sato = await portal.As(portal.Town.Sato);
        var page = $"/booking/incidents/{incident.Id}";

        var notYours = await sato.Submit("/booking/mine", new { FoundNote = "家にあった" }, $"{page}?handler=Found");
        var found = await clerk.Submit(page, new { FoundNote = "駅から届いた" }, $"{page}?handler=Found");

        Assert.Equal(HttpStatusCode.NotFound, notYours.Status);
        Assert.Contains("発見を記録しました", found.Words, StringComparison.Ordinal);
        Assert.NotNull((await portal.ReadAsync(db => db.Loans.SingleAsync())).InAt);
    }

    [Fact]
    public async Task Who_reported_it_records_what_was_done_but_does_not_waive_anything_and_no_task_is_no_page()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var incident = await Report(portal, town, new IncidentReport(Guid.NewGuid(), IncidentKind.Loss, town.TabletIds[0], "見当たらない"), portal.Town.Suzuki);
        using var suzuki = await portal.As(portal.Town.Suzuki);
        using var security = await portal.As(portal.Town.Security);
        var page = $"/booking/incidents/{incident.Id}";
        var police = incident.Tasks.Single(t => t.Code == "police").Id;

        var waived = await suzuki.Submit(page, new { TaskId = police, Evidence = "要らないと思います" }, $"{page}?handler=Skip");
        var measured = await suzuki.Submit(page, new { Persons = 1 }, $"{page}?handler=Measure");
        var done = await suzuki.Submit(page, new { TaskId = police, Evidence = "受理番号 123" }, $"{page}?handler=Do");
        var nothing = await security.Submit(page, new { TaskId = Guid.NewGuid(), Evidence = "受理番号 123" }, $"{page}?handler=Do");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound), (waived.Status, measured.Status, nothing.Status));
        Assert.Contains("対応済みにしました", done.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_holds_the_role_by_the_department_is_told_too()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await portal.WriteAsync(db =>
        {
            db.AddRange(new RoleGrant(Role.Desk, null, portal.Town.GeneralAffairs, portal.Town.MainOffice.Value, new DateOnly(2026, 4, 1), null, "窓口は総務課", null),
                new RoleGrant(Role.SecurityManager, null, portal.Town.GeihokuBranch, null, new DateOnly(2026, 4, 1), null, "情報担当", null));
            return Task.CompletedTask;
        });

        await Report(portal, town, new IncidentReport(Guid.NewGuid(), IncidentKind.Loss, town.TabletIds[0], "見当たらない"));

        var told = await portal.ReadAsync(db => db.Set<Notification>().Where(n => n.Kind == "incident.reported").Select(n => n.StaffId).ToListAsync());
        Assert.Superset(new HashSet<StaffId> { portal.Town.Sato, portal.Town.GeihokuDesk, portal.Town.Security }, told.ToHashSet());
    }

    [Fact]
    public async Task Whoever_finds_a_device_tells_its_desk_from_its_page()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var token = await portal.ReadAsync(db => db.Devices.Where(d => d.Id == town.TabletIds[0]).Select(d => d.Token).SingleAsync());
        using var suzuki = await portal.As(portal.Town.Suzuki);

        var answer = await suzuki.Submit($"/d/{token}", new { FoundAt = "2階の給湯室" }, $"/d/{token}?handler=Found");

        Assert.Contains("本庁の貸出窓口に知らせました", answer.Words, StringComparison.Ordinal);
        var told = await portal.ReadAsync(db => db.Set<Notification>().SingleAsync(n => n.Kind == "device.found"));
        Assert.Equal(portal.Town.Desk, told.StaffId);
    }

    private static Task<Incident> Report(PortalHost portal, BookingTown town, IncidentReport report, StaffId? by = null)
        => portal.InScopeAsync(async s => await s.GetRequiredService<IncidentDesk>().ReportAsync(report, await town.AskerAsync(by ?? portal.Town.Desk), default));

    private static Task<bool> Desk(PortalHost portal, Func<IncidentDesk, Task> act) => portal.InScopeAsync(async s => { await act(s.GetRequiredService<IncidentDesk>()); return true; });

    private static Task<string?> Run(PortalHost portal) => portal.InScopeAsync(async s => await s.GetRequiredService<IncidentClockJob>().RunAsync(portal.Clock.GetUtcNow(), default));

    private static Task MoveToAsync(PortalHost portal, Features.Booking.Booking booking, DeviceId device) => portal.WriteAsync(async db =>
    {
        var line = booking.Lines[0].Id;
        var occupancy = await db.Occupancies.SingleAsync(o => o.SourceId == line.Value);
        occupancy.MoveTo(device);
        (await db.Bookings.Include(b => b.Lines).SingleAsync(b => b.Id == booking.Id)).Swap(line, device);
    });
}
