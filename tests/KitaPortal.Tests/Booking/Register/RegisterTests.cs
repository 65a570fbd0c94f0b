using System.Net;
using System.Text;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Register;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Register;

/// <summary>持出管理簿: a row for every loan, as it was at the time, never changed afterwards, scoped to who reads.</summary>
public sealed class RegisterTests
{
    [Fact]
    public async Task A_loan_is_one_row_from_hand_over_to_return_and_keeps_what_was_true_then()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var loan = await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops, acknowledged: "booking.patch-old"));
        await ReturnAsync(portal, town, loan, set: ["ACアダプター×1"], note: "マウスが見当たらない");

        await portal.WriteAsync(async db =>
        {
            (await db.Devices.SingleAsync(d => d.Id == loan.DeviceId)).Relabel("新しい番号");
            (await db.Set<KitaPortal.Features.People.StaffMember>().SingleAsync(s => s.Id == portal.Town.Sato)).SetName("改姓", "花子", "かいせい", "はなこ");
        });
        using var clerk = await portal.As(portal.Town.Desk);
        var page = await clerk.Get("/booking/register");

        var row = Assert.Single(await RowsAsync(portal));
        Assert.Equal(("本庁-R8-0001", "佐藤\u3000花子", "001001", "総務課", "主事", "山田\u3000窓"), (row.RegisterNo, row.Out.Borrower, row.Out.StaffNumber, row.Out.Department, row.Out.Post, row.Out.Clerk));
        Assert.StartsWith("PC-00", row.Out.Label, StringComparison.Ordinal);
        Assert.Contains("端末持出誓約書", row.Out.Agreement, StringComparison.Ordinal);
        Assert.Equal("不足：マウス×1・貸出可", row.ReturnCheck);
        foreach (var word in new[] { "本庁-R8-0001", row.Out.Label, "佐藤\u3000花子", "マウスが見当たらない", "暗号化済" }) Assert.Contains(word, page.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("新しい番号", page.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_refuses_to_change_or_delete_a_row()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));

        var changed = await Record.ExceptionAsync(() => portal.ReadAsync(db => db.RegisterEntries.ExecuteUpdateAsync(s => s.SetProperty(e => e.RegisterNo, "偽"))));
        var deleted = await Record.ExceptionAsync(() => portal.ReadAsync(db => db.RegisterEntries.ExecuteDeleteAsync()));

        Assert.Contains("register_append_only", changed!.ToString(), StringComparison.Ordinal);
        Assert.Contains("register_append_only", deleted!.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await portal.ReadAsync(db => db.RegisterEntries.CountAsync()));
    }

    [Fact]
    public async Task Desk_head_borrower_and_auditor_see_their_rows_and_nobody_else_any()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var loan = await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        var record = $"/booking/register/{loan.Id}";

        async Task<(HttpStatusCode List, bool HasRow, HttpStatusCode Record)> Sees(KitaPortal.Platform.Domain.StaffId person)
        {
            using var browser = await portal.As(person);
            var list = await browser.Get("/booking/register");
            return (list.Status, list.Words.Contains("本庁-R8-0001", StringComparison.Ordinal), (await browser.Get(record)).Status);
        }

        Assert.Equal((HttpStatusCode.OK, true, HttpStatusCode.OK), await Sees(portal.Town.Desk));
        Assert.Equal((HttpStatusCode.OK, true, HttpStatusCode.OK), await Sees(portal.Town.GeneralHead));
        Assert.Equal((HttpStatusCode.OK, true, HttpStatusCode.OK), await Sees(portal.Town.Auditor));
        Assert.Equal((HttpStatusCode.OK, false, HttpStatusCode.NotFound), await Sees(portal.Town.PlanningHead));
        Assert.Equal((HttpStatusCode.OK, false, HttpStatusCode.NotFound), await Sees(portal.Town.GeihokuDesk));
        var sato = await Sees(portal.Town.Sato);
        Assert.True(sato.List != HttpStatusCode.OK && sato.Record == HttpStatusCode.OK);
        Assert.NotEqual(HttpStatusCode.OK, (await Sees(portal.Town.Suzuki)).Record);
        Assert.True(await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Audit.AuditEntry>().AnyAsync(e => e.Action == "register.read")));
    }

    [Fact]
    public async Task Files_carry_every_column_and_the_fingerprint_escape_formulas_and_name_what_CP932_lacks()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var loan = await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", aim: InBuilding with { PurposeNote = "𠮷田さんと🎥会議" }));
        await ReturnAsync(portal, town, loan, note: "=HYPERLINK(\"x\")");
        using var clerk = await portal.As(portal.Town.Desk);

        var csv = await clerk.Http.GetByteArrayAsync("/booking/register?handler=Csv");
        var xlsx = await clerk.Http.GetByteArrayAsync("/booking/register?handler=Xlsx");
        var refused = await clerk.Get("/booking/register?handler=Cp932");
        var accepted = await clerk.Http.GetByteArrayAsync("/booking/register?handler=Cp932&accept=true");

        var rows = await RowsAsync(portal);
        var text = Encoding.UTF8.GetString(csv);
        Assert.StartsWith("\ufeff整理番号,備品番号", text, StringComparison.Ordinal);
        Assert.Contains("'=HYPERLINK", text, StringComparison.Ordinal);
        Assert.Equal(RegisterSheet.Headings.Count, RegisterSheet.Table(rows, []).Rows[0].Count);
        using var zip = new System.IO.Compression.ZipArchive(new MemoryStream(xlsx));
        using var about = new StreamReader(zip.GetEntry("xl/worksheets/sheet2.xml")!.Open());
        Assert.Contains(RegisterSheet.Hash(rows), await about.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("シフトJISにない文字が2字あります", refused.Words, StringComparison.Ordinal);
        Assert.Contains("「𠮷」", refused.Words, StringComparison.Ordinal);
        Assert.Contains("〓田さんと〓会議", Encoding.GetEncoding(932).GetString(accepted), StringComparison.Ordinal);

        portal.Clock.Advance(TimeSpan.FromMinutes(11));
        var later = await clerk.Get("/booking/register?handler=Csv");
        Assert.DoesNotContain("整理番号,備品番号", later.Text, StringComparison.Ordinal);
        Assert.Contains("本庁-R8-0001", (await clerk.Get("/booking/register")).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_filters_choose_and_stand_in_the_footer_and_paper_shows_all_rows()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 3, tablets: 2);
        var back = await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        await ReturnAsync(portal, town, back);
        await LendAsync(portal, town, town.Request(portal.Town.Suzuki, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops, acknowledged: "booking.patch-old"));
        using var clerk = await portal.As(portal.Town.Desk);

        var open = await clerk.Get("/booking/register?open=true");
        var kind = await clerk.Get("/booking/register?class=tablet");
        var person = await clerk.Get($"/booking/register?person={Uri.EscapeDataString("鈴木")}");
        var paper = await clerk.Get("/booking/register?print=true");

        Assert.True(open.Words.Contains("本庁-R8-0002", StringComparison.Ordinal) && !open.Words.Contains("本庁-R8-0001", StringComparison.Ordinal));
        Assert.True(kind.Words.Contains("本庁-R8-0001", StringComparison.Ordinal) && !kind.Words.Contains("本庁-R8-0002", StringComparison.Ordinal));
        Assert.Contains("条件：令和8年度・借受者「鈴木」 1件", person.Words.Replace('\u3000', ' '), StringComparison.Ordinal);
        Assert.Contains("検印", paper.Words, StringComparison.Ordinal);
        Assert.Contains(RegisterSheet.Hash(await RowsAsync(portal)), paper.Text, StringComparison.Ordinal);
    }

    internal static async Task<Loan> LendAsync(PortalHost portal, BookingTown town, BookingRequest request)
    {
        var booking = await town.Reserve(request);
        return (await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default))).Single();
    }

    internal static Task ReturnAsync(PortalHost portal, BookingTown town, Loan loan, IReadOnlyList<string>? set = null, string? note = null)
        => town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(loan.DeviceId, set, Note: note)]), clerk, default));

    internal static async Task<IReadOnlyList<RegisterRow>> RowsAsync(PortalHost portal) => RegisterRow.Build(await portal.ReadAsync(db => db.RegisterEntries.AsNoTracking().ToListAsync()));
}
