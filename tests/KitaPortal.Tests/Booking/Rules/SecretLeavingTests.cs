using KitaPortal.Features.Booking.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>貸-302: a leaving that is still a secret of the personnel office shows nowhere; once it may be known it refuses.</summary>
public sealed class SecretLeavingTests
{
    [Fact]
    public async Task Until_the_day_it_may_be_known_nothing_leaks_and_from_then_on_it_refuses()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        using var desk = await portal.As(portal.Town.Desk);
        var address = $"/booking/reserve?Form.Choice=p{town.Tablets}&Form.From=2026-04-09T09:00&Form.To=2026-04-10T12:00&Form.Purpose=OnlineMeeting&Form.DestinationKind=InBuilding&Form.InfoClass=Class2";
        var body = new { id = Guid.NewGuid(), lines = new[] { new { poolId = town.Tablets.Value, count = 1 } }, from = At("2026-04-09T09:00"), to = At("2026-04-10T12:00"), purpose = "OnlineMeeting", destination = "InBuilding", borrowerId = portal.Town.Sato.Value };
        async Task<string[]> Everything() => [(await sato.Get(address)).Words, (await sato.PostJson("/api/v1/booking/preview", body)).Text, (await desk.PostJson("/api/v1/booking/preview", body)).Text, (await sato.Get("/people/me")).Words];
        var before = await Everything();

        await portal.WriteAsync(async db => (await db.Set<KitaPortal.Features.People.StaffMember>().Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato)).Leave(new DateOnly(2026, 4, 10), new DateOnly(2026, 4, 8)));
        var secret = await Everything();
        portal.Clock.SetUtcNow(At("2026-04-08T09:00"));
        var known = await Everything();

        Assert.All(secret.Concat(before), text => Assert.DoesNotContain("貸-302", text));
        Assert.All(secret.Concat(before), text => Assert.DoesNotContain("4月9日（木）に退職", text));
        Assert.DoesNotContain("退職日", secret[3]);
        Assert.All(known.Take(3), text => Assert.Contains("貸-302", text));
        Assert.Contains("退職日", known[3]);
        Assert.Contains(PersonRules.Leaving.Text.Remedy, known[0]);
    }
}
