using System.Net.Mime;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Forms;

namespace KitaPortal.Features.Booking.Register;

/// <summary>持出管理簿 as JSON and as files: the rows, rights and traces of the page.</summary>
internal static class RegisterApi
{
    /// <summary>One loan as the register keeps it; moments carry their offset.</summary>
    /// <param name="Out">What was true when the device left.</param>
    /// <param name="In">What was true when it came back; empty while it is out.</param>
    internal sealed record RowAnswer(string RegisterNo, LoanId LoanId, DateTimeOffset OutAt, DateTimeOffset DueAt, DateTimeOffset? InAt, ToldOut Out, ToldIn? In, IReadOnlyList<ToldExtended> Extensions, IReadOnlyList<ToldIncident> Incidents);

    /// <param name="Total">Rows of all parts.</param>
    /// <param name="Sha256">Of the rows of this part, as the files count it.</param>
    /// <param name="Cursor">Where the next part begins; empty at the end.</param>
    internal sealed record RegisterAnswer(int FiscalYear, string Criteria, int Total, string Sha256, IReadOnlyList<RowAnswer> Rows, int? Cursor);

    public static void Map(RouteGroupBuilder booking) => booking.MapGet("/register", ReadAsync).RequireAuthorization(IndexPage.Policy).Produces<RegisterAnswer>()
        .WithSummary("The lending register of a fiscal year, as JSON, CSV or XLSX.")
        .WithDescription("format=json|csv|xlsx; year (fiscal year, 2026), office, class and section (codes), person, open. JSON comes in parts of limit (50, up to 200) rows; files have all of them, UTF-8 with BOM, times in Tokyo, and need a sign-in of the last ten minutes.");

    private static async Task<IResult> ReadAsync(HttpContext http, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct, string format = "json", int? year = null, string? office = null,
        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "class")] string? classCode = null, string? section = null, string? person = null, bool open = false, int? limit = null, int? cursor = null)
    {
        BadInput.Refuse(
        [
            .. format is "json" or "csv" or "xlsx" ? [] : new[] { ("Form.Format", "json、csv、xlsx のどれかを選んでください。") },
            .. year is null or (>= 2019 and <= 2200) ? [] : new[] { ("Form.Year", "年度を西暦で入力してください。") },
        ]);
        if (format != "json" && !FreshSignIn.IsFresh(http)) return FreshSignIn.Refuse(http);
        var view = await RegisterView.OpenAsync(db, me, clock, new RegisterFilter(year, office, classCode, section, person, open), ct);
        BadInput.Refuse(view.Unknown);
        if (format == "csv") return Results.File((await view.ExportAsync(ct)).ToCsv(), MediaTypeNames.Text.Csv, $"{view.FileName}.csv");
        if (format == "xlsx") return Results.File((await view.ExportAsync(ct)).ToXlsx(), RegisterView.Xlsx, $"{view.FileName}.xlsx");

        var part = new Part(limit, cursor);
        var rows = await view.RowsAsync(part.Skip, part.Take, ct);
        await view.LookedAsync(ct);
        return Results.Ok(new RegisterAnswer(view.FiscalYear.Value, view.Criteria, view.Total, RegisterSheet.Hash(rows),
            [.. rows.Select(r => new RowAnswer(r.RegisterNo, r.LoanId, r.OutAt, r.DueAt, r.InAt, r.Out, r.In, r.Extensions, r.Incidents))], part.Skip + part.Take < view.Total ? part.Skip + part.Take : null));
    }
}
