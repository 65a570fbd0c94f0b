using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>Checks the ledger every night, tells the administrators of differences, and leaves the outcome for the pages that show its figures.</summary>
public sealed class LedgerCheckJob(PortalDb db, LedgerCheck check, ILogger<LedgerCheckJob> log) : IPortalJob
{
    public const string NewsKindName = "hours.differences";

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var run = await check.RunAsync(ct);
        foreach (var one in run.Found.Take(20)) log.LogError("Ledger differs: {Difference}", one);
        if (run.Differences > 0)
        {
            var today = TokyoTime.DayOf(now);
            var organisation = await db.StandingAsync<OrganisationBook>(ct);
            List<StaffId> admins = [.. organisation.HoldersOf(Role.Admin, null, today).Union(organisation.HoldersOf(Role.Hr, null, today))];
            await db.WriteAsync(() => db.PublishAsync(new News(NewsKindName, $"hours-check:{run.Id}", admins, "時間の照合に差異があります",
                $"{run.Differences}件の差異があります。自動では直しません。照合のページで原因を確かめてください。", "/hours/checks")
            { Importance = Importance.Important }, ct), ct);
        }
        return $"予約{run.Sources:N0}件と照合しました。差異 {run.Differences:N0}件。";
    }
}
