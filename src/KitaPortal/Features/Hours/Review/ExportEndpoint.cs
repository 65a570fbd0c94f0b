using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours.Review;

/// <summary>Downloads of a review, by page and by API.</summary>
internal static class ExportEndpoint
{
    private const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <param name="query">What the review shows.</param>
    /// <param name="format">xlsx or csv (a zip with the data and 説明).</param>
    /// <param name="encoding">Cp932 for CSV in Shift_JIS; what it lacks is 〓 and listed.</param>
    public static async Task<IResult> ExportAsync(HttpContext http, ReviewQuery query, [FromQuery] string? format, [FromQuery] SheetEncoding? encoding,
        HoursExport export, PortalDb db, CurrentStaff me, PersonalLooks looks, IOptions<HoursOptions> options, TimeProvider clock, CancellationToken ct)
    {
        if (ApiProblems.IsApi(http)) HoursApi.YearOf(query.Fy, clock.Today());
        if (me.Is(Role.Hr) && !query.IsPublic && !FreshSignIn.IsFresh(http)) return FreshSignIn.Refuse(http);    // with the rows behind the sums
        var (book, matrix, people) = await export.MakeAsync(query, ct);
        await looks.RememberAsync(people, $"書き出した職員ごとの時間（{matrix.Query.Describe(matrix.Year)}・{matrix.Names.Describe(query)}）", ct);
        var year = query.Year(clock.Today());
        await db.WriteAsync(() =>
        {
            db.Audit(new AuditNote("hours.exported", "hours-export", me.Id.ToString(), After: new { format, query = query.Href("/hours/review"), book.About[^1].Text }));
            return Task.CompletedTask;
        }, ct);
        var name = $"時間の内訳_{year.ShortLabel}{(query.IsPublic ? "_公開用" : "")}_{clock.Today():yyyyMMdd}";
        return format == "csv"
            ? TypedResults.File(book.ToCsvZip(encoding ?? options.Value.SheetEncoding), "application/zip", $"{name}.zip")
            : TypedResults.File(book.ToXlsx(), Xlsx, $"{name}.xlsx");
    }
}
