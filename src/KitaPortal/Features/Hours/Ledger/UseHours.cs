using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>Nobody tells of a use in a month that is closed; what the portal ended by itself counts as an adjustment.</summary>
internal sealed class NoUseInClosedMonth(PortalDb db) : IHandle<UseRecorded>
{
    public Task HandleAsync(UseRecorded happened, CancellationToken ct)
    {
        if (db.ChangeTracker.Entries<UseSession>().Any(s => happened.LineIds.Contains(s.Entity.LineId) && s.Entity.WasForgotten)) return Task.CompletedTask;
        var late = db.ChangeTracker.Entries<LedgerEntry>()
            .FirstOrDefault(e => e is { State: EntityState.Added, Entity: { Kind: EntryKind.Adjustment, Measure: Measure.Used, SourceKind: SourceKind.Line } } && happened.LineIds.Contains(new BookingLineId(e.Entity.SourceId)));
        if (late is not null) throw new RuleViolation(HoursRules.UseEntry.With($"{late.Entity.WorkDate.Month}月は締め済みの"));
        return Task.CompletedTask;
    }
}

/// <summary>Ends a 利用開始 that nobody ended, at the end of the countable time of its day, and marks it.</summary>
public sealed class OpenUseJob(PortalDb db) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var today = TokyoTime.Midnight(TokyoTime.DayOf(now));
        var forgotten = await db.UseSessions.Where(s => s.To == null && !s.IsWithdrawn && s.From < today).Select(s => s.Id).ToListAsync(ct);
        foreach (var id in forgotten)
        {
            await db.WriteAsync(async () =>
            {
                var policies = await db.CountingPoliciesAsync(ct);
                var session = await db.UseSessions.SingleAsync(s => s.Id == id, ct);
                var day = TokyoTime.DayOf(session.From);
                session.EndForgotten(TokyoTime.At(day, policies.On(day).Working.To));
            }, ct);
            db.ChangeTracker.Clear();
        }
        return forgotten.Count == 0 ? null : $"終わっていない利用{forgotten.Count}件を終わらせました。";
    }
}
