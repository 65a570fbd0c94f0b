using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using KitaPortal.Features.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Availability;

/// <summary>Finding a device on /booking: the find form, the table of free times, and its data.</summary>
public sealed partial class TimelineTests
{
    [Fact]
    public async Task A_free_time_is_a_link_that_fills_in_device_time_and_purpose()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T10:00", "2026-04-07T12:00", device: town.TabletIds[0]));
        using var sato = await portal.As(portal.Town.Sato);

        var page = await sato.Get("/booking?day=2026-04-07&Find.Purpose=HomeWork");
        var link = Links(page.Text).Single(l => l.Contains("iPad-001", StringComparison.Ordinal) && l.Contains("202604071200-202604071715", StringComparison.Ordinal));
        var form = await sato.Get(link);

        Assert.Contains("10:00～12:00 予約確定 鈴木　一郎（総務）", page.Words);
        Assert.Contains("iPad-001（この端末）", form.Words);
        foreach (var value in new[] { "2026-04-07T12:00", "2026-04-07T17:15" }) Assert.Contains($"value=\"{value}\"", form.Text);
        Assert.Matches("value=\"HomeWork\"[^>]*selected|selected[^>]*value=\"HomeWork\"", form.Text);
    }

    [Fact]
    public async Task Every_free_time_offered_can_be_booked_also_with_time_at_the_desk_between_two_loans()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 2, tablets: 2);
        await portal.WriteAsync(async db => (await db.DeviceClasses.SingleAsync(c => c.Code == "tablet")).Lend(selfService: false, deemedPermission: false, turnaroundMinutes: 30));
        foreach (var (from, to) in new[] { ("2026-04-07T10:00", "2026-04-07T12:00"), ("2026-04-08T08:30", "2026-04-08T09:00"), ("2026-04-09T13:20", "2026-04-09T14:00") })
            await portal.WriteAsync(db =>
            {
                db.Add(new Occupancy(town.TabletIds[0], town.Tablets, At(from), At(to), OccupancyKind.Maintenance, Guid.NewGuid()));
                return Task.CompletedTask;
            });
        using var sato = await portal.As(portal.Town.Sato);

        var links = Links((await sato.Get("/booking?view=Week&day=2026-04-07")).Text).Where(l => l.Contains("iPad", StringComparison.Ordinal)).ToList();

        Assert.InRange(links.Count, 10, 20);
        foreach (var link in links) Assert.DoesNotMatch("貸-(10[1278]|20[1-4])", (await sato.Get(link)).Words);
    }

    [Fact]
    public async Task What_is_looked_for_stands_in_the_address_and_says_what_is_free_then()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 3);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00", town.Laptops));
        using var sato = await portal.As(portal.Town.Sato);

        var found = await sato.Get($"/booking?Find.From=2026-04-07T08:30&Find.To=2026-04-07T17:15&Find.What=m{town.Laptop}&Find.Count=2&Find.Purpose=HomeWork");
        var tooMany = await sato.Get($"/booking?Find.From=2026-04-07T08:30&Find.To=2026-04-07T17:15&Find.What=m{town.Laptop}&Find.Count=3");

        Assert.Contains("4月7日（火）8:30～17:15の空き", found.Words);
        Assert.Contains("空き2台", found.Words);
        Assert.DoesNotContain("会議用iPad", Regex.Replace(found.Words, "区分・機種.*?台数", ""));
        Assert.Contains($"/booking/reserve?Form.Choice=p{town.Laptops}&amp;Form.Count=2&amp;t=202604070830-202604071715&amp;Form.Purpose=HomeWork", found.Text);
        Assert.Contains("代わりの候補", tooMany.Words);
    }

    [Fact]
    public async Task Presets_fill_in_the_next_open_day_and_the_last_bookings_are_offered_again()
    {
        await using var portal = await PortalHost.StartAsync(At("2026-04-10T09:00"));    // a Friday
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        Assert.DoesNotContain("いつもの", (await sato.Get("/booking")).Words);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-10T13:00", "2026-04-10T15:30"));

        var page = await sato.Get("/booking");

        Assert.Contains("Find.From=2026-04-13T08:30&amp;Find.To=2026-04-13T12:00", page.Text);
        Assert.Contains("Find.From=2026-04-13T08:30&amp;Find.To=2026-04-13T17:15&amp;Find.Purpose=HomeWork", page.Text);
        Assert.Contains("いつもの", page.Words);
        Assert.Contains($"/booking/reserve?Form.Choice=p{town.Tablets}&amp;t=202604131300-202604131530&amp;Form.Purpose=OnlineMeeting", page.Text);
    }

    [Theory]
    [InlineData("All", "鈴木　一郎（総務）")]
    [InlineData("Section", "予約確定 総務")]
    [InlineData("None", "予約確定")]
    public async Task Names_are_shown_as_far_as_the_town_wants(string setting, string shown)
    {
        await using var portal = await PortalHost.StartAsync(null, null, $"--Booking:TimelineNames={setting}");
        var town = await SeedAsync(portal);
        var request = town.Request(portal.Town.Suzuki, "2026-04-07T10:00", "2026-04-07T12:00");
        await town.Reserve(request with { Aim = request.Aim with { PurposeNote = "秘密の打合せ" } });
        using var sato = await portal.As(portal.Town.Sato);

        var page = await sato.Get("/booking?day=2026-04-07");
        var data = await sato.Get(Data(portal, "2026-04-07", "2026-04-08"));

        Assert.Contains(shown, page.Words);
        foreach (var text in new[] { page.Words, data.Text })
        {
            if (setting != "All") Assert.DoesNotContain("鈴木", text);
            if (setting == "None") Assert.DoesNotContain("総務）", text);
            Assert.DoesNotContain("秘密", text);
        }
    }

    [Fact]
    public async Task The_months_view_says_in_one_word_how_each_day_stands()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T10:00", "2026-04-07T12:00"));
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-08T08:30", "2026-04-08T17:15"));
        using var sato = await portal.As(portal.Town.Sato);

        var row = Regex.Match((await sato.Get("/booking?view=Month&day=2026-04-20")).Text, "iPad-001.*?(?=<tr>|</tbody>)", RegexOptions.Singleline).Value;

        Assert.Matches("data-label=\"7\"><a class=\"twin__part\"[^>]*>一部", row);
        Assert.Matches("data-label=\"8\"><b[^>]*>満", row);
        Assert.Matches("data-label=\"9\"><a class=\"free\"[^>]*t=202604090830-202604091715\">空", row);
        Assert.Matches("twin__closed\" data-label=\"11\">休", row);
    }

    [Fact]
    public async Task The_data_of_the_chart_is_answered_again_only_when_it_changed()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var first = await sato.Get(Data(portal, "2026-04-06", "2026-04-13"));
        var tag = first.Response.Headers.ETag!;

        var same = await Again();
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T12:00"));
        var changed = await Again();

        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.OK), (same.StatusCode, changed.StatusCode));
        Assert.NotEqual(tag, changed.Headers.ETag);
        var bar = JsonDocument.Parse(await changed.Content.ReadAsStringAsync()).RootElement.GetProperty("bars").EnumerateArray().Single();
        Assert.Equal(("2026-04-07T10:00:00+09:00", "予約確定"), (bar.GetProperty("from").GetString(), bar.GetProperty("state").GetString()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await sato.Get(Data(portal, "2026-04-06", "2026-07-13"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await sato.Get($"/api/v1/booking/timeline?office={Guid.NewGuid()}&from=2026-04-06&to=2026-04-07")).Status);

        async Task<HttpResponseMessage> Again()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Data(portal, "2026-04-06", "2026-04-13"));
            request.Headers.IfNoneMatch.Add(tag);
            return await sato.Http.SendAsync(request);
        }
    }

    [Fact]
    public async Task Availability_counts_what_is_free_office_by_office_and_re_packs_before_it_says_no()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var movable = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        var other = town.TabletIds.Single(t => t != movable.Lines[0].DeviceId);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T13:00", "2026-04-07T17:00", device: other));
        using var sato = await portal.As(portal.Town.Sato);

        var day = (await Ask("09:00", "17:00", 1)).Single();
        var morning = (await Ask("09:00", "12:00", 1)).Single();
        var both = (await Ask("09:00", "12:00", 2)).Single();

        Assert.Equal((0, true), (day.GetProperty("free").GetInt32(), day.GetProperty("enough").GetBoolean()));
        Assert.Equal((1, true), (morning.GetProperty("free").GetInt32(), morning.GetProperty("enough").GetBoolean()));
        Assert.False(both.GetProperty("enough").GetBoolean());

        async Task<List<JsonElement>> Ask(string from, string to, int count)
            => [.. JsonDocument.Parse((await sato.Get($"/api/v1/booking/availability?model={town.Tablet}&from=2026-04-07T{from}:00%2B09:00&to=2026-04-07T{to}:00%2B09:00&count={count}")).Text).RootElement.EnumerateArray()];
    }

    [Fact]
    public async Task Page_and_data_ask_the_database_a_fixed_number_of_times_from_60_to_600_devices()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-17T10:00", "2026-04-17T12:00"));
        using var sato = await portal.As(portal.Town.Sato);
        string[] addresses =
        [
            "/booking?day=2026-04-07", "/booking?view=Week&day=2026-04-07", "/booking?view=Month&day=2026-04-07",
            "/booking?Find.From=2026-04-07T08:30&Find.To=2026-04-08T17:15&Find.Count=2", Data(portal, "2026-04-06", "2026-04-13"),
        ];
        await BusyTown.FillAsync(portal, town, 60, 200);
        var small = await CountAsync();

        await BusyTown.FillAsync(portal, await WithLabels(), 540, 600);
        var large = await CountAsync();

        Assert.Equal(small, large);
        Assert.All(small[..4], statements => Assert.InRange(statements, 1, 8));
        Assert.InRange(small[4], 1, 6);

        async Task<int[]> CountAsync()
        {
            var counts = new List<int>();
            foreach (var address in addresses)
            {
                await sato.Get(address);
                using var count = await StatementCount.OfAsync(portal);
                Assert.Equal(HttpStatusCode.OK, (await sato.Get(address)).Status);
                counts.Add(count.Statements.Count);
            }
            return [.. counts];
        }

        async Task<BookingTown> WithLabels()
        {
            await portal.WriteAsync(async db => { foreach (var device in await db.Devices.Where(d => d.Label.StartsWith("NPC")).ToListAsync()) device.Relabel("A" + device.Label); });
            return town;
        }
    }

    [Fact]
    public async Task A_week_of_60_devices_and_700_bookings_is_at_most_60_KB_compressed()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        Assert.Equal(700, await BusyTown.FillAsync(portal, town, 60, 700));
        using var sato = await portal.As(portal.Town.Sato);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/booking?view=Week&day=2026-04-07");
        request.Headers.AcceptEncoding.ParseAdd("br");
        using var answer = await sato.Http.SendAsync(request);
        var sent = await answer.Content.ReadAsByteArrayAsync();
        using var page = new StreamReader(new BrotliStream(new MemoryStream(sent), CompressionMode.Decompress));

        Assert.Equal(["br"], answer.Content.Headers.ContentEncoding);
        Assert.Equal(700, Regex.Count(await page.ReadToEndAsync(), "予約確定 "));
        Assert.InRange(sent.Length, 1, 60 * 1024);
    }

    internal static List<string> Links(string html) => [.. FreeLink().Matches(html).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value))];

    private static string Data(PortalHost portal, string from, string to) => $"/api/v1/booking/timeline?office={portal.Town.MainOffice}&from={from}&to={to}";

    [GeneratedRegex("class=\"free\" href=\"([^\"]+)\"")]
    private static partial Regex FreeLink();
}
