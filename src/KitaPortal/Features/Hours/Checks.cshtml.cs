using KitaPortal.Data;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours;

/// <summary>照合: what the checks found, and posting again what differs, with a reason. Administrators and auditors see counts, HR the sources.</summary>
[Authorize(HoursPolicies.Check)]
public sealed class ChecksPage(PortalDb db, LedgerCheck check, Reposting reposting, CurrentStaff me) : FormPage
{
    [BindProperty]
    public string? Reason { get; set; }

    public IReadOnlyList<LedgerCheckRun> Runs { get; private set; } = [];

    public LedgerCheckRun? Last => Runs.Count > 0 ? Runs[0] : null;

    public bool IsHr => me.Is(Role.Hr);

    public override async Task LoadAsync(CancellationToken ct)
        => Runs = await db.LedgerCheckRuns.AsNoTracking().OrderByDescending(r => r.At).Take(14).ToListAsync(ct);

    public async Task<IActionResult> OnPostRunAsync(CancellationToken ct)
    {
        var run = await check.RunAsync(ct);
        Say(run.Differences == 0 ? "照合しました。差異はありません。" : $"照合しました。差異が{run.Differences}件あります。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostRepostAsync(CancellationToken ct)
    {
        if (!IsHr) return NotFound();
        var last = await db.LedgerCheckRuns.AsNoTracking().OrderByDescending(r => r.At).FirstOrDefaultAsync(ct).OrNotHere();
        var written = await reposting.RepostAsync(last, Reason, ct);
        await check.RunAsync(ct);
        Say($"再計上しました（台帳に{written}行）。もう一度照合した結果を表示しています。");
        return RedirectToPage();
    }
}
