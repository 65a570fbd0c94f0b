using System.Text;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Tests.Host;
using KitaPortal.Tests.People.Import;
using KitaPortal.Tests.Platform;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Hours;

/// <summary>Hours from before the portal: totals of years and months, and last year's paper register.</summary>
public sealed class OpeningTests
{
    [Fact]
    public async Task Past_hours_come_in_once_and_a_corrected_file_writes_the_difference()
    {
        await using var portal = await PortalHost.StartAsync();
        var file = Csv("年度,月,庁舎,所属,時間,根拠", "R6,,,,6900,決算資料", "令和7年度,4月,芸北支所,,120.5,支所の集計", "R7,4,本庁,,300,本庁の集計");

        var (run, rows) = await portal.Preview("past-hours", file);
        Assert.Equal((3, 0), (run.Counts.Added, run.Counts.Errors));
        Assert.Equal(ImportState.Done, (await portal.Apply(run.Id)).Run.State);
        Assert.Equal((414_000, 25_230), (await SumAsync(portal, 2024), await SumAsync(portal, 2025)));

        var (again, same) = await portal.Preview("past-hours", file);
        Assert.Equal(0, again.Counts.Work);
        Assert.All(same, r => Assert.Equal(ImportAction.Same, r.Action));

        var (corrected, _) = await portal.Preview("past-hours", Csv("年度,月,庁舎,所属,時間,根拠", "R6,,,,6950,決算資料（訂正）"));
        await portal.Apply(corrected.Id);
        Assert.Equal(417_000, await SumAsync(portal, 2024));
        Assert.Equal([(1, 414_000), (2, 3_000)], await portal.ReadAsync(async db => (await db.LedgerEntries.Where(e => e.FiscalYear == new FiscalYear(2024)).OrderBy(e => e.Revision).Select(e => new { e.Revision, e.Minutes }).ToListAsync()).Select(e => (e.Revision, e.Minutes))));
        var page = (await (await portal.As(portal.Town.Hr)).Get("/hours?fy=R6")).Words;
        Assert.Contains("6,950 時間 ／ 7,000時間", page, StringComparison.Ordinal);
        Assert.Contains("月別内訳はありません", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Irregular_rows_of_past_hours_are_named()
    {
        await using var portal = await PortalHost.StartAsync();
        await KgiPageTests.FillAsync(portal, new FiscalYear(2026), new(2026, 4, 3), _ => 60);
        var file = Csv("年度,月,庁舎,所属,時間,根拠",
            "昨年,,,,10,x", "令和7年度(2024年度),,,,10,x", "R6,13,,,10,x", "R6,5,,,-10,x", "R6,6,,,10000001,x", "R6,7,,,10,", "R6,8,火星,,10,x", "R6,8,,宇宙課,10,x", "R6,9,,,10,x", "R6,9,,,10,x", "R8,4,,,10,x", "R8,,,,10,x", "R5,4,,,10,x", "R6,10,,,多い,x");

        var (run, rows) = await portal.Preview("past-hours", file);

        Assert.Equal(13, run.Counts.Errors);
        Assert.Equal([2, 3], rows.Lines(ImportLevel.Error, "読み取れません"));
        Assert.Equal([4], rows.Lines(ImportLevel.Error, "1から12ではありません"));
        Assert.Equal([5], rows.Lines(ImportLevel.Error, "0より小さく"));
        Assert.Equal([6], rows.Lines(ImportLevel.Error, "10,000,000を超えて"));
        Assert.Equal([7], rows.Lines(ImportLevel.Error, "根拠がありません"));
        Assert.Equal([11], rows.Lines(ImportLevel.Error, "10行目と同じ"));
        Assert.Equal([12], rows.Lines(ImportLevel.Error, "二重になるため"));
        Assert.Equal([13], rows.Lines(ImportLevel.Error, "月ごとに取り込んで"));
        Assert.Equal([14], rows.Lines(ImportLevel.Error, "どちらか一方に"));
    }

    [Fact]
    public async Task Last_years_paper_register_comes_into_the_ledger_with_every_irregular_row_named()
    {
        await using var portal = await OfficeImportTests.TownWithOrganisation();
        foreach (var (kind, name, answers) in OfficeImportTests.TownFiles.Skip(1))
        {
            var (town, _) = await portal.Preview(kind, OfficeFileTests.Bytes(name), answers);
            await portal.Apply(town.Id, onlyCorrect: true);
        }

        portal.Clock.SetUtcNow(new DateTimeOffset(2026, 4, 6, 9, 0, 0, TimeSpan.FromHours(9)));

        var (run, rows) = await portal.Preview("paper-register", OfficeFileTests.Bytes("持出管理簿_R7.csv"));

        Assert.Equal(897, rows.Count(r => r.Action != ImportAction.Skip));
        Assert.True(Expected(rows).Length == 0, Expected(rows));
        Assert.Equal((488, 75, 334), (run.Counts.Added, run.Counts.Same, run.Counts.Errors));
        Assert.Equal(75, rows.Lines(ImportLevel.Warn, "時間に数えないため").Length);

        var (done, _) = await portal.Apply(run.Id, onlyCorrect: true);
        Assert.Equal(ImportState.Done, done.State);
        var booked = await SumAsync(portal, 2025);
        Assert.Equal(156_145, booked);
        var custody = await portal.ReadAsync(db => db.LedgerEntries.Where(e => e.Measure == Measure.Custody).SumAsync(e => e.Minutes));
        Assert.True(custody > booked);
        var people = await portal.ReadAsync(db => db.LedgerEntries.Where(e => e.Measure == Measure.Distributed).GroupBy(e => new { e.PersonKey, e.WorkDate }).Select(g => g.Sum(e => e.Minutes)).ToListAsync());
        Assert.All(people, minutes => Assert.InRange(minutes, 1, 465));

        var (again, _) = await portal.Preview("paper-register", OfficeFileTests.Bytes("持出管理簿_R7.csv"));
        Assert.Equal(0, again.Counts.Work);
    }

    /// <summary>What the README of the files says is to be named, and where the preview differs from it.</summary>
    private static string Expected(List<ImportRow> rows)
    {
        var counts = new (string Words, int Times)[]
        {
            ("返却の記録がありません", 26), ("持出しの日時がありません", 2), ("より前です", 10), ("時刻がありません", 15), ("令和7年度ではありません", 5),
            ("備品番号がありません", 4), ("2台以上です", 5), ("氏名がありません", 3), ("姓だけです", 14), ("2人以上です", 2), ("職員ではなく所属です", 2), ("所属がないため決められません", 1), ("人います", 1), ("行目と同じ持出しです", 7),
            ("端末は台帳にありません", 129), ("名簿にいません", 117),    // also what lies on devices and people whose own rows were irregular
        };
        return string.Join("; ", counts.Select(c => (c.Words, c.Times, Found: rows.Lines(ImportLevel.Error, c.Words).Length)).Where(c => c.Found != c.Times).Select(c => $"{c.Words}: {c.Found} instead of {c.Times}"));
    }

    private static Task<int> SumAsync(PortalHost portal, int year) => portal.ReadAsync(db => db.LedgerEntries.Where(e => e.FiscalYear == new FiscalYear(year) && e.Measure == Measure.Booked).SumAsync(e => e.Minutes));

    private static byte[] Csv(params string[] lines) => Encoding.UTF8.GetBytes(string.Join("\r\n", lines) + "\r\n");
}
