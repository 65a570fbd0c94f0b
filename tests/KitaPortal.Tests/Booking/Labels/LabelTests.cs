using System.Globalization;
using System.Text.RegularExpressions;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Labels;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Labels;

/// <summary>QR labels: true millimetres, no label over its neighbour, the right address in the code.</summary>
public sealed partial class LabelTests
{
    private static readonly IReadOnlyList<LabelSheet> Sheets = LabelSheet.Read(new BookingOptions().LabelSheets);

    [Fact]
    public void The_shipped_sheets_have_24_44_and_65_places_that_lie_on_A4_and_apart()
    {
        Assert.Equal([24, 44, 65], Sheets.Select(s => s.PerSheet));
        foreach (var sheet in Sheets)
        {
            Assert.True(sheet.CodeSide >= 16 && sheet.CodeSide + 2 <= sheet.Height, sheet.Name);
            var places = Enumerable.Range(0, sheet.PerSheet).Select(sheet.At).ToList();
            Assert.All(places, p => Assert.True(p.X >= 0 && p.Y >= 0 && p.X + sheet.Width <= 210.01 && p.Y + sheet.Height <= 297.01));
            Assert.All(places.SelectMany((a, i) => places.Skip(i + 1).Select(b => (a, b))), pair => Assert.True(
                Math.Abs(pair.a.X - pair.b.X) >= sheet.Width - 0.01 || Math.Abs(pair.a.Y - pair.b.Y) >= sheet.Height - 0.01));
        }
    }

    [Theory]
    [InlineData("24"), InlineData("24:3,8"), InlineData("x:3,8,66,12,6,12.9,66,33.9"), InlineData("x:4,8,66,33.9,6,12.9,66,33.9"), InlineData("")]
    public void A_setting_that_cannot_be_printed_is_refused(string setting) => Assert.False(LabelSheet.CanRead(setting));

    [Theory]
    [InlineData("24"), InlineData("44"), InlineData("65")]
    public void The_first_label_takes_the_chosen_place_and_the_rest_goes_on_to_the_next_sheet(string name)
    {
        var sheet = Sheets.Single(s => s.Name == name);
        var labels = Enumerable.Range(1, sheet.PerSheet).Select(i => new DeviceLabel($"https://portal.example.jp/d/ABCDEFGHJK{i % 10}2", $"PC-{i:000}", "持出用ノートPC", "北広島町", "0826-72-0000")).ToList();

        var drawn = LabelDrawing.Sheets(sheet, labels, start: 3);

        Assert.Equal(2, drawn.Count);
        Assert.Equal([sheet.PerSheet - 2, 2], drawn.Select(d => Groups().Count(d)));
        // The printed code, without its quiet zone, measures at least 16 mm.
        var scale = double.Parse(Scale().Match(drawn[0]).Groups[1].Value, CultureInfo.InvariantCulture);
        var (_, modules) = LabelDrawing.Code(labels[0].Address);
        Assert.InRange((modules - 8) * scale, 15.99, 26.01);
        Assert.Contains("M55 4.5h100", drawn[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_prints_the_desks_own_devices_only_and_needs_the_right()
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        using var clerk = await portal.As(portal.Town.Desk);
        using var sato = await portal.As(portal.Town.Sato);

        var page = await clerk.Get("/booking/devices/labels?sheet=65&start=4");
        var one = await clerk.Get("/booking/devices/labels?q=pc-002");
        var refused = await sato.Get("/booking/devices/labels");

        Assert.Contains("PC-001", page.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("PC-901", page.Words, StringComparison.Ordinal);
        Assert.Equal(1, Groups().Count(one.Text));
        Assert.NotEqual(System.Net.HttpStatusCode.OK, refused.Status);
        Assert.DoesNotContain("style=", page.Text[page.Text.IndexOf("label-sheets", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [GeneratedRegex("<g class=\"label\">")]
    private static partial Regex Groups();

    [GeneratedRegex("scale\\(([0-9.]+)\\)")]
    private static partial Regex Scale();
}
