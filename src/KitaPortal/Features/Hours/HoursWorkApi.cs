using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Indicators;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours;

/// <summary>The hours as JSON: reading for everybody by scope, work for HR. The same verbs as the pages. Minutes are whole, years are written 2026 or R8.</summary>
internal static class HoursWorkApi
{
    public static void Map(RouteGroupBuilder group)
    {
        group.WithTags("hours");
        group.MapGet("/burn-up", BurnUpAsync).WithName("HoursBurnUp").WithSummary("積み上げ図の数字").WithDescription("Cumulative booked minutes by day with the ideal line and the same days of the year before.");
        group.MapGet("/mine", MineAsync).WithName("HoursMine").WithSummary("自分の時間").WithDescription("The caller's own minutes by month and measure. Never another person's.");
        group.MapGet("/matrix", MatrixAsync).WithName("HoursMatrix").WithSummary("時間の内訳").WithDescription("fy, rows and nest (office, department, class, purpose; person for HR), measure, by=counted|work, filters office, department, class, purpose, person. Small groups are merged for everybody but HR and auditors; then rows have months only where each stands for enough people.");
        group.MapGet("/ledger", LedgerAsync).WithName("HoursLedger").WithSummary("台帳の行").WithDescription("The ledger rows behind a cell, in the order of writing; go on with cursor. HR only.").RequireAuthorization(HoursPolicies.Work);
        group.MapGet("/export", ExportEndpoint.ExportAsync).WithName("HoursExport").WithSummary("書き出し").WithDescription("format=xlsx|csv, audience=internal|public, encoding=Utf8Bom|Cp932 and the parameters of the matrix.");
        group.MapGet("/closes", ClosesAsync).WithName("HoursCloses").WithSummary("月締めの状態").WithDescription("The thirteen months of a fiscal year with their totals and SHA-256.").RequireAuthorization(HoursPolicies.Check);
        group.MapPost("/closes", CloseAsync).WithName("HoursClose").WithSummary("月を締める").WithDescription("In order and after its end (時-101); a month that is closed is answered with its close (時-102); differences need a note (時-103).").RequireAuthorization(HoursPolicies.Work);
        group.MapPost("/adjustments", AdjustAsync).WithName("HoursAdjust").WithSummary("手動修正の登録").WithDescription("Counts only after a second person confirmed it (時-105). The id is made by the client; the evidence is a file the caller handed in before.").RequireAuthorization(HoursPolicies.Work);
        group.MapPost("/adjustments/{id:guid}/confirmation", ConfirmAsync).WithName("HoursConfirm").WithSummary("手動修正の確定").RequireAuthorization(HoursPolicies.Confirm);
        group.MapGet("/policies", PoliciesAsync).WithName("HoursPolicies").WithSummary("計数規則");
        group.MapPost("/policies", ProposeAsync).WithName("HoursPropose").WithSummary("計数規則の案").WithDescription("Refused for a day in a closed month (時-104).").RequireAuthorization(HoursPolicies.Work);
        group.MapPost("/policies/{number:int}/confirmation", ConfirmPolicyAsync).WithName("HoursConfirmPolicy").WithSummary("計数規則の適用").RequireAuthorization(HoursPolicies.Confirm);
        group.MapPost("/what-if", WhatIfAsync).WithName("HoursWhatIf").WithSummary("試算").WithDescription("Any days under a draft policy, beside the present one. Writes nothing.").RequireAuthorization(HoursPolicies.Work);
        group.MapGet("/indicators", IndicatorsAsync).WithName("HoursIndicators").WithSummary("指標の目標と実績").WithDescription("The indicators of the strategy with the targets, results and rates that count, by fiscal year. Values are in the unit of the indicator; published is the rate the town printed, in whole percent.");
        group.MapGet("/checks", ChecksAsync).WithName("HoursChecks").WithSummary("照合の結果").RequireAuthorization(HoursPolicies.Check);
        group.MapPost("/checks", CheckAsync).WithName("HoursCheck").WithSummary("照合する").RequireAuthorization(HoursPolicies.Check);
        group.MapPost("/repostings", RepostAsync).WithName("HoursRepost").WithSummary("再計上").WithDescription("Posts the differences of the last check with a reason.").RequireAuthorization(HoursPolicies.Work);
    }

    private static async Task<IResult> BurnUpAsync([FromQuery] string? fy, PortalDb db, IOptions<HoursOptions> options, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var kgi = await KgiYear.LoadAsync(db, HoursApi.YearOf(fy, clock.Today()), now, options.Value, ct);
        long sum = 0, last = 0;
        return TypedResults.Ok(new
        {
            fiscalYear = kgi.Year.Value,
            asOf = kgi.AsOf,
            targetMinutes = kgi.Target,
            definition = HoursText.Meaning(kgi.Policy.KgiMeasure),
            days = Days(kgi.Year).Select(d => new { day = d, ideal = kgi.Goal is null ? (long?)null : kgi.Work.Ideal(d, kgi.Target), booked = sum += kgi.Daily.GetValueOrDefault(d), isComing = d > kgi.Until, lastYear = kgi.LastMoved.Count == 0 ? (long?)null : last += kgi.LastMoved.GetValueOrDefault(d) }).ToList(),
        });

        static IEnumerable<DateOnly> Days(FiscalYear year)
        {
            for (var day = year.FirstDay; day <= year.LastDay; day = day.AddDays(1)) yield return day;
        }
    }

    private static async Task<IResult> MineAsync([FromQuery] string? fy, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var (today, year) = (clock.Today(), HoursApi.YearOf(fy, clock.Today()));
        var key = await db.LedgerPeople.Where(p => p.StaffId == me.Id && p.FiscalYear == year).Select(p => (Guid?)p.Id).SingleOrDefaultAsync(ct);
        var rows = await db.LedgerEntries.Where(e => e.PersonKey != null && e.PersonKey == key && e.WorkDate <= today).GroupBy(e => new { e.CountedMonth, e.Measure })
            .Select(g => new { g.Key.CountedMonth, g.Key.Measure, Minutes = g.Sum(e => (long)e.Minutes) }).ToListAsync(ct);
        return TypedResults.Ok(new { fiscalYear = year.Value, months = rows.OrderBy(r => r.CountedMonth).Select(r => new { month = r.CountedMonth, measure = r.Measure.ToString(), minutes = r.Minutes }) });
    }

    private static async Task<IResult> MatrixAsync(ReviewQuery query, PortalDb db, CurrentStaff me, IOptions<HoursOptions> options, GroupSizes sizes, PersonalLooks looks, TimeProvider clock, CancellationToken ct)
    {
        HoursApi.YearOf(query.Fy, clock.Today());
        var matrix = await ReviewMatrix.LoadAsync(db, query, ReviewViewer.Of(me), options.Value, sizes, clock.GetUtcNow(), ct);
        await looks.RememberAsync(matrix.PeopleShown, $"職員ごとの時間（{matrix.Query.Describe(matrix.Year)}・{matrix.FilterWords}）", ct);
        object Row(ReviewRow r) => new { name = r.Name, key = r.Key, innerKey = r.InnerKey, depth = r.Depth, merged = r.IsMerged, months = r.Months.OrderBy(m => MonthClose.OrderOf(m.Key)).Select(m => new { month = m.Key, minutes = m.Value }), total = r.Total, before = r.Before };
        return TypedResults.Ok(new
        {
            fiscalYear = matrix.Year.Value,
            asOf = matrix.AsOf,
            until = matrix.Until,
            measure = matrix.Query.Measure.ToString(),
            by = matrix.Query.By == ReviewBy.Counted ? "counted" : "work",
            definition = HoursText.Meaning(matrix.Query.Measure),
            policy = matrix.Policy.Number,
            closedMonths = matrix.ClosedMonths,
            rows = matrix.Rows.Select(Row),
            sum = Row(matrix.Sum),
        });
    }

    /// <param name="cursor">The number of the last row seen.</param>
    private static async Task<IResult> LedgerAsync(ReviewQuery query, [FromQuery] long? cursor, PortalDb db, PersonalLooks looks, TimeProvider clock, CancellationToken ct)
    {
        const int Page = 500;
        var today = clock.Today();
        var year = HoursApi.YearOf(query.Fy, today);
        var names = await ReviewNames.LoadAsync(db, query with { Person = query.Person ?? ReviewQuery.Nothing }, year, today, ct);
        var from = cursor ?? 0;
        var rows = await ReviewSums.Rows(db, names.Resolve(query), year, today < year.LastDay ? today : year.LastDay).AsNoTracking().Where(e => e.Number > from).OrderBy(e => e.Number).Take(Page).ToListAsync(ct);
        await looks.RememberAsync(rows.Select(r => names.StaffOf(r.PersonKey)).OfType<Platform.Domain.StaffId>(), $"台帳の行（{query.Describe(year)}）", ct);
        return TypedResults.Ok(new
        {
            rows = rows.Select(e => new { number = e.Number, sourceKind = e.SourceKind.ToString(), sourceId = e.SourceId, workDate = e.WorkDate, measure = e.Measure.ToString(), minutes = e.Minutes, countedMonth = e.CountedMonth, kind = e.Kind.ToString(), revision = e.Revision, policy = e.PolicyNumber, department = e.DepartmentName, @class = e.Class, purpose = e.Purpose, reason = e.Reason }),
            cursor = rows.Count == Page ? rows[^1].Number : (long?)null,
        });
    }

    private static async Task<IResult> ClosesAsync([FromQuery] string? fy, MonthClosing closing, TimeProvider clock, CancellationToken ct)
        => TypedResults.Ok((await closing.MonthsAsync(HoursApi.YearOf(fy, clock.Today()), ct)).Select(Close));

    internal sealed record CloseRequest(string Fy, int Month, string? Note);

    private static async Task<IResult> CloseAsync(CloseRequest asked, MonthClosing closing, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var year = HoursApi.YearOf(asked.Fy, clock.Today());
        if ((await closing.MonthsAsync(year, ct)).FirstOrDefault(m => m.Month == asked.Month && m.IsClosed) is { } closed) return TypedResults.Conflict(Close(closed));
        return TypedResults.Ok(Close(await closing.CloseAsync(year, asked.Month, asked.Note, me.Id, ct)));
    }

    private static object Close(MonthClose m) => new { fiscalYear = m.FiscalYear.Value, month = m.Month, closedAt = m.ClosedAt, rows = m.Rows, sha256 = m.Sha256, note = m.Note, rule = m.IsClosed ? HoursRules.Closed.Number : null };

    /// <summary>The evidence is the id of a file the caller handed in, with the name it shall have here.</summary>
    internal sealed record AdjustmentRequest(Guid Id, Guid DepartmentId, string Fy, int Month, Measure Measure, int Minutes, string Reason, Guid? EvidenceFileId, string? EvidenceName);

    private static async Task<IResult> AdjustAsync(AdjustmentRequest asked, PortalDb db, MonthClosing closing, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var file = asked.EvidenceFileId is { } id && await db.FileLinks.AnyAsync(l => l.FileId == id && l.UploadedBy == me.Id, ct) ? new TakenFile(id, asked.EvidenceName ?? "根拠") : null;
        var adjustment = await closing.ProposeAsync(new ManualAdjustmentId(asked.Id), new DepartmentId(asked.DepartmentId), HoursApi.YearOf(asked.Fy, clock.Today()), asked.Month, asked.Measure, asked.Minutes, asked.Reason, file is null ? [] : [file], me.Id, ct);
        return TypedResults.Ok(new { id = adjustment.Id.Value, state = adjustment.State.ToString() });
    }

    private static async Task<IResult> ConfirmAsync(Guid id, PortalDb db, MonthClosing closing, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        if (!await SecondPerson.MayConfirmAsync(db, me, clock.Today(), ct)) return TypedResults.NotFound();
        await closing.ConfirmAsync(new ManualAdjustmentId(id), me.Id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> PoliciesAsync(PortalDb db, CancellationToken ct)
        => TypedResults.Ok((await db.CountingPolicies.AsNoTracking().OrderBy(p => p.Number).ToListAsync(ct)).Select(p => new { number = p.Number, state = p.State.ToString(), terms = p.Terms, note = p.Note }));

    internal sealed record PolicyRequest(PolicyTerms Terms, string Note);

    private static async Task<IResult> ProposeAsync(PolicyRequest asked, PolicyChange change, CurrentStaff me, CancellationToken ct)
        => TypedResults.Ok(new { number = (await change.ProposeAsync(asked.Terms, asked.Note, me.Id, ct)).Number });

    private static async Task<IResult> ConfirmPolicyAsync(int number, PortalDb db, PolicyChange change, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        if (!await SecondPerson.MayConfirmAsync(db, me, clock.Today(), ct)) return TypedResults.NotFound();
        return TypedResults.Ok(new { rows = await change.ConfirmAsync(number, me.Id, ct) });
    }

    internal sealed record WhatIfRequest(PolicyTerms Terms, DateOnly First, DateOnly Last);

    private static async Task<IResult> WhatIfAsync(WhatIfRequest asked, WhatIf whatIf, CurrentStaff me, CancellationToken ct)
    {
        PolicyChange.CheckForm(asked.Terms);
        if (asked.Last < asked.First || asked.Last.DayNumber - asked.First.DayNumber > 400) return TypedResults.Problem("400日までの期間にしてください。", statusCode: StatusCodes.Status422UnprocessableEntity);
        var rows = await whatIf.CountAsync(new CountingPolicy(int.MaxValue, asked.Terms with { From = asked.First }, "試算", me.Id), asked.First, asked.Last, ct);
        return TypedResults.Ok(rows.Select(r => new { measure = r.Measure.ToString(), now = r.Now, then = r.Then }));
    }

    private static async Task<IResult> IndicatorsAsync(PortalDb db, CancellationToken ct)
        => TypedResults.Ok((await db.Indicators.AsNoTracking().Include(i => i.Targets).Include(i => i.Results).AsSplitQuery().OrderBy(i => i.SortOrder).ToListAsync(ct)).Select(i => new
        {
            code = i.Code,
            area = i.AreaNo,
            name = i.Name,
            unit = i.Unit,
            years = i.Targets.Select(t => t.FiscalYear).Concat(i.Results.Select(r => r.FiscalYear)).Distinct().Order().Select(year => new
            {
                fiscalYear = year.Value,
                kpi = i.TargetOf(year, TargetLevel.Kpi)?.Value,
                kgi = i.TargetOf(year, TargetLevel.Kgi)?.Value,
                result = i.ResultOf(year)?.Value,
                rate = i.RateOf(year)?.Percent,
                published = i.ResultOf(year)?.PublishedRate,
                source = i.ResultOf(year)?.Source,
            }),
        }));

    private static async Task<IResult> ChecksAsync(PortalDb db, CancellationToken ct)
        => TypedResults.Ok((await db.LedgerCheckRuns.AsNoTracking().OrderByDescending(r => r.At).Take(30).ToListAsync(ct)).Select(Run));

    private static async Task<IResult> CheckAsync(LedgerCheck check, CancellationToken ct) => TypedResults.Ok(Run(await check.RunAsync(ct)));

    private static object Run(LedgerCheckRun run) => new { id = run.Id, at = run.At, sources = run.Sources, differences = run.Differences, checks = run.Checks.Select(c => new { c.Name, problems = c.Problems.Count }) };

    internal sealed record RepostRequest(string? Reason);

    private static async Task<IResult> RepostAsync(RepostRequest asked, PortalDb db, Reposting reposting, CancellationToken ct)
    {
        var last = await db.LedgerCheckRuns.AsNoTracking().OrderByDescending(r => r.At).FirstOrDefaultAsync(ct).OrNotHere();
        return TypedResults.Ok(new { rows = await reposting.RepostAsync(last, asked.Reason, ct) });
    }
}
