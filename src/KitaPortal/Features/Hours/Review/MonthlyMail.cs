using System.Text.Json;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Mail;
using KitaPortal.Platform.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours.Review;

/// <summary>The monthly mail as it waits in the outbox.</summary>
internal sealed record HoursLetter(string To, string ToName, string Subject, string Body, string Link, string FileName, byte[] Workbook)
{
    public const string KindName = "hours-mail";
}

/// <summary>Sends the monthly mail; the figures are those of the moment it was made.</summary>
internal sealed class HoursMailer(Postman postman) : IOutboxSender
{
    public string Kind => HoursLetter.KindName;

    public Task SendAsync(OutboxMessage message, CancellationToken ct)
    {
        var letter = JsonSerializer.Deserialize<HoursLetter>(message.Payload)!;
        return postman.SendAsync(new Letter(message.Id, letter.To, letter.ToName, letter.Subject, letter.Body, letter.Link)
        {
            Attachments = [new LetterAttachment(letter.FileName, letter.Workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")],
        }, ct);
    }
}

/// <summary>月次メール: on the first working day of a month, or as soon after it as the portal runs, HR is told about the month before. Once, whoever runs this and however often.</summary>
public sealed class MonthlyMailJob(PortalDb db, MonthlyReport report, IOptions<HoursOptions> options) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var today = TokyoTime.DayOf(now);
        if (!await IsTimeAsync(db, options.Value, now, ct)) return null;
        var month = TokyoTime.FirstOfMonth(today).AddMonths(-1);
        if (await db.HoursMails.AnyAsync(m => m.Month == month, ct) || !await db.LedgerEntries.AnyAsync(e => e.WorkDate >= month && e.WorkDate < month.AddMonths(1), ct)) return null;
        var to = await RecipientsAsync(today, ct);
        if (to.Count == 0) return null;
        var (subject, body, workbook) = await report.MakeAsync(month, now, ct);
        try
        {
            await db.WriteAsync(() =>
            {
                db.Add(new HoursMail(month, now, to.Count));    // the key refuses a second one
                var year = FiscalYear.From(month);
                foreach (var (address, name) in to)
                    db.Add(new OutboxMessage(HoursLetter.KindName, JsonSerializer.Serialize(new HoursLetter(address, name, subject, body, $"/hours/review?fy={year.Value}", $"分散勤務の実績_{month:yyyyMM}.xlsx", workbook)), now));
                return Task.CompletedTask;
            }, ct);
        }
        catch (Exception e) when (DatabaseErrors.IsUnique(e))
        {
            db.ChangeTracker.Clear();
            return null;
        }
        return $"{month.Month}月の実績を{to.Count}人に送りました。";
    }

    /// <summary>A working day of the town, not before the hour set.</summary>
    internal static async Task<bool> IsTimeAsync(PortalDb db, HoursOptions options, DateTimeOffset now, CancellationToken ct)
        => TokyoTime.TimeOf(now) >= TimeOnly.ParseExact(options.MailAt, "HH:mm", System.Globalization.CultureInfo.InvariantCulture) && (await db.WorkCalendarAsync(ct)).IsOpen(TokyoTime.DayOf(now));

    private async Task<List<(string Address, string Name)>> RecipientsAsync(DateOnly today, CancellationToken ct)
    {
        if (options.Value.MailRecipients.Length > 0) return [.. options.Value.MailRecipients.Select(a => (a.Trim(), "ご担当者")).Where(a => a.Item1.Length > 0)];
        var hr = await HrAsync(db, today, ct);
        return [.. (await db.Staff.AsNoTracking().Where(s => hr.Contains(s.Id) && s.Mail != null).ToListAsync(ct)).Where(s => s.IsEmployedOn(today)).Select(s => (s.Mail!, s.Name))];
    }

    internal static async Task<IReadOnlyList<StaffId>> HrAsync(PortalDb db, DateOnly today, CancellationToken ct)
        => (await db.StandingAsync<OrganisationBook>(ct)).HoldersOf(Role.Hr, null, today);
}

/// <summary>締めの催促: HR is reminded on working days of months that ended some working days ago and are still open; one piece of news a month.</summary>
public sealed class CloseReminderJob(PortalDb db, IOptions<HoursOptions> options) : IPortalJob
{
    public const string NewsKindName = "hours.close-reminder";
    private const int WorkingDays = 5;

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        if (!await MonthlyMailJob.IsTimeAsync(db, options.Value, now, ct)) return null;
        var today = TokyoTime.DayOf(now);
        var calendar = await db.WorkCalendarAsync(ct);
        var month = TokyoTime.FirstOfMonth(today).AddMonths(-1);
        var passed = Enumerable.Range(0, today.Day).Select(d => today.AddDays(-d)).Count(d => calendar.IsOpen(d));
        var id = MonthClose.IdOf(FiscalYear.From(month), month.Month);
        if (passed < WorkingDays || !await db.MonthCloses.AnyAsync(m => m.Id == id && m.ClosedAt == null, ct) || !await db.LedgerEntries.AnyAsync(e => e.WorkDate >= month && e.WorkDate < month.AddMonths(1), ct)) return null;
        var hr = await MonthlyMailJob.HrAsync(db, today, ct);
        if (hr.Count == 0) return null;
        await db.WriteAsync(() => db.PublishAsync(new News(NewsKindName, $"hours-close:{month:yyyy-MM}", hr, $"{month.Month}月がまだ締められていません", "チェックリストを確かめて締めてください。", "/hours/closes"), ct), ct);
        return null;
    }
}

/// <summary>What the monthly mail says, and its workbook without personal rows.</summary>
public sealed class MonthlyReport(PortalDb db, MonthClosing closing, HoursExport export, IOptions<HoursOptions> options)
{
    public async Task<(string Subject, string Body, byte[] Workbook)> MakeAsync(DateOnly month, DateTimeOffset now, CancellationToken ct)
    {
        var year = FiscalYear.From(month);
        var kgi = await KgiYear.LoadAsync(db, year, now, options.Value, ct);
        var end = month.AddMonths(1).AddDays(-1);
        var booked = kgi.Counted.GetValueOrDefault(month.Month);
        var unused = kgi.ByMonth.GetValueOrDefault((month.Month, Measure.Unused));
        var lines = db.BookingLines;
        var overdue = await db.Loans.CountAsync(l => l.InAt == null && lines.Any(b => b.Id == l.LineId && b.LostAt == null && b.To < now), ct);
        var check = await closing.ChecklistAsync(year, month.Month, ct);
        var query = new ReviewQuery { Fy = year.Value.ToString(System.Globalization.CultureInfo.InvariantCulture), Rows = ReviewRows.Department, Nest = ReviewRows.None };
        var matrix = await ReviewMatrix.LoadAsync(db, query, ReviewViewer.Hr, options.Value, null, now, ct);
        var body = new List<string>();
        body.Add($"{month.Month}月の予約時間　{HoursText.Tenths(booked)}時間（前年同月 {(kgi.LastDaily.Count == 0 ? "—" : HoursText.Tenths(kgi.LastMoved.Where(d => d.Key >= month && d.Key <= end).Sum(d => d.Value)) + "時間")}）");
        body.Add($"{year.Label}の累計　{HoursText.Whole(kgi.Booked)}時間{(kgi.Goal is { } goal ? $"／目標{(kgi.IsProvisional ? "（暫定）" : "")}{goal.Hours:N0}時間　達成率 {kgi.Rate!.Value.Text}　{HoursText.Of(kgi.Grade, kgi.IsOver)}" : "")}");
        body.Add(kgi.Sentence);
        if (kgi.Goal is not null && !kgi.IsOver && kgi.Needed.Minutes > 0 && kgi.Needed.ByMonth.OrderBy(m => m.Key).ToList() is { Count: > 0 } needed)
            body.Add($"必要な時間　{string.Join("、", needed.Take(3).Select(n => $"{n.Key.Month}月 {HoursText.Whole(n.Value)}時間"))}");
        body.Add("");
        body.Add("前の月から大きく変わった所属");
        foreach (var (name, change) in Movers(matrix, month)) body.Add($"・{name}　{(change > 0 ? "+" : "")}{HoursText.Tenths(change)}時間");
        body.Add("");
        body.Add($"未利用　{HoursText.Tenths(unused)}時間（{(booked + unused == 0 ? 0 : unused * 100 / (booked + unused))} %）");
        body.Add($"返却の遅れ　{overdue}件");
        body.Add($"締めの準備　月をまたいで貸出中 {check.LoansOut}件、終わっていない利用 {check.OpenUseEntries}件、確認待ちの修正 {check.Proposed}件、照合の差異 {check.Differences}件");
        var book = await export.MakeAsync(matrix, query, people: null, withRows: false, ct);
        return ($"分散勤務の実績　{year.Label}{month.Month}月", string.Join('\n', body), book.ToXlsx());
    }

    private static IEnumerable<(string Name, long Change)> Movers(ReviewMatrix matrix, DateOnly month)
    {
        var before = month.AddMonths(-1).Month;
        return matrix.Rows.Select(r => (r.Name, Change: r.Months.GetValueOrDefault(month.Month) - (month.Month == 4 ? 0 : r.Months.GetValueOrDefault(before)))).Where(r => r.Change != 0).OrderByDescending(r => Math.Abs(r.Change)).Take(5);
    }
}
