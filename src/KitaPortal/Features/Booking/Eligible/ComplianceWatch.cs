using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Eligible;

/// <summary>Tells each desk every morning which hand-overs of the coming working days would be refused as the devices stand, and why.</summary>
internal sealed class ComplianceWatch(PortalDb db) : IPortalJob
{
    private const int WorkingDays = 3;

    /// <summary>A device that cannot be handed over as it stands.</summary>
    internal sealed record Risk(Office Office, BookingId BookingId, string Label, DateTimeOffset From, IReadOnlyList<Finding> Findings);

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var risks = await RisksAsync(db, now, ct);
        if (risks.Count == 0) return null;
        var today = TokyoTime.DayOf(now);
        await db.WriteAsync(async () =>
        {
            foreach (var office in risks.GroupBy(r => r.Office.Id))
            {
                var clerks = await DeskPeople.OfAsync(db, office.Key, today, ct);
                if (clerks.Count == 0) continue;
                var lines = office.OrderBy(r => r.From).Select(r => $"{r.Label}（{BookingWords.Moment(r.From)}受取）：{string.Join("、", r.Findings.Select(f => $"{f.Broken.Rule.Number} {f.Broken.Message}"))}").ToList();
                await db.PublishAsync(new News("booking.compliance", $"booking.compliance:{office.Key}:{today:yyyyMMdd}", clerks, $"このままでは引き渡せない端末が{office.Select(r => r.Label).Distinct().Count()}台あります",
                    string.Join('\n', lines.Take(20)) + (lines.Count > 20 ? $"\nほか{lines.Count - 20}件" : ""), $"/booking/desk/{office.First().Office.Code}"), ct);
            }
        }, ct);
        return $"{risks.Count} hand-overs at risk";
    }

    internal static async Task<IReadOnlyList<Risk>> RisksAsync(PortalDb db, DateTimeOffset now, CancellationToken ct)
    {
        var calendar = await db.WorkCalendarAsync(ct);
        var end = TokyoTime.Midnight(calendar.AddWorkingDays(TokyoTime.DayOf(now), WorkingDays).AddDays(1));
        var found = await (
            from line in db.BookingLines
            where line.From >= now && line.From < end && (line.Status == LineStatus.Approved || line.Status == LineStatus.Ready || line.Status == LineStatus.Requested)
            join booking in db.Bookings on line.BookingId equals booking.Id
            join device in db.Devices on line.DeviceId equals (DeviceId?)device.Id
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            where kind.NeedsComplianceGate
            select new { line, booking, device }).AsNoTracking().ToListAsync(ct);
        if (found.Count == 0) return [];
        var pools = (await Facts.PoolsAsync(db, [.. found.Select(f => f.line.PoolId).Distinct()], ct)).ToDictionary(p => p.Pool.Id);
        var rules = await PublishedRules.LoadAsync(db, ct);
        return [.. found.Select(f =>
        {
            var pool = pools[f.line.PoolId];
            var asked = new LendingCase
            {
                Stage = Stage.HandOver,
                Now = f.line.From,
                Period = new Period(f.line.From, f.line.To),
                Aim = f.booking.Aim,
                Policy = rules.For(pool.Class.Code, pool.Office.Id, new HashSet<Role>(), TokyoTime.DayOf(f.line.From)),
                Borrower = new BorrowerFacts { Employment = EmploymentClass.Regular },
                Class = pool.Class,
                Model = pool.Model,
                Pool = pool.Pool,
                Desk = pool.Desk,
                Device = f.device,
            };
            return new Risk(pool.Office, f.booking.Id, f.device.Label, f.line.From,
                [.. SecurityRules.All.Select(r => r.Find(asked)).OfType<Finding>().Where(x => x.Grade == Grade.Block && !f.booking.HasPassed(x.Rule))]);
        }).Where(r => r.Findings.Count > 0)];
    }
}
