using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Platform.Files;
using KitaPortal.Tests.Approvals;
using KitaPortal.Tests.Booking.Life;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Desk;

/// <summary>The lending desk through HTTP: what is scanned is found or said, what is handed over exists once, and the slower desk learns who was faster.</summary>
public sealed partial class DeskTests
{
    private const string Desk = "/booking/desk/01";

    [Theory]
    [InlineData("PC-001")]
    [InlineData("  pc-001 ")]
    [InlineData("ＰＣ－００１")]
    [InlineData("ｐｃー001")]
    [InlineData("PC 001")]
    public async Task A_label_is_found_however_it_is_typed(string typed)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);

        var found = await portal.ReadAsync(db => DeskLookup.FindAsync(db, typed, default));

        Assert.Equal((ScannedKind.Device, town.LaptopIds[0]), (found.Kind, found.DeviceId));
    }

    [Fact]
    public async Task Token_address_serial_other_code_booking_number_and_staff_number_are_found()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));
        var token = await portal.WriteAsync(async db =>
        {
            var device = await db.Devices.SingleAsync(d => d.Id == town.LaptopIds[0]);
            device.Identify("SN-77", ["49123456"], null, null, null);
            return device.Token;
        });

        var kinds = new List<ScannedKind>();
        foreach (var code in new[] { token, $"https://portal.example.jp/d/{token}", "sn77", "49123456", booking.Number, "001001", "なし-999" })
            kinds.Add((await portal.ReadAsync(db => DeskLookup.FindAsync(db, code, default))).Kind);

        Assert.Equal([ScannedKind.Device, ScannedKind.Device, ScannedKind.Device, ScannedKind.Device, ScannedKind.Booking, ScannedKind.Person, ScannedKind.Nothing], kinds);
    }

    [Fact]
    public async Task An_unknown_code_is_answered_with_what_was_entered()
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        using var clerk = await portal.As(portal.Town.Desk);

        var page = await clerk.Get($"{Desk}?q={Uri.EscapeDataString("ＸＹＺ９９９")}");
        var api = await clerk.Get("/api/v1/booking/scan/XYZ999?office=01");

        Assert.Contains("「ＸＹＺ９９９」は見つかりません", page.Words, StringComparison.Ordinal);
        Assert.Matches("role=\"alert\"", page.Text);
        Assert.Equal(HttpStatusCode.NotFound, api.Status);
        Assert.Contains("XYZ999", api.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_who_staffs_the_desk_sees_it()
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        using var clerk = await portal.As(portal.Town.Desk);
        using var other = await portal.As(portal.Town.GeihokuDesk);
        using var sato = await portal.As(portal.Town.Sato);

        Assert.Equal(HttpStatusCode.OK, (await clerk.Get("/booking/desk")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await other.Get(Desk)).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await sato.Get(Desk)).Status);
    }

    [Fact]
    public async Task A_partial_hand_over_leaves_the_rest_booked()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops, count: 2));
        using var clerk = await portal.As(portal.Town.Desk);

        var form = await Open(clerk, $"{Desk}/hand-over?q={booking.Number}");
        Assert.Equal(2, form.Items);
        var answer = await clerk.Post($"{Desk}/hand-over", form.Token, form.Fields.Where(f => f.Key != "Form.Items[1].Give"));

        Assert.Contains("1台を引き渡しました", answer.Words, StringComparison.Ordinal);
        Assert.Contains("残りは予約のままです", answer.Words, StringComparison.Ordinal);
        var lines = await portal.ReadAsync(db => db.BookingLines.OrderBy(l => l.Status).Select(l => l.Status).ToListAsync());
        Assert.Equal([LineStatus.Approved, LineStatus.OnLoan], lines);
        var loan = await portal.ReadAsync(db => db.Loans.SingleAsync());
        Assert.Equal(["ACアダプター×1", "マウス×1"], loan.SetOut);
    }

    [Fact]
    public async Task Devices_of_several_people_go_out_in_one_act_and_come_back_in_one_act_in_any_order()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var satos = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        var suzukis = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T09:00", "2026-04-06T12:00"));
        using var clerk = await portal.As(portal.Town.Desk);

        var form = await Open(clerk, $"{Desk}/hand-over?q={satos.Number}");
        form = Read(await clerk.Post($"{Desk}/hand-over?handler=Scan", form.Token, form.Fields.Append(new("q", "001002"))));
        Assert.Equal(2, form.Items);
        await clerk.Post($"{Desk}/hand-over", form.Token, form.Fields);
        var loans = await portal.ReadAsync(db => db.Loans.ToListAsync());
        Assert.Equal(2, loans.Count);
        Assert.Single(loans.Select(l => l.HandOverId).Distinct());

        var back = await Open(clerk, $"{Desk}/take-back?q=iPad-001");
        back = Read(await clerk.Post($"{Desk}/take-back?handler=Scan", back.Token, back.Fields.Append(new("q", (await Label(portal, satos.Lines[0].DeviceId!.Value))))));
        var answer = await clerk.Post($"{Desk}/take-back", back.Token, Plus(back, new("Form.Items[1].Set", "ACアダプター×1"), new("Form.Items[1].Note", "マウスが見当たらない")));

        Assert.Contains("2台の返却を受け付けました", answer.Words, StringComparison.Ordinal);
        Assert.Contains("不足：マウス×1", answer.Words, StringComparison.Ordinal);
        Assert.All(await portal.ReadAsync(db => db.Loans.ToListAsync()), l => Assert.NotNull(l.InAt));
        Assert.Equal(["マウス×1"], await portal.ReadAsync(db => db.Devices.Where(d => d.Id == satos.Lines[0].DeviceId).Select(d => d.OpenShortages).SingleAsync()));
        Assert.Equal(LineStatus.Returned, (await town.Line(suzukis.Id)).Status);
    }

    [Fact]
    public async Task A_missing_accessory_without_a_note_is_refused_and_the_form_kept()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        await Give(portal, town, booking);
        using var clerk = await portal.As(portal.Town.Desk);

        var back = await Open(clerk, $"{Desk}/take-back?q={booking.Number}");
        var answer = await clerk.Post($"{Desk}/take-back", back.Token, Plus(back, new KeyValuePair<string, string>("Form.Items[0].Set", "マウス×1")));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("貸-707", answer.Text, StringComparison.Ordinal);
        Assert.Matches("value=\"マウス×1\" checked", answer.Text);
        Assert.Null((await portal.ReadAsync(db => db.Loans.SingleAsync())).InAt);
    }

    [Fact]
    public async Task Another_fit_device_of_the_pool_is_swapped_in_by_scanning_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        var other = town.LaptopIds.First(id => id != booking.Lines[0].DeviceId);
        using var clerk = await portal.As(portal.Town.Desk);

        var form = await Open(clerk, $"{Desk}/hand-over?q={booking.Number}");
        var scanned = await clerk.Post($"{Desk}/hand-over?handler=Scan", form.Token, form.Fields.Append(new("q", await Label(portal, other))));
        Assert.Contains("に差し替えます", scanned.Words, StringComparison.Ordinal);
        form = Read(scanned);
        await clerk.Post($"{Desk}/hand-over", form.Token, form.Fields);

        Assert.Equal(other, (await portal.ReadAsync(db => db.Loans.SingleAsync())).DeviceId);
        Assert.Equal(other, (await town.Line(booking.Id)).DeviceId);
    }

    [Fact]
    public async Task A_device_that_belongs_to_another_booking_is_refused_at_the_scan_and_at_the_act()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var pinned = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T09:00", "2026-04-06T12:00", device: town.LaptopIds[2]));
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        using var clerk = await portal.As(portal.Town.Desk);

        var form = await Open(clerk, $"{Desk}/hand-over?q={booking.Number}");
        var scanned = await clerk.Post($"{Desk}/hand-over?handler=Scan", form.Token, form.Fields.Append(new("q", await Label(portal, town.LaptopIds[2]))));
        var answer = await clerk.Post($"{Desk}/hand-over", form.Token, form.Fields.Select(f => f.Key == "Form.Items[0].DeviceId" ? new(f.Key, town.LaptopIds[2].ToString()) : f));

        Assert.Contains("貸-702", scanned.Words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("貸-702", answer.Text, StringComparison.Ordinal);
        Assert.Equal(0, await portal.ReadAsync(db => db.Loans.CountAsync()));
        Assert.Equal(LineStatus.Approved, (await town.Line(pinned.Id)).Status);
    }

    [Fact]
    public async Task Two_desks_in_the_same_second_make_one_loan_and_the_slower_one_is_told_who_was_faster()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        for (var round = 0; round < 5; round++)
        {
            var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
            using var one = await portal.As(portal.Town.Desk);
            using var two = await portal.As(portal.Town.Desk);
            var forms = await Task.WhenAll(Open(one, $"{Desk}/hand-over?q={booking.Number}"), Open(two, $"{Desk}/hand-over?q={booking.Number}"));

            var answers = await Task.WhenAll(one.Post($"{Desk}/hand-over", forms[0].Token, forms[0].Fields), two.Post($"{Desk}/hand-over", forms[1].Token, forms[1].Fields));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(a => a.Status).Order());
            Assert.Contains("山田\u3000窓が先に引き渡しました", answers.Single(a => a.Status == HttpStatusCode.Conflict).Words, StringComparison.Ordinal);
            Assert.Equal(1, await portal.ReadAsync(db => db.Loans.CountAsync(l => l.LineId == booking.Lines[0].Id)));
            await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(booking.Lines[0].DeviceId!.Value)]), clerk, default));
        }
    }

    [Fact]
    public async Task A_form_posted_twice_is_one_hand_over_and_one_take_back()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        using var clerk = await portal.As(portal.Town.Desk);
        var form = await Open(clerk, $"{Desk}/hand-over?q={booking.Number}");

        var twice = await Task.WhenAll(clerk.Post($"{Desk}/hand-over", form.Token, form.Fields), clerk.Post($"{Desk}/hand-over", form.Token, form.Fields));
        var again = await clerk.Post($"{Desk}/hand-over", form.Token, form.Fields);

        Assert.All([.. twice, again], a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Equal(1, await portal.ReadAsync(db => db.Loans.CountAsync()));
        var back = await Open(clerk, $"{Desk}/take-back?q={booking.Number}");
        KeyValuePair<string, string>[] full = [.. back.Fields, new("Form.Items[0].Set", "ACアダプター×1"), new("Form.Items[0].Set", "マウス×1")];
        var returned = await Task.WhenAll(clerk.Post($"{Desk}/take-back", back.Token, full), clerk.Post($"{Desk}/take-back", back.Token, full));
        Assert.All(returned, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Equal(1, await portal.ReadAsync(db => db.TakeBacks.CountAsync()));
    }

    [Fact]
    public async Task Photos_of_the_hand_over_are_for_the_desk_and_the_borrower_only()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        using var clerk = await portal.As(portal.Town.Desk);
        var form = await Open(clerk, $"{Desk}/hand-over?q={booking.Number}");
        using var image = NetVips.Image.Black(40, 30, bands: 3);

        Assert.Equal(HttpStatusCode.OK, (await clerk.PostParts($"{Desk}/hand-over", form.Token, form.Fields, ("Form.Photos", "端末.jpg", image.JpegsaveBuffer()))).Status);

        var link = await portal.ReadAsync(db => db.FileLinks.SingleAsync());
        using var sato = await portal.As(portal.Town.Sato);
        using var suzuki = await portal.As(portal.Town.Suzuki);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound), ((await clerk.Get(link.Href)).Status, (await sato.Get(link.Href)).Status, (await suzuki.Get(link.Href)).Status));
        Assert.Contains(link.Href, (await clerk.Get($"{Desk}/take-back?q={booking.Number}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Walk_up_lends_what_lies_on_the_counter_and_names_every_rule_it_breaks()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var clerk = await portal.As(portal.Town.Desk);
        var path = $"{Desk}/walk-up?device={town.TabletIds[0]}";
        var id = Regex.Match((await clerk.Get(path)).Text, "name=\"Form.Id\" value=\"([^\"]+)\"").Groups[1].Value;
        var fields = new Dictionary<string, string> { ["Form.Id"] = id, ["Form.DeviceId"] = town.TabletIds[0].ToString(), ["Form.Borrower"] = "００１００１", ["Form.Day"] = "2026-04-06", ["Form.Time"] = "12:00", ["Form.Purpose"] = "OnlineMeeting", ["Form.Destination"] = "InBuilding", ["Form.InfoClass"] = "Class2" };

        var nobody = await clerk.Submit(path, new Dictionary<string, string>(fields) { ["Form.Borrower"] = "999999" }, $"{Desk}/walk-up");
        var answer = await clerk.Submit(path, fields, $"{Desk}/walk-up");

        Assert.Contains("「999999」の職員は見つかりません", nobody.Words, StringComparison.Ordinal);
        Assert.Contains("貸し出しました", answer.Words, StringComparison.Ordinal);
        Assert.Equal(town.TabletIds[0], (await portal.ReadAsync(db => db.Loans.SingleAsync())).DeviceId);
    }

    [Fact]
    public async Task What_was_ticked_stays_while_a_reason_is_still_asked_for()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 1);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        await portal.WriteAsync(async db =>
        {
            var device = await db.Devices.SingleAsync(d => d.Id == town.LaptopIds[0]);
            device.Check(device.Compliance with { AntivirusOn = new DateOnly(2026, 3, 20), CheckedAt = At("2026-02-20T09:00") });
        });
        using var clerk = await portal.As(portal.Town.Desk);

        var form = await Open(clerk, $"{Desk}/hand-over?q={booking.Number}");
        var first = await clerk.Post($"{Desk}/hand-over", form.Token, form.Fields);
        form = Read(first);
        var ticked = await clerk.Post($"{Desk}/hand-over", form.Token, Plus(form, new KeyValuePair<string, string>("Form.Acknowledged", "booking.check-old")));
        form = Read(ticked);
        var tooShort = await clerk.Post($"{Desk}/hand-over", form.Token, Plus(form, new KeyValuePair<string, string>("Form.Overrides[booking.antivirus-old]", "急ぎ")));
        form = Read(tooShort);
        var done = await clerk.Post($"{Desk}/hand-over", form.Token, Plus(form, new KeyValuePair<string, string>("Form.Overrides[booking.antivirus-old]", "窓口で更新を始めてから渡します。")));

        Assert.Contains("貸-605", first.Text, StringComparison.Ordinal);
        Assert.Contains("貸-603", first.Text, StringComparison.Ordinal);
        Assert.Matches("value=\"booking.check-old\" checked", ticked.Text);
        Assert.Contains("Form.Overrides[booking.antivirus-old]", ticked.Text, StringComparison.Ordinal);
        Assert.Contains(new KeyValuePair<string, string>("Form.Overrides[booking.antivirus-old]", "急ぎ"), form.Fields);
        Assert.DoesNotContain("Form.Overrides[booking.override]", tooShort.Text, StringComparison.Ordinal);
        Assert.Contains("1台を引き渡しました", done.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preparing_fixes_the_scanned_device_to_the_line()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00", town.Laptops));
        var other = town.LaptopIds.First(id => id != booking.Lines[0].DeviceId);
        using var clerk = await portal.As(portal.Town.Desk);

        var answer = await clerk.Submit($"{Desk}/prepare?line={booking.Lines[0].Id}", new { q = await Label(portal, other) });

        Assert.Contains("を準備しました", answer.Words, StringComparison.Ordinal);
        var line = await town.Line(booking.Id);
        Assert.Equal((LineStatus.Ready, other), (line.Status, line.DeviceId));
    }

    [Fact]
    public async Task The_page_behind_a_label_shows_nothing_without_sign_in_and_self_service_only_where_allowed()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        var token = await portal.ReadAsync(db => db.Devices.Where(d => d.Id == town.TabletIds[0]).Select(d => d.Token).SingleAsync());
        using var nobody = portal.Anonymous();
        using var sato = await portal.As(portal.Town.Sato);

        Assert.DoesNotContain("iPad-001", (await nobody.Get($"/d/{token}")).Text, StringComparison.Ordinal);
        var page = await sato.Get($"/d/{token}");
        Assert.Contains("貸出窓口でお受け取りください", page.Words, StringComparison.Ordinal);
        var refused = await sato.Post($"/d/{token}?handler=Collect", await sato.Token("/"), new { ActId = Guid.NewGuid() });
        Assert.Contains("貸-709", refused.Text, StringComparison.Ordinal);
        await portal.WriteAsync(async db => (await db.Pools.SingleAsync(p => p.Id == town.Tablets)).SetSelfService(true));

        page = await sato.Get($"/d/{token}");
        var taken = await sato.Post($"/d/{token}?handler=Collect", Token(page.Text), new { ActId = Guid.NewGuid() });
        Assert.Contains("受け取りました", taken.Words, StringComparison.Ordinal);
        var back = await sato.Post($"/d/{token}?handler=Return", Token(taken.Text), new { ActId = Guid.NewGuid() });
        Assert.Contains("返却しました", back.Words, StringComparison.Ordinal);
        Assert.True(await portal.ReadAsync(db => db.Devices.Where(d => d.Id == town.TabletIds[0]).Select(d => d.AwaitsInspection).SingleAsync()));
    }

    [Fact]
    public async Task A_return_refused_on_the_devices_page_keeps_what_was_not_ticked()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        await Give(portal, town, booking);
        var token = await portal.WriteAsync(async db =>
        {
            (await db.Pools.SingleAsync(p => p.Id == town.Laptops)).SetSelfService(true);
            (await db.DeviceClasses.SingleAsync(c => c.Code == "laptop")).Demand(true, true, true, erasure: true);
            return await db.Devices.Where(d => d.Id == booking.Lines[0].DeviceId).Select(d => d.Token).SingleAsync();
        });
        using var sato = await portal.As(portal.Town.Sato);
        var page = await sato.Get($"/d/{token}");

        var refused = await sato.Post($"/d/{token}?handler=Return", Token(page.Text), new { ActId = Guid.NewGuid(), Set = "マウス×1" });

        Assert.Matches("value=\"ACアダプター×1\" checked", page.Text);
        Assert.Contains("貸-708", refused.Text, StringComparison.Ordinal);
        Assert.Matches("value=\"マウス×1\" checked", refused.Text);
        Assert.DoesNotMatch("value=\"ACアダプター×1\" checked", refused.Text);
    }

    [Fact]
    public async Task The_same_id_with_another_content_is_refused_and_a_walk_up_sent_again_later_is_the_same_loan()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops, count: 2));
        var (first, other) = (booking.Lines[0], booking.Lines[1]);
        Task<IReadOnlyList<Loan>> HandOver(Guid id, BookingLineId line) => town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(id, [new HandedItem(line)]), clerk, default));
        Task<IReadOnlyList<Loan>> TakeBack(Guid id, DeviceId device, string? note = null) => town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(id, portal.Town.MainOffice, [new ReturnedItem(device, Note: note)]), clerk, default));
        Task<IReadOnlyList<Loan>> WalkUp(Guid id, KitaPortal.Platform.Domain.StaffId borrower) => town.AtDesk((desk, clerk) => desk.WalkUpAsync(new WalkingUp(id, town.TabletIds[0], borrower, At("2026-04-06T12:00"), InBuilding), clerk, default));
        var (out_, back, walk) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());

        var given = await HandOver(out_, first.Id);
        var again = await HandOver(out_, first.Id);
        var otherLine = await Assert.ThrowsAsync<KitaPortal.Platform.Rules.RuleViolation>(() => HandOver(out_, other.Id));
        await TakeBack(back, first.DeviceId!.Value);
        await TakeBack(back, first.DeviceId!.Value);
        var otherNote = await Assert.ThrowsAsync<KitaPortal.Platform.Rules.RuleViolation>(() => TakeBack(back, first.DeviceId!.Value, "傷あり"));
        var lent = await WalkUp(walk, portal.Town.Suzuki);
        portal.Clock.Advance(TimeSpan.FromMinutes(20));
        var lentAgain = await WalkUp(walk, portal.Town.Suzuki);
        var otherPerson = await Assert.ThrowsAsync<KitaPortal.Platform.Rules.RuleViolation>(() => WalkUp(walk, portal.Town.Tanaka));

        Assert.Equal(given[0].Id, Assert.Single(again).Id);
        Assert.StartsWith("本庁-", given[0].RegisterNo, StringComparison.Ordinal);
        Assert.Equal(lent[0].Id, Assert.Single(lentAgain).Id);
        Assert.All([otherLine, otherNote, otherPerson], refused => Assert.Equal(("貸-903", 409), (refused.Broken[0].Rule.Number, refused.Status)));
        Assert.Equal(2, await portal.ReadAsync(db => db.Loans.CountAsync()));
    }

    [Fact]
    public async Task A_device_taken_back_at_another_office_is_sent_home_and_who_needs_it_before_gets_another()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 2);
        var pc = town.LaptopIds[0];
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", device: pc));
        var soon = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T15:00", "2026-04-06T17:00", device: pc));
        var later = await town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-10T09:00", "2026-04-10T12:00", device: pc));
        await Give(portal, town, booking);
        portal.Clock.SetUtcNow(At("2026-04-06T11:00"));

        await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.Geihoku, [new ReturnedItem(pc)]), clerk, default), portal.Town.GeihokuDesk);

        var transfer = await portal.ReadAsync(db => db.Transfers.SingleAsync());
        Assert.Equal((TransferState.Planned, town.GeihokuLaptops, town.Laptops, At("2026-04-07T17:15")), (transfer.State, transfer.FromPoolId, transfer.ToPoolId, transfer.ArriveBy));
        Assert.Equal(town.GeihokuLaptops, await portal.ReadAsync(db => db.Devices.Where(d => d.Id == pc).Select(d => d.PoolId).SingleAsync()));
        Assert.Equal((town.LaptopIds[1], pc), ((await town.Line(soon.Id)).DeviceId!.Value, (await town.Line(later.Id)).DeviceId!.Value));
        var early = await Assert.ThrowsAsync<KitaPortal.Platform.Rules.RuleViolation>(() => town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T12:00", device: pc)));
        Assert.Equal("貸-204", early.Broken[0].Rule.Number);

        await TransferTests.SendAsync(portal, town, transfer.Id, portal.Town.GeihokuDesk);
        await TransferTests.ReceiveAsync(portal, town, transfer.Id, portal.Town.Desk);
        Assert.Equal(town.Laptops, await portal.ReadAsync(db => db.Devices.Where(d => d.Id == pc).Select(d => d.PoolId).SingleAsync()));
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", device: pc));
    }

    [Fact]
    public async Task In_an_emergency_the_desk_lends_at_once_and_the_permission_is_asked_for_afterwards()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var aim = new BookingAim(Purpose.Disaster, "避難所の受付", null, DestinationKind.DesignatedPlace, "八重公民館", KitaPortal.Platform.Domain.InfoClass.Class2, false);
        Task<IReadOnlyList<Loan>> Lend(BookingAim what, string? why) => town.AtDesk((desk, clerk) => desk.WalkUpAsync(new WalkingUp(Guid.NewGuid(), town.LaptopIds[0], portal.Town.Sato, At("2026-04-06T17:00"), what) { Emergency = why, Acknowledged = ["booking.mynumber"] }, clerk, default));

        var plain = await Assert.ThrowsAsync<KitaPortal.Platform.Rules.RuleViolation>(() => Lend(aim, null));
        var noReason = await Assert.ThrowsAsync<KitaPortal.Platform.Rules.RuleViolation>(() => Lend(aim, "急ぎ"));
        var noDisaster = await Assert.ThrowsAsync<KitaPortal.Platform.Rules.RuleViolation>(() => Lend(AtHome, "避難所を今すぐ開くため"));
        var loan = Assert.Single(await Lend(aim, "避難所を今すぐ開くため"));

        Assert.Contains("貸-501", plain.Broken.Select(b => b.Rule.Number));
        Assert.All([noReason, noDisaster], refused => Assert.Equal("貸-958", refused.Broken[0].Rule.Number));
        var request = await portal.ReadAsync(db => db.Set<KitaPortal.Features.Approvals.ApprovalRequest>().SingleAsync());
        Assert.Equal((KitaPortal.Features.Approvals.RequestState.Circulating, At("2026-04-09T17:15")), (request.State, request.DueAt));
        var row = Assert.Single(await Register.RegisterTests.RowsAsync(portal));
        Assert.Equal(("緊急貸出", "避難所を今すぐ開くため"), (row.Out.Basis, row.Out.Conditions));

        await portal.Act(request.Id, portal.Town.GeneralHead, (asked, acting) => asked.Reject(acting), "避難所は開かれなかった");
        Assert.NotNull((await portal.ReadAsync(db => db.TakeOutPermissions.SingleAsync())).RevokedAt);
        Assert.Equal(1, await portal.ReadAsync(db => db.Set<KitaPortal.Features.Notifications.Notification>().CountAsync(n => n.Kind == "loan.return-order" && n.StaffId == portal.Town.Sato)));
        Assert.Null((await portal.ReadAsync(db => db.Loans.SingleAsync(l => l.Id == loan.Id))).InAt);
    }

    [Fact]
    public async Task The_JSON_acts_are_the_same_acts()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        using var clerk = await portal.As(portal.Town.Desk);
        var token = await clerk.ScriptToken();
        var act = new { id = Guid.NewGuid(), office = "01", items = new[] { new { lineId = booking.Lines[0].Id.Value } } };

        var first = await clerk.PostJson("/api/v1/booking/hand-overs", act, token);
        var second = await clerk.PostJson("/api/v1/booking/hand-overs", act, token);
        var scan = (await clerk.Get($"/api/v1/booking/scan/{await Label(portal, booking.Lines[0].DeviceId!.Value)}?office=01")).Json;
        var back = await clerk.PostJson("/api/v1/booking/take-backs", new { id = Guid.NewGuid(), office = "01", items = new[] { new { deviceId = booking.Lines[0].DeviceId!.Value.Value } } }, token);
        var again = await clerk.PostJson("/api/v1/booking/hand-overs", act with { id = Guid.NewGuid() }, token);

        var walk = await clerk.PostJson("/api/v1/booking/walk-ups", new { id = Guid.NewGuid(), deviceId = town.TabletIds[0].Value, borrowerId = portal.Town.Suzuki.Value, to = At("2026-04-06T12:00"), purpose = "OnlineMeeting", destination = "InBuilding" }, token);
        var incident = await clerk.PostJson("/api/v1/booking/incidents", new { id = Guid.NewGuid(), deviceId = town.TabletIds[0].Value, kind = "Damage", story = "画面が割れた" }, token);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (walk.Status, incident.Status));
        Assert.StartsWith("事故-R8-", incident.Json.GetProperty("number").GetString(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, second.Status, back.Status));
        Assert.Equal(first.Text, second.Text);
        Assert.NotEqual(JsonValueKind.Null, scan.GetProperty("openLoanId").ValueKind);
        Assert.True(again.Status == HttpStatusCode.UnprocessableEntity, again.Text);
        Assert.Contains("貸-905", again.Text, StringComparison.Ordinal);
        Assert.Equal(2, await portal.ReadAsync(db => db.Loans.CountAsync()));
    }

    internal static Task Give(PortalHost portal, BookingTown town, Features.Booking.Booking booking)
        => town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default));

    private static IEnumerable<KeyValuePair<string, string>> Plus(Sheet sheet, params KeyValuePair<string, string>[] more) => [.. sheet.Fields.Where(f => more.All(m => m.Key != f.Key)), .. more];

    private static Task<string> Label(PortalHost portal, DeviceId id) => portal.ReadAsync(db => db.Devices.Where(d => d.Id == id).Select(d => d.Label).SingleAsync());

    /// <summary>A form as the browser would send it back: hidden fields, ticked boxes, chosen options.</summary>
    internal sealed record Sheet(string Token, IReadOnlyList<KeyValuePair<string, string>> Fields, int Items);

    internal static async Task<Sheet> Open(PortalClient browser, string path) => Read(await browser.Get(path));

    internal static Sheet Read(Answer page)
    {
        var fields = new List<KeyValuePair<string, string>>();
        foreach (Match input in Inputs().Matches(page.Text))
        {
            var (name, value) = (Attribute(input.Value, "name"), Attribute(input.Value, "value"));
            if (name is null || !name.StartsWith("Form.", StringComparison.Ordinal) || Attribute(input.Value, "type") == "file") continue;
            if (Attribute(input.Value, "type") is "checkbox" or "radio" && !input.Value.Contains(" checked", StringComparison.Ordinal)) continue;
            fields.Add(new(name, value ?? ""));
        }
        foreach (Match select in Selects().Matches(page.Text))
            if (Regex.Match(select.Groups[2].Value, "<option value=\"([^\"]*)\" selected") is { Success: true } chosen) fields.Add(new(select.Groups[1].Value, chosen.Groups[1].Value));
        return new Sheet(Token(page.Text), fields, fields.Count(f => f.Key.EndsWith("IsScanned", StringComparison.Ordinal)));
    }

    // The token of the desk's own form, not of another form on the page: without it a browser's post is refused.
    private static string Token(string html)
        => Regex.Match(Regex.Match(html, "<form [^>]*action=\"(?:/booking/desk/|/d/).*?</form>", RegexOptions.Singleline).Value, "name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"").Groups[1].Value;

    private static string? Attribute(string tag, string name)
        => Regex.Match(tag, $" {name}=\"([^\"]*)\"") is { Success: true } found ? WebUtility.HtmlDecode(found.Groups[1].Value) : null;

    [GeneratedRegex("<input [^>]*>")]
    private static partial Regex Inputs();

    [GeneratedRegex("<select [^>]*name=\"([^\"]+)\"[^>]*>(.*?)</select>", RegexOptions.Singleline)]
    private static partial Regex Selects();
}
