using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Opening;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Indicators;

/// <summary>What the town published before the portal: the figures of its DX strategy, loaded as printed, once.</summary>
public sealed class StrategyHistory(PortalDb db, LedgerBook book) : IStartupWork
{
    private const string Verification = "加速化戦略　検証表";
    private const string Roadmap = "加速化戦略ロードマップ（令和6年度版）";
    private const string ActionPlan = "加速化戦略　アクションプラン";
    private const string UnitNote = "アクションプランの表では単位が「人」。検証表とロードマップの「件」を採りました。";

    private static readonly FiscalYear R3 = new(2021), R4 = new(2022), R5 = new(2023), R6 = new(2024);

    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await db.WriteAsync(() => EnsureAsync(ct), ct);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsUnique(e))
        {
            db.ChangeTracker.Clear();    // another node loaded it in the same moment
        }
    }

    private async Task EnsureAsync(CancellationToken ct)
    {
        if (!await db.CountingPolicies.AnyAsync(ct))
            db.Add(new CountingPolicy(1, R3.FirstDay, "最初の計数規則。町が令和5年度までの時間をどう数えたかは分かっていないため、それまでの年度は旧集計の値をそのまま載せます。"));
        var opened = await db.LedgerEntries.Where(e => e.Kind == EntryKind.Opening).Select(e => e.FiscalYear).ToListAsync(ct);
        await book.WriteAsync([.. new[] { (R3, 1317), (R4, 2475), (R5, 6153) }.Where(o => !opened.Contains(o.Item1)).Select(o => Opening(o.Item1, o.Item2))], ct);
        if (await db.Indicators.AnyAsync(ct)) return;
        db.Add(new StrategyPlan("北広島町DX加速化戦略", R4, R6));
        db.AddRange(Areas());
        db.AddRange(Indicators());
    }

    private static LedgerDraft Opening(FiscalYear year, int hours)
        => new(new(SourceKind.Opening, PastHoursImport.TownYear(year), year.LastDay, Measure.Booked, 0), 1, hours * 60, LedgerSnapshot.None, Grain.Year, EntryKind.Opening, "紙・旧集計");

    private static IEnumerable<ActionArea> Areas() =>
    [
        new(1, "押印の廃止と業務の非対面化"),
        new(2, "オンラインによる行政手続きの迅速化"),
        new(3, "デジタル広報の実現とデジタルデバイド対策"),
        new(4, "行政職員の働き方改革", "端末運用ルールの策定は令和4年度に「済」、アクションプランでは持ち出しルール整備が推進課題に残っています。"),
    ];

    private static IEnumerable<Indicator> Indicators()
    {
        var paper = new Indicator("paper", 1, "ペーパーレス（コピー・プリントアウトの削減）", "枚/年", 1);
        paper.SetTarget(R4, TargetLevel.Kpi, 46_000, Verification);
        paper.Enter(R4, 74_240, Verification, 161);
        paper.SetTarget(R5, TargetLevel.Kpi, 130_000, Roadmap);
        paper.SetTarget(R5, TargetLevel.Kpi, 74_240, Verification, FigureStatus.Variant, "検証表の目標は令和4年度の実績と同じ値で、公表達成率79 %に合いません（138 %になります）。");
        paper.Enter(R5, 102_591, Verification, 79);
        paper.SetTarget(R6, TargetLevel.Kgi, 184_800, Roadmap);
        yield return paper;

        var forms = new Indicator("online-forms", 2, "オンライン申請に対応する申請", "申請", 2);
        forms.Enter(R3, 17, Roadmap);
        forms.SetTarget(R4, TargetLevel.Kpi, 30, Verification);
        forms.Enter(R4, 34, Verification, 113);
        forms.SetTarget(R5, TargetLevel.Kpi, 40, Verification);
        forms.Enter(R5, 54, Verification, 135);
        forms.SetTarget(R6, TargetLevel.Kgi, 50, ActionPlan);
        forms.SetTarget(R6, TargetLevel.Kgi, 60, Roadmap, reason: "令和5年度の実績54が50を超えたため。");
        yield return forms;

        var count = new Indicator("online-count", 2, "オンライン申請件数", "件/年", 3, "「150件」と「件/年」の両方の書き方があり、件/年としました。");
        count.Enter(R3, 0, Roadmap);
        count.SetTarget(R4, TargetLevel.Kpi, 50, Verification);
        count.Enter(R4, 18, Verification, 36);
        count.SetTarget(R5, TargetLevel.Kpi, 150, Verification);
        count.Enter(R5, 15, Verification, 10);
        count.SetTarget(R6, TargetLevel.Kgi, 300, Roadmap);
        yield return count;

        var line = new Indicator("line", 3, "公式LINE友達登録", "件", 4, UnitNote);
        line.Enter(R3, 4_306, Roadmap);
        line.SetTarget(R4, TargetLevel.Kpi, 4_350, Verification);
        line.Enter(R4, 4_743, Verification, 109);
        line.Enter(R4, 4_347, Roadmap, status: FigureStatus.Variant, note: "数字の入れ替わりか。この値では99 %になります。");
        line.SetTarget(R5, TargetLevel.Kpi, 4_900, Verification);
        line.Enter(R5, 5_107, Verification, 104);
        line.SetTarget(R6, TargetLevel.Kgi, 5_400, Roadmap);
        yield return line;

        var app = new Indicator("app", 3, "情報アプリDL", "件", 5, UnitNote);
        app.Enter(R3, 2_694, Roadmap);
        app.SetTarget(R4, TargetLevel.Kpi, 2_800, Verification);
        app.Enter(R4, 2_842, Verification, 101);
        app.SetTarget(R5, TargetLevel.Kpi, 3_000, Verification);
        app.Enter(R5, 3_082, Verification, 102);
        app.SetTarget(R6, TargetLevel.Kgi, 3_100, Roadmap);
        yield return app;

        var hours = new Indicator(Indicator.HoursCode, 4, "分散勤務・リモートワーク機器使用予約", "時間/年", 6, "検証表は「使用時間」、ＫＧＩは「使用予約時間」。ＫＧＩは予約時間で数え、利用時間を並べて示します。");
        hours.Enter(R3, 1_317, Roadmap);
        hours.SetTarget(R4, TargetLevel.Kpi, 1_500, Verification);
        hours.Enter(R4, 2_475, Verification, 165);
        hours.SetTarget(R5, TargetLevel.Kpi, 2_750, Verification);
        hours.Enter(R5, 6_153, Verification, 223);
        hours.SetTarget(R6, TargetLevel.Kgi, 7_000, Roadmap);
        yield return hours;
    }
}
