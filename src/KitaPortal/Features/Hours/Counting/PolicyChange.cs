using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Counting;

/// <summary>A new counting policy in two hands: proposed, tried, confirmed by somebody else; then the open days are counted by it.</summary>
public sealed class PolicyChange(PortalDb db, Reposting reposting, TimeProvider clock)
{
    /// <summary>Refuses what cannot be read and what reaches into a closed month.</summary>
    public async Task CheckAsync(PolicyTerms terms, CancellationToken ct)
    {
        var year = FiscalYear.From(terms.From);
        var closed = await db.MonthCloses.AnyAsync(m => m.FiscalYear == year && m.Month == terms.From.Month && m.ClosedAt != null, ct)
            || (await db.MonthCloses.AsNoTracking().Where(m => m.ClosedAt != null && m.FiscalYear >= year).Select(m => new { m.FiscalYear, m.Month }).ToListAsync(ct)).Any(m => MonthClose.FirstDayOf(m.FiscalYear, m.Month) > terms.From);
        Demand.All([.. Unreadable(terms), closed ? HoursRules.PolicyClosed.With(JapaneseDate.Long(terms.From)) : null]);
    }

    /// <summary>Refuses only what cannot be read: a trial may look at closed months.</summary>
    public static void CheckForm(PolicyTerms terms) => Demand.All(Unreadable(terms));

    private static IEnumerable<Broken?> Unreadable(PolicyTerms terms) =>
    [
        terms.Classes.Length == 0 ? HoursRules.PolicyEmpty.With() : null,
        Readable(terms.Span, "") ? null : HoursRules.PolicyForm.On("Form.Span", "時間帯"),
        Readable("08:30-17:15", terms.Breaks) ? null : HoursRules.PolicyForm.On("Form.Breaks", "休憩"),
    ];

    public async Task<CountingPolicy> ProposeAsync(PolicyTerms terms, string note, StaffId by, CancellationToken ct)
    {
        await CheckAsync(terms, ct);
        return await db.WriteAsync(async () =>
        {
            var policy = new CountingPolicy(await db.CountingPolicies.MaxAsync(p => p.Number, ct) + 1, terms, note, by);
            db.Add(policy);
            return policy;
        }, ct);
    }

    /// <summary>The second person confirms; what lies on or after its first day is counted anew.</summary>
    public async Task<int> ConfirmAsync(int number, StaffId by, CancellationToken ct)
    {
        var policy = await db.WriteAsync(async () =>
        {
            var draft = await db.CountingPolicies.SingleOrDefaultAsync(p => p.Number == number, ct).OrNotHere();
            await CheckAsync(draft.Terms, ct);
            draft.Confirm(by, clock.GetUtcNow());
            return draft;
        }, ct);
        return await reposting.RepostFromAsync(policy.EffectiveFrom, $"計数規則 v{number}の適用", ct);
    }

    /// <summary>取下げ by who proposed it, or by somebody who might confirm it.</summary>
    public Task WithdrawAsync(int number, StaffId by, bool isSecondPerson, CancellationToken ct) => db.WriteAsync(async () =>
        (await db.CountingPolicies.SingleOrDefaultAsync(p => p.Number == number, ct).OrNotHere()).Withdraw(by, isSecondPerson, clock.GetUtcNow()), ct);

    private static bool Readable(string span, string breaks)
    {
        try
        {
            var time = WorkingTime.Parse(span, breaks);
            return time.From < time.To && time.Breaks.All(b => b.From < b.To);
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException)
        {
            return false;
        }
    }
}
