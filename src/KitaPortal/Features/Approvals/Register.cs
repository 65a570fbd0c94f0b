using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>The number of a request in the register of its fiscal year.</summary>
public sealed record RegisterEntry(string Number, FiscalYear FiscalYear);

/// <summary>The last number given in one series and fiscal year.</summary>
public sealed class NumberSeries
{
    private NumberSeries() { }

    public string Code { get; private set; } = "";

    public int FiscalYear { get; private set; }

    public int Last { get; private set; }

    /// <summary>Takes the next number inside the running transaction. The row stays locked until its end and a rollback gives the number back,
    /// so numbers have no gaps; take it as the last lock of a command.</summary>
    public static async Task<RegisterEntry> TakeAsync(PortalDb db, string code, DateTimeOffset at, CancellationToken ct)
    {
        if (db.Database.CurrentTransaction is null) throw new InvalidOperationException("A number is taken inside the submitting transaction.");
        var year = Platform.Japanese.FiscalYear.Of(at);
        var taken = await db.Database.SqlQuery<int>($"""
            INSERT INTO "NumberSeries" ("Code", "FiscalYear", "Last") VALUES ({code}, {year.Value}, 1)
            ON CONFLICT ("Code", "FiscalYear") DO UPDATE SET "Last" = "NumberSeries"."Last" + 1 RETURNING "Last" AS "Value"
            """).ToListAsync(ct);
        return new RegisterEntry(string.Create(CultureInfo.InvariantCulture, $"{year.ShortLabel}-{code}-{taken[0]:0000}"), year);
    }
}
