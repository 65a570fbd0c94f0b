using KitaPortal.Data;
using KitaPortal.Features.Admin.Demo;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Register;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Tests.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KitaPortal.Tests.Admin;

/// <summary>The invented town of a trial, with a shorter past than the real one.</summary>
public sealed class DemoTownTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 14, 0, 0, TimeSpan.FromHours(9));
    private static readonly DateOnly Since = new(2026, 9, 1);

    [Fact]
    public async Task The_town_is_whole_and_keeps_every_rule_of_the_house()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var app = Start(database);
        var ct = TestContext.Current.CancellationToken;

        await DemoTown.EnsureAsync(app.Services, ct, since: Since);
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        var today = new DateOnly(2026, 11, 25);

        Assert.Equal(Now, app.Services.GetRequiredService<TimeProvider>().GetUtcNow());
        Assert.True(await db.Staff.CountAsync(ct) >= 120);
        Assert.Equal(9, await db.Offices.CountAsync(ct));
        Assert.True(await db.Devices.CountAsync(ct) >= 70);
        Assert.True(await db.DeviceModels.CountAsync(ct) >= 8);
        var chart = await OrganisationChart.LoadAsync(db, today, ct);
        Assert.True(chart.Units.Count(u => u.Kind is DepartmentKind.Section or DepartmentKind.Branch && chart.HeadOf(u.Id) is not null) >= 12);
        foreach (var role in new[] { Role.Desk, Role.SecurityManager, Role.Hr, Role.Admin, Role.Auditor, Role.LendingManager })
            Assert.True(await db.RoleGrants.On(today).AnyAsync(g => g.Role == role, ct), role.ToString());
        Assert.Equal(4, await db.RoleGrants.On(today).CountAsync(g => g.Role == Role.Desk, ct));
        Assert.Equal(await db.Staff.CountAsync(ct), await db.Postings.On(today).Where(p => p.Kind == PostingKind.Main).Select(p => p.StaffId).Distinct().CountAsync(ct));

        // Something to do for every role at once.
        Assert.True(await db.ApprovalRequests.CountAsync(r => r.State == RequestState.Circulating, ct) > 0);
        Assert.True(await db.Loans.CountAsync(l => l.InAt == null, ct) > 0);
        Assert.Single(await db.BookingLines.Where(l => l.Status == LineStatus.OnLoan && l.To < Now.ToUniversalTime()).ToListAsync(ct));
        Assert.True(await db.BookingLines.CountAsync(l => l.Status == LineStatus.Approved && l.From > Now.ToUniversalTime(), ct) > 0);

        var taken = await db.Occupancies.AsNoTracking().Where(o => o.Active && o.DeviceId != null).ToListAsync(ct);
        Assert.All(taken.GroupBy(o => o.DeviceId), device => Assert.All(device.OrderBy(o => o.From).Zip(device.OrderBy(o => o.From).Skip(1)), pair => Assert.True(pair.First.To <= pair.Second.From)));
        var loans = await db.Loans.AsNoTracking().ToListAsync(ct);
        Assert.All(loans.GroupBy(l => (l.OfficeId, l.FiscalYear)), series => Assert.Equal(Enumerable.Range(1, series.Count()), series.Select(l => l.RegisterSequence).Order()));
        var register = await db.RegisterEntries.AsNoTracking().Select(e => new { e.LoanId, e.Kind }).ToListAsync(ct);
        Assert.Equal(loans.Select(l => l.Id).ToHashSet(), register.Where(e => e.Kind == RegisterEvent.Out).Select(e => e.LoanId).ToHashSet());
        Assert.Equal(loans.Where(l => l.InAt != null).Select(l => l.Id).ToHashSet(), register.Where(e => e.Kind == RegisterEvent.In).Select(e => e.LoanId).ToHashSet());
        Assert.Empty(await scope.ServiceProvider.GetRequiredService<LedgerCheck>().CompareAsync(ct));
    }

    [Fact]
    public async Task A_second_start_makes_nothing_new()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var app = Start(database);
        var ct = TestContext.Current.CancellationToken;
        var told = new List<string>();

        await DemoTown.EnsureAsync(app.Services, ct, told.Add, new DateOnly(2026, 11, 1), 0.3);
        var first = await CountAsync(app.Services);
        var lines = told.Count;
        await DemoTown.EnsureAsync(app.Services, ct, told.Add);

        Assert.True(first.Staff > 0 && first.Bookings > 0 && lines > 0);
        Assert.Equal(first, await CountAsync(app.Services));
        Assert.Equal(lines, told.Count);
    }

    private static async Task<(int Staff, int Bookings, int Audits)> CountAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        return (await db.Staff.CountAsync(), await db.Bookings.CountAsync(), await db.Set<KitaPortal.Platform.Audit.AuditEntry>().CountAsync());
    }

    private static WebApplication Start(TestDatabase database) => Portal.Build([.. database.Configuration, "--Urls=http://127.0.0.1:0"], "Test", builder =>
    {
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
        builder.Logging.ClearProviders();
        TravelClock.Put(builder.Services);
    });
}
