using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Audit;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests;

/// <summary>What every feature stands on: the town is there, pages need a session, audit rows cannot be changed.</summary>
public sealed class FoundationTests
{
    [Fact]
    public async Task The_town_is_saved_with_an_audit_row_for_every_change()
    {
        await using var portal = await PortalHost.StartAsync();

        var (staff, audited) = await portal.ReadAsync(async db => (await db.Staff.CountAsync(), await db.Set<AuditEntry>().CountAsync(e => e.Action == "staff.joined")));

        Assert.Equal(14, staff);
        Assert.Equal(staff, audited);
    }

    [Fact]
    public async Task The_database_refuses_changing_or_deleting_audit_rows()
    {
        await using var portal = await PortalHost.StartAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => portal.ReadAsync(db => db.Set<AuditEntry>().ExecuteDeleteAsync()));
        await Assert.ThrowsAnyAsync<Exception>(() => portal.ReadAsync(db => db.Set<AuditEntry>().ExecuteUpdateAsync(s => s.SetProperty(e => e.Reason, "x"))));
    }

    [Fact]
    public async Task A_stale_version_is_refused()
    {
        await using var portal = await PortalHost.StartAsync();

        var refused = await Record.ExceptionAsync(() => portal.ReadAsync(async first =>
        {
            var mine = await first.Staff.SingleAsync(s => s.Id == portal.Town.Sato);
            await portal.WriteAsync(async second => (await second.Staff.SingleAsync(s => s.Id == portal.Town.Sato)).SetContact("new@town.example.jp", null));
            mine.SetContact("old@town.example.jp", null);
            return await first.SaveChangesAsync();
        }));

        Assert.True(DatabaseErrors.IsSomeoneWasFaster(refused!));
    }
}
