using KitaPortal.Features.People;
using KitaPortal.Platform.Audit;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Platform;

/// <summary>Copies kept in memory are as fresh as a read of the tables.</summary>
public sealed class StandingTests
{
    [Fact]
    public async Task A_copy_is_kept_while_nothing_changes_and_made_anew_after_any_change()
    {
        await using var portal = await PortalHost.StartAsync();
        var first = await BookAsync(portal);
        Assert.Same(first, await BookAsync(portal));

        var sato = portal.Town.Sato.Value;
        await portal.ReadAsync(db => db.Database.ExecuteSqlAsync($"UPDATE \"Staff\" SET \"FamilyName\" = '左藤' WHERE \"Id\" = {sato}"));

        Assert.StartsWith("左藤", (await BookAsync(portal)).Find(portal.Town.Sato)!.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_is_seen_inside_its_own_transaction_and_not_at_all_after_it_was_rolled_back()
    {
        await using var portal = await PortalHost.StartAsync();
        var seenInside = "";

        await Assert.ThrowsAsync<InvalidOperationException>(() => portal.WriteAsync(async db =>
        {
            (await db.Staff.SingleAsync(s => s.Id == portal.Town.Sato)).SetName("左藤", "遥", "さとう", "はるか");
            await db.SaveChangesAsync();
            seenInside = (await db.StandingAsync<OrganisationBook>(CancellationToken.None)).Find(portal.Town.Sato)!.Name;
            throw new InvalidOperationException("taken back");
        }));

        Assert.StartsWith("左藤", seenInside, StringComparison.Ordinal);
        Assert.StartsWith("佐藤", (await BookAsync(portal)).Find(portal.Town.Sato)!.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_else_changed_meanwhile_is_seen_from_the_next_save_on()
    {
        await using var portal = await PortalHost.StartAsync();

        var seen = await portal.ReadAsync(async db =>
        {
            await db.StandingAsync<OrganisationBook>(CancellationToken.None);
            await portal.WriteAsync(async other => (await other.Staff.SingleAsync(s => s.Id == portal.Town.Sato)).SetName("左藤", "遥", "さとう", "はるか"));
            db.Audit(new AuditNote("test.saved", "test", "1"));
            await db.SaveChangesAsync();
            return (await db.StandingAsync<OrganisationBook>(CancellationToken.None)).Find(portal.Town.Sato)!.Name;
        });

        Assert.StartsWith("左藤", seen, StringComparison.Ordinal);
    }

    private static Task<OrganisationBook> BookAsync(PortalHost portal) => portal.ReadAsync(db => db.StandingAsync<OrganisationBook>(CancellationToken.None));
}
