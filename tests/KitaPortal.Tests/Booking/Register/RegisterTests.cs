using System.Net;
using System.Text;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Register;
using KitaPortal.Tests.Booking.Life;
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

    [Fact]
    public async Task Rows_go_when_their_years_are_over_and_those_still_out_stay()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var back = await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        await ReturnAsync(portal, town, back);
        var open = await LendAsync(portal, town, town.Request(portal.Town.Suzuki, "2026-04-06T09:00", "2026-04-06T12:00"));
        async Task<string> Left(string at)
        {
            portal.Clock.SetUtcNow(At(at));
            await portal.RunJob("RegisterRetentionJob");
            return string.Join(' ', (await RowsAsync(portal)).Select(r => r.RegisterNo));
        }

        Assert.Equal("本庁-R8-0001 本庁-R8-0002", await Left("2032-03-31T23:59"));
        // The same act a year later stays a year longer.
        await portal.WriteAsync(db =>
        {
            var later = LoanId.New();
            foreach (var e in db.RegisterEntries.AsNoTracking().Where(e => e.LoanId == back.Id).ToList())
                db.Add(new RegisterEntry(later, e.Kind, e.At, new RegisterKey("本庁-R9-0001", 2027, e.OfficeId, 1, e.ClassId, e.DepartmentId, e.BorrowerId, e.Person), System.Text.Json.JsonDocument.Parse(e.Told).RootElement));
            return Task.CompletedTask;
        });
        Assert.Equal("本庁-R8-0002 本庁-R9-0001", await Left("2032-04-01T00:00"));
        // A year that was disposed of is no door for what is still out.
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => portal.ReadAsync(db => db.RegisterEntries.Where(e => e.LoanId == open.Id).ExecuteDeleteAsync()));
        Assert.Equal("本庁-R8-0002", await Left("2040-04-01T00:00"));

        var traces = await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Audit.AuditEntry>().Where(e => e.Action == "register.disposed").Select(e => e.SubjectId).ToListAsync());
        Assert.Equal(["2026", "2027"], traces.Order());
    }

    [Fact]
    public async Task A_retention_of_no_years_is_refused_at_the_start()
    {
        var refused = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => PortalHost.StartAsync(null, null, "--Booking:RegisterYears=0"));

        Assert.Contains("RegisterYears", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_read_the_register_as_the_page_shows_it_and_files_want_a_fresh_sign_in()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var back = await LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        await ReturnAsync(portal, town, back);
        await LendAsync(portal, town, town.Request(portal.Town.Suzuki, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops, acknowledged: "booking.patch-old"));
        using var auditor = await portal.As(portal.Town.Auditor);
        using var geihoku = await portal.As(portal.Town.GeihokuDesk);
        using var sato = await portal.As(portal.Town.Sato);
        const string register = "/api/v1/booking/register";

        var all = await auditor.Get($"{register}?year=2026&office=01");
        var first = await auditor.Get($"{register}?limit=1");
        var open = await auditor.Get($"{register}?open=true&class=laptop");
        var wrong = await auditor.Get($"{register}?format=pdf&year=99");
        var unknown = await auditor.Get($"{register}?office=99&class=x&section=y");
        var csv = await auditor.Get($"{register}?format=csv");
        var xlsx = await auditor.Get($"{register}?format=xlsx");
        portal.Clock.Advance(TimeSpan.FromMinutes(11));
        var late = await auditor.Get($"{register}?format=csv");

        Assert.Equal(["本庁-R8-0001", "本庁-R8-0002"], Numbers(all));
        Assert.Equal((RegisterSheet.Hash(await RowsAsync(portal)), "佐藤\u3000花子"), (all.Json.GetProperty("sha256").GetString(), all.Json.GetProperty("rows")[0].GetProperty("out").GetProperty("borrower").GetString()));
        Assert.Equal((1, 1, 2), (Numbers(first).Count, first.Json.GetProperty("cursor").GetInt32(), first.Json.GetProperty("total").GetInt32()));
        Assert.Equal(["本庁-R8-0002"], Numbers(open));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (wrong.Status, unknown.Status));
        Assert.Equal(["format", "year"], wrong.WrongFields.Order());
        Assert.Equal(["class", "office", "section"], unknown.WrongFields.Order());
        Assert.Contains("整理番号,備品番号", csv.Text, StringComparison.Ordinal);
        Assert.Equal(RegisterView.Xlsx, xlsx.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal((HttpStatusCode.Forbidden, "session.not-fresh"), (late.Status, late.Json.GetProperty("code").GetString()));
        Assert.Empty(Numbers(await geihoku.Get(register)));
        Assert.Equal(HttpStatusCode.Forbidden, (await sato.Get(register)).Status);
        Assert.Equal((3, 2), await portal.ReadAsync(async db => (await db.Set<KitaPortal.Platform.Audit.AuditEntry>().CountAsync(e => e.Action == "register.read"), await db.Set<KitaPortal.Platform.Audit.AuditEntry>().CountAsync(e => e.Action == "register.exported"))));

        static List<string?> Numbers(Answer answer) => [.. answer.Json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("registerNo").GetString())];
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
