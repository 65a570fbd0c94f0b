using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using CsCheck;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Features.People;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Hours;

/// <summary>The HR review: every cell is the sum of rows that can be listed, down to the booking; nobody else sees people or small groups.</summary>
public sealed partial class ReviewTests
{
    private static readonly FiscalYear R8 = new(2026);

    [Fact]
    public async Task From_the_kgi_page_to_the_bookings_of_a_branch_in_October_are_three_clicks()
    {
        await using var portal = await OctoberAsync();
        var hr = await portal.As(portal.Town.Hr);

        var first = await hr.Get("/hours");
        var review = await hr.Get(LinkIn(first.Text, "時間の内訳"));
        var cell = await hr.Get(CellIn(review.Text, "芸北支所 10月"));
        Assert.Contains("<h1>庁舎 芸北支所・10月</h1>", cell.Text, StringComparison.Ordinal);
        Assert.Contains("田中\u3000実", cell.Words, StringComparison.Ordinal);
        var booking = await hr.Get(Regex.Match(cell.Text, "href=\"(/hours/review/booking/[^\"]+)\"").Groups[1].Value);

        Assert.Contains("持出用ノートPC", booking.Words, StringComparison.Ordinal);
        Assert.Contains("支所勤務（居住近接）", booking.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("機密性", booking.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("秘密の行先", booking.Words, StringComparison.Ordinal);
        var export = await hr.Http.GetAsync(Regex.Match(cell.Text, "href=\"(/hours/export[^\"]+xlsx[^\"]*)\"").Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal));
        var sheets = SheetReader.Read(await export.Content.ReadAsByteArrayAsync()).Sheets;
        Assert.Equal(["概要", "集計", "明細", "説明"], sheets.Select(s => s.Name));
        var rows = sheets[2].Rows;
        var minutes = Column(rows[0], "分");
        Assert.Equal(930, rows.Skip(1).Sum(r => r[minutes].Number ?? 0));
        Assert.Contains(rows.Skip(1), r => r.Cells.Any(c => c.Text == "田中\u3000実"));
    }

    [Fact]
    public async Task The_sum_is_the_same_at_each_step_from_the_matrix_to_the_ledger()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-11-25T09:00"));
        await FillAsync(portal, 300, seed: 7);
        var hr = await portal.As(portal.Town.Hr);
        var ledger = await portal.ReadAsync(db => db.LedgerEntries.AsNoTracking().Where(e => e.FiscalYear == R8 && e.Measure == Measure.Booked && e.WorkDate <= new DateOnly(2026, 11, 25)).ToListAsync());

        foreach (var (rows, nest, by) in new[] { ("office", "department", ""), ("department", "class", "&by=work"), ("class", "purpose", ""), ("purpose", "none", ""), ("person", "purpose", "&by=work"), ("office", "none", "") })
            foreach (var added in new[] { false, true })
            {
                if (added) await portal.ReadAsync(async db => { await new LedgerTotalsJob(db).AddUpAsync(new DateOnly(2026, 11, 24), 1, CancellationToken.None); return true; });
                var page = await hr.Get($"/hours/review?fy=2026&rows={rows}&nest={nest}{by}");
                Assert.Equal(HttpStatusCode.OK, page.Status);
                var cells = Cells().Matches(page.Text).Select(m => (Href: WebUtility.HtmlDecode(m.Groups[1].Value), Text: m.Groups[3].Value)).ToList();
                Assert.NotEmpty(cells);
                Assert.Equal(HoursText.Tenths(ledger.Sum(e => (long)e.Minutes)), Regex.Matches(page.Text, "<tfoot>.*?</tfoot>", RegexOptions.Singleline).Select(m => Regex.Matches(m.Value, "<td class=\"num\">([^<]*)</td>")[^4].Groups[1].Value).Single());
                foreach (var (href, text) in cells.Where((_, i) => i % 11 == 0))
                {
                    var below = await hr.Get(href);
                    Assert.Contains($"合計 <strong>{text}時間</strong>", below.Text, StringComparison.Ordinal);
                    var listed = await hr.Get(href + "&view=rows");
                    var sum = Regex.Matches(listed.Text, "data-label=\"分\">([-0-9,]+)<").Sum(m => int.Parse(m.Groups[1].Value, NumberStyles.Any, CultureInfo.InvariantCulture));
                    var said = Regex.Match(listed.Text, "（([-0-9,]+)分）").Groups[1].Value;
                    if (!listed.Text.Contains("class=\"pager__pages\"", StringComparison.Ordinal)) Assert.Equal(said, sum.ToString("N0", CultureInfo.InvariantCulture));
                }
            }
    }

    [Fact]
    public async Task Only_hr_sees_people_and_the_rows_behind_a_cell()
    {
        await using var portal = await OctoberAsync();
        var hr = await portal.As(portal.Town.Hr);
        var line = await portal.ReadAsync(db => db.LedgerEntries.Where(e => e.SourceKind == SourceKind.Line).Select(e => e.SourceId).FirstAsync());
        string[] personal = ["/hours/review?rows=person", "/hours/review?rows=office&nest=person", $"/hours/review?person={portal.Town.Tanaka}", "/hours/export?format=xlsx&rows=person"];
        string[] drill = ["/hours/review/rows?fy=2026&month=10", $"/hours/review/booking/{line}", "/hours/review/lists"];
        Assert.All(await Task.WhenAll(personal.Concat(drill).Select(hr.Get)), a => Assert.Equal(HttpStatusCode.OK, a.Status));

        foreach (var person in new[] { portal.Town.Sato, portal.Town.GeihokuHead, portal.Town.Admin, portal.Town.Auditor, portal.Town.Security, portal.Town.Desk })
        {
            var client = await portal.As(person);
            foreach (var path in personal) Assert.Equal(HttpStatusCode.NotFound, (await client.Get(path)).Status);
            foreach (var path in drill) Assert.Contains((await client.Get(path)).Status, new[] { HttpStatusCode.Forbidden, HttpStatusCode.NotFound });
            var page = await client.Get("/hours/review?fy=2026");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.DoesNotContain("/hours/review/rows", page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Looking_at_people_is_in_the_audit_and_shown_to_them()
    {
        await using var portal = await OctoberAsync();
        var hr = await portal.As(portal.Town.Hr);

        await hr.Get("/hours/review?fy=2026&rows=person");

        var tanaka = (await (await portal.As(portal.Town.Tanaka)).Get("/hours/mine")).Words;
        Assert.Contains("自分の記録を見た人", tanaka, StringComparison.Ordinal);
        Assert.Contains("酒井\u3000聡美 職員ごとの時間（令和8年度・予約時間・計上月・絞り込みなし）", tanaka, StringComparison.Ordinal);
        Assert.True(await portal.ReadAsync(db => db.Set<AuditEntry>().AnyAsync(a => a.Action == "hours.personal-view" && a.ActorId == portal.Town.Hr)));
    }

    [Fact]
    public async Task Only_those_whose_hours_were_shown_are_told()
    {
        await using var portal = await OctoberAsync();
        var hr = await portal.As(portal.Town.Hr);

        await hr.Get($"/hours/review?fy=2026&rows=person&office={portal.Town.Geihoku}");
        await hr.Get($"/api/v1/hours/matrix?fy=2026&rows=person&office={portal.Town.Geihoku}");

        Assert.Equal([portal.Town.Tanaka, portal.Town.Tanaka], await portal.ReadAsync(db => db.PersonalLooks.Select(l => l.StaffId).ToListAsync()));
    }

    [Fact]
    public async Task Taking_rows_of_people_out_wants_a_fresh_sign_in_and_is_told_to_them()
    {
        await using var portal = await OctoberAsync();
        var hr = await portal.As(portal.Town.Hr);
        portal.Clock.Advance(TimeSpan.FromMinutes(11));

        foreach (var path in new[] { "/hours/export?format=xlsx&fy=2026&month=10", "/hours/export?format=csv&fy=2026&rows=person" })
        {
            var again = await hr.Get(path);
            Assert.Equal("/people/sign-in", again.Address.AbsolutePath);
            Assert.Contains("もう一度サインインしてください。", again.Words, StringComparison.Ordinal);
            Assert.Contains($"returnUrl={Uri.EscapeDataString(path)}", again.Address.Query, StringComparison.Ordinal);
        }
        var refused = await hr.Get("/api/v1/hours/export?fy=2026&month=10");
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("session.not-fresh", refused.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await hr.Get("/hours/export?format=xlsx&fy=2026&public=true")).Status);
        Assert.Equal(HttpStatusCode.OK, (await (await portal.As(portal.Town.Sato)).Get("/hours/export?format=xlsx&fy=2026")).Status);
        Assert.Equal(0, await portal.ReadAsync(db => db.PersonalLooks.CountAsync()));

        var fresh = await portal.As(portal.Town.Hr);
        Assert.Equal(HttpStatusCode.OK, (await fresh.Get($"/hours/export?format=xlsx&fy=2026&month=10&office={portal.Town.Geihoku}")).Status);

        var look = await portal.ReadAsync(db => db.PersonalLooks.SingleAsync());
        Assert.Equal(portal.Town.Tanaka, look.StaffId);
        Assert.StartsWith("書き出した職員ごとの時間", look.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Small_departments_are_merged_for_everybody_but_hr_and_a_head_sees_the_own_one()
    {
        await using var portal = await OctoberAsync();

        var colleague = (await (await portal.As(portal.Town.Sato)).Get("/hours/review?fy=2026")).Words;
        var head = (await (await portal.As(portal.Town.GeihokuHead)).Get("/hours/review?fy=2026")).Words;
        var hr = (await (await portal.As(portal.Town.Hr)).Get("/hours/review?fy=2026")).Words;

        Assert.DoesNotContain("芸北支所 15.5", colleague, StringComparison.Ordinal);
        Assert.Contains("その他", colleague, StringComparison.Ordinal);
        Assert.Contains("芸北支所（自分の所属） 15.5", head, StringComparison.Ordinal);
        Assert.DoesNotContain("総務課 ", head, StringComparison.Ordinal);
        Assert.Contains("芸北支所 15.5", hr, StringComparison.Ordinal);
    }

    [Fact]
    public void Hidden_groups_cannot_be_uncovered_from_any_pair_of_public_views()
        => Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 14], Gen.Int[0, 1]).List[1, 40].Sample(atoms =>
        {
            const int Least = 5;
            var people = atoms.Select(a => new Place(2025 + a.Item4, Id(1, a.Item1), Id(2, (a.Item1 * 10) + a.Item2), Id(3, a.Item3))).Distinct().ToList();
            var blocks = SmallGroups.MergePlaces(people, Least);
            // Everything anybody can read: the total, rows by office, rows by department; each is a set of places.
            var places = people.Select(p => (p.Office, p.Department)).Distinct().ToList();
            var views = new List<List<HashSet<(Guid, Guid)>>>
            {
                new() { places.ToHashSet() },
                blocks.Select(b => places.Where(p => b.Offices.Contains(p.Office)).ToHashSet()).ToList(),
                blocks.SelectMany(b => b.Departments).Select(d => d.ToHashSet()).ToList(),
            };
            var all = people.Where(p => p.Year == 2025).Select(p => p.Person).Distinct().Count();
            foreach (var year in new[] { 2025, 2026 })
                foreach (var one in views.SelectMany(v => v))
                    foreach (var other in views)
                    {
                        var inside = other.Where(c => c.IsSubsetOf(one)).ToList();
                        for (var subset = 0; subset < 1 << Math.Min(inside.Count, 10); subset++)
                        {
                            var left = one.Except(inside.Where((_, i) => (subset & (1 << i)) != 0).SelectMany(c => c)).ToHashSet();
                            var persons = people.Where(p => p.Year == year && left.Contains((p.Office, p.Department))).Select(p => p.Person).Distinct().Count();
                            var town = people.Where(p => p.Year == year).Select(p => p.Person).Distinct().Count();
                            if (persons > 0 && persons < Least && town >= Least) return false;
                        }
                    }
            return true;
        }, iter: 400);

    [Fact]
    public void Without_taking_the_next_smallest_along_a_subtraction_uncovers_the_small_one()
    {
        // The same with the guard left out: only the groups that are too small are merged.
        Dictionary<string, int> groups = new() { ["A"] = 12, ["B"] = 3 };
        var naive = groups.Where(g => g.Value < 5).Sum(g => g.Value);
        var kept = SmallGroups.Merge(groups.ToDictionary(g => g.Key, g => (IReadOnlyList<IReadOnlySet<Guid>>)[Enumerable.Range(0, g.Value).Select(_ => Guid.NewGuid()).ToHashSet()]), 5);

        Assert.InRange(naive, 1, 4);
        Assert.Equal(["A", "B"], Assert.Single(kept).Order());
    }

    [Fact]
    public async Task Exports_are_typed_complete_and_harmless()
    {
        await using var portal = await PortalHost.StartAsync(BookingTown.At("2026-11-25T09:00"));
        await FillAsync(portal, 60, seed: 3);
        await portal.WriteAsync(async db => { (await db.Departments.Include(d => d.Terms).SingleAsync(d => d.Id == portal.Town.Planning)).Begin(new DateOnly(2026, 5, 1), "=企画𠮷課", "企画", DepartmentKind.Section, null, portal.Town.MainOffice, 2); });
        var hr = await portal.As(portal.Town.Hr);

        var book = SheetReader.Read(await hr.Http.GetByteArrayAsync("/hours/export?format=xlsx&fy=2026&rows=department&nest=none"));
        var zip = new ZipArchive(new MemoryStream(await hr.Http.GetByteArrayAsync("/hours/export?format=csv&fy=2026&rows=department&nest=none&encoding=Cp932")));
        var open = SheetReader.Read(await hr.Http.GetByteArrayAsync("/hours/export?format=xlsx&fy=2026&rows=department&nest=none&public=true"));

        var ledger = await portal.ReadAsync(db => db.LedgerEntries.Where(e => e.FiscalYear == R8 && e.Measure == Measure.Booked && e.WorkDate <= new DateOnly(2026, 11, 25)).SumAsync(e => (long)e.Minutes));
        foreach (var sheet in book.Sheets.Where(s => s.Name is "集計" or "明細"))
        {
            var column = Column(sheet.Rows[0], sheet.Name == "集計" ? "合計（分）" : "分");
            Assert.Equal(ledger, sheet.Rows.Skip(1).Sum(r => (long)(r[column].Number ?? 0)));
        }
        Assert.Contains(book.Sheets[1].Rows, r => r[0].Text is "'=企画𠮷課" or "=企画𠮷課");
        var about = book.Sheets[^1].Rows.Select(r => r[0].Text).ToList();
        foreach (var word in new[] { "内容", "しぼり込み", "時点", "締めの状態", "予約時間", "分散勤務時間", "計数規則", "開庁日", "明細の行数", "照合値（SHA-256）" }) Assert.Contains(word, about);
        Assert.Equal(["概要.csv", "集計.csv", "明細.csv", "説明.csv", "文字の報告.csv"], zip.Entries.Select(e => e.FullName));
        using var report = new StreamReader(zip.GetEntry("文字の報告.csv")!.Open());
        Assert.Contains("𠮷", await report.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(open.Sheets, s => s.Name == "明細");
    }

    /// <summary>Two days of a laptop at 芸北 in October for 田中, one at 本庁 for 佐藤.</summary>
    private static async Task<PortalHost> OctoberAsync()
    {
        var portal = await PortalHost.StartAsync(BookingTown.At("2026-10-05T09:00"));
        var town = await BookingTown.SeedAsync(portal);
        var aim = new Features.Booking.BookingAim(Features.Booking.Purpose.BranchWork, "用件", null, Features.Booking.DestinationKind.InBuilding, "秘密の行先", InfoClass.Class2, false);
        await town.Reserve(town.Request(portal.Town.Tanaka, "2026-10-06T08:30", "2026-10-07T17:15", town.GeihokuLaptops, aim: aim, acknowledged: "booking.patch-old"));
        await town.Reserve(town.Request(portal.Town.Sato, "2026-10-06T08:30", "2026-10-06T17:15", aim: aim, acknowledged: "booking.patch-old"));
        portal.Clock.SetUtcNow(BookingTown.At("2026-11-25T09:00"));
        return portal;
    }

    /// <summary>Random rows of two years, as a ledger might hold them.</summary>
    private static Task FillAsync(PortalHost portal, int count, int seed) => portal.WriteAsync(db =>
    {
        var dice = new Random(seed);
        var people = new[] { (portal.Town.Sato, portal.Town.GeneralAffairs, "総務課", portal.Town.MainOffice), (portal.Town.Suzuki, portal.Town.Planning, "企画課", portal.Town.MainOffice), (portal.Town.Tanaka, portal.Town.GeihokuBranch, "芸北支所", portal.Town.Geihoku) };
        var keys = people.SelectMany(p => new[] { new FiscalYear(2025), R8 }.Select(y => (p.Item1, y))).ToDictionary(k => k, _ => Guid.CreateVersion7());
        foreach (var ((person, year), key) in keys)
            db.Database.ExecuteSql($"""INSERT INTO "LedgerPeople" ("Id", "StaffId", "FiscalYear") VALUES ({key}, {person.Value}, {year.Value})""");
        for (var i = 0; i < count; i++)
        {
            var (person, department, name, office) = people[dice.Next(people.Length)];
            var day = new DateOnly(2025, 4, 1).AddDays(dice.Next(0, 660));
            var month = dice.Next(8) == 0 && day.Month is not 3 ? day.AddMonths(1).Month : day.Month;
            db.Add(new LedgerEntry(new(SourceKind.Line, Guid.CreateVersion7(), day, Measure.Booked, 1), 1, dice.Next(-60, 500),
                LedgerSnapshot.None with { PersonKey = keys[(person, FiscalYear.From(day))], DepartmentId = department, DepartmentName = name, OfficeId = office, Class = dice.Next(2) == 0 ? "laptop" : "tablet", Purpose = dice.Next(3) == 0 ? "HomeWork" : "BranchWork" },
                Grain.Day, EntryKind.Posting, month, portal.Clock.GetUtcNow(), null));
        }
        return Task.CompletedTask;
    });

    private static Guid Id(int kind, int number) => new(kind, (short)number, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private static int Column(SheetRow head, string name) => head.Cells.Select((c, i) => (c.Text, i)).Single(c => c.Text == name).i;

    private static string LinkIn(string html, string text) => WebUtility.HtmlDecode(Regex.Match(html, $"<a[^>]*href=\"([^\"]+)\"[^>]*>(?:(?!</a>).)*{text}", RegexOptions.Singleline).Groups[1].Value);

    private static string CellIn(string html, string name) => WebUtility.HtmlDecode(Regex.Match(html, $"<a href=\"([^\"]+)\" aria-label=\"{name} [^\"]*\"").Groups[1].Value);

    [GeneratedRegex("<a href=\"(/hours/review/rows[^\"]*)\" aria-label=\"([^\"]*)\">([-0-9,.]+)</a>")]
    private static partial Regex Cells();
}
