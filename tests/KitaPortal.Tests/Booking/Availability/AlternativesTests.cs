using System.Net;
using System.Text.Json;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Availability;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Availability;

/// <summary>What is offered instead of a refused request: sure to pass, nearest first, as links that fill the form.</summary>
public sealed class AlternativesTests
{
    [Fact]
    public async Task A_taken_time_is_answered_with_what_passes_every_rule_in_the_order_of_nearness()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 1);
        await portal.WriteAsync(async db =>
        {
            var other = new DeviceModel(DeviceModelId.New(), await db.DeviceClasses.Where(c => c.Code == "laptop").Select(c => c.Id).SingleAsync(), "軽量ノートPC");
            var pool = new Pool(PoolId.New(), portal.Town.MainOffice, other.Id);
            db.AddRange(other, pool);
            Add(db, "PC-500", other.Id, pool.Id);
        });
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00", town.Laptops));
        var asked = town.Request(portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T12:00", town.Laptops);

        var found = await Find(portal, town, asked);

        Assert.Equal([AlternativeKind.OtherModel, AlternativeKind.OtherStart, AlternativeKind.OtherOffice, AlternativeKind.OtherDay, AlternativeKind.OtherDay], found.Select(f => f.Kind));
        Assert.Equal([null, At("2026-04-07T12:00"), At("2026-04-07T10:00"), At("2026-04-08T10:00"), At("2026-04-06T10:00")], found.Select(f => f.Kind == AlternativeKind.OtherModel ? null : (DateTimeOffset?)f.From));
        await EachCanBeReserved(portal, town, asked, found);
    }

    [Fact]
    public async Task A_named_device_gives_way_to_another_of_its_model_and_a_long_loan_to_a_shorter_one()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-09T09:00", "2026-04-09T12:00", device: town.TabletIds[0]));
        var named = town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-09T12:00", device: town.TabletIds[0]);

        var found = await Find(portal, town, named);

        Assert.Equal(AlternativeKind.OtherDevice, found[0].Kind);
        Assert.Contains(found, f => f.Kind == AlternativeKind.Shorter && f.To == At("2026-04-08T12:00") && f.DeviceId == town.TabletIds[0]);
        Assert.InRange(found.Count, 2, 6);
        Assert.Equal(found.OrderBy(f => f.Kind).Select(f => f.Kind), found.Select(f => f.Kind));
        await EachCanBeReserved(portal, town, named, found);
    }

    [Fact]
    public async Task Nothing_is_offered_where_nothing_can_pass_or_nothing_refuses()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        await portal.WriteAsync(db => { db.Add(new Suspension(portal.Town.Sato, At("2026-04-01T00:00"), null, "返却の遅れ")); return Task.CompletedTask; });

        Assert.Empty(await Find(portal, town, town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00")));
        Assert.NotEmpty(await Find(portal, town, town.Request(portal.Town.GeneralHead, "2026-04-07T09:00", "2026-04-07T12:00")));
        Assert.Empty(await Find(portal, town, town.Request(portal.Town.GeneralHead, "2026-04-07T13:00", "2026-04-07T15:00")));
    }

    [Fact]
    public async Task A_share_that_is_used_up_then_is_counted_for_each_alternative_anew()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
        await portal.WriteAsync(async db => (await db.Pools.Include(p => p.OpenTo).SingleAsync(p => p.Id == town.Tablets)).OpenOnlyTo((portal.Town.GeneralAffairs, null, 1)));
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-08T08:30", "2026-04-08T17:15"));
        var asked = town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T10:00");

        var found = await Find(portal, town, asked);

        Assert.DoesNotContain(found, f => f.From.Day == 8);
        Assert.Contains(found, f => f.Kind == AlternativeKind.OtherDay && f.From == At("2026-04-09T09:00"));
        await EachCanBeReserved(portal, town, asked, found);
    }

    [Fact]
    public async Task Page_preview_and_refusal_offer_the_same_and_the_link_fills_the_form()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        using var sato = await portal.As(portal.Town.Sato);
        var body = new
        {
            id = Guid.NewGuid(),
            lines = new[] { new { poolId = town.Tablets.Value } },
            from = "2026-04-07T09:00:00+09:00",
            to = "2026-04-07T12:00:00+09:00",
            purpose = "OnlineMeeting",
            destination = "InBuilding",
            purposeNote = "定例",
        };

        var page = await sato.Get($"/booking/reserve?Form.Choice=p{town.Tablets}&Form.From=2026-04-07T09:00&Form.To=2026-04-07T12:00&Form.Purpose=OnlineMeeting&Form.PurposeNote=定例");
        var preview = JsonDocument.Parse((await sato.PostJson("/api/v1/booking/preview", body)).Text).RootElement;
        var refused = await sato.PostJson("/api/v1/booking/bookings", body);

        Assert.Contains("代わりに予約できるもの", page.Words);
        Assert.False(preview.GetProperty("canReserve").GetBoolean());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        var (shown, told) = (Hrefs(preview), Hrefs(JsonDocument.Parse(refused.Text).RootElement));
        Assert.NotEmpty(shown);
        Assert.Equal(shown, told);
        Assert.All(shown, href => Assert.Contains(WebUtility.HtmlEncode(href), page.Text));
        var form = await sato.Get(shown[^1]);
        Assert.Contains("value=\"定例\"", form.Text);
        Assert.Contains("すぐに確定します", form.Words);

        static List<string> Hrefs(JsonElement answer) => [.. answer.GetProperty("alternatives").EnumerateArray().Select(a => a.GetProperty("href").GetString()!)];
    }

    [Fact]
    public async Task Looking_for_alternatives_asks_the_database_the_same_few_times_however_many_are_tried()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        var few = await CountAsync(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00"));
        foreach (var day in new[] { "03", "06", "08", "09", "10" }.Skip(1)) await town.Reserve(town.Request(portal.Town.Suzuki, $"2026-04-{day}T12:30", $"2026-04-{day}T17:15"));
        var many = await CountAsync(town.Request(portal.Town.Sato, "2026-04-07T08:30", "2026-04-07T17:15"));

        Assert.Equal(few, many);
        Assert.InRange(many, 1, 25);

        async Task<int> CountAsync(BookingRequest request)
        {
            var judgement = await town.Preview(request);
            var asker = await town.AskerAsync(request.BorrowerId);
            using var count = await StatementCount.OfAsync(portal);
            await portal.InScopeAsync(s => s.GetRequiredService<Alternatives>().FindAsync(request, judgement, asker, CancellationToken.None));
            return count.Statements.Count;
        }
    }

    private static async Task<IReadOnlyList<Alternative>> Find(PortalHost portal, BookingTown town, BookingRequest request)
    {
        var judgement = await town.Preview(request);
        var asker = await town.AskerAsync(request.BorrowerId);
        return await portal.InScopeAsync(s => s.GetRequiredService<Alternatives>().FindAsync(request, judgement, asker, CancellationToken.None));
    }

    // Each one alone; then it is given back.
    private static async Task EachCanBeReserved(PortalHost portal, BookingTown town, BookingRequest asked, IReadOnlyList<Alternative> found)
    {
        Assert.NotEmpty(found);
        foreach (var one in found)
        {
            var booking = await town.Reserve(asked with { Id = BookingId.New(), From = one.From, To = one.To, Wanted = [new WantedDevice(one.DeviceId is null ? one.PoolId : null, one.DeviceId)], Acknowledged = ["booking.same-time"] });
            await town.Cancel(booking.Id, asked.BorrowerId);
        }
    }
}
