using System.Net.Mime;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using Microsoft.AspNetCore.Mvc;

namespace KitaPortal.Features.People.PhoneBook;

/// <summary>The phone book as a file; characters that CP932 lacks are named before the download.</summary>
public sealed class ExportPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true, Name = "q")] public string? Words { get; set; }

    [BindProperty(SupportsGet = true)] public DepartmentId? Department { get; set; }

    [BindProperty(SupportsGet = true)] public OfficeId? Office { get; set; }

    [BindProperty(SupportsGet = true)] public string? Row { get; set; }

    /// <summary>xlsx, csv or cp932; nothing shows the choices.</summary>
    [BindProperty(SupportsGet = true)] public string? Format { get; set; }

    /// <summary>The person has seen what will become 〓.</summary>
    [BindProperty(SupportsGet = true)] public bool Accept { get; set; }

    public SheetTable Table { get; private set; } = null!;

    public IReadOnlyList<UnfitCharacter> Unfit { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        var entries = await (await PhoneBook.OpenAsync(db, today, ct)).ListAsync(new(Words, Department, Office, Row), ct);
        Table = new("電話帳", ["内線", "氏名", "よみ", "所属", "職名", "外線", "庁舎", "メール"],
            [.. entries.Select(e => (IReadOnlyList<object?>)[e.Extension, e.Name, e.Yomi, e.Department, e.PostName, e.Phone, e.Office, e.Mail])])
        {
            About = [("内容", "電話帳（本務の所属による。外部の人を除く）"), ("条件", Filter), ("基準日", JapaneseDate.Long(today)), ("作成者", $"{me.DepartmentName}　{me.Name}"), ("行数", $"{entries.Count}")],
        };
    }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (Format is not ("xlsx" or "csv" or "cp932")) return Page();
        if (Format == "cp932" && !Accept)
        {
            Unfit = Table.UnfitForCp932();
            if (Unfit.Count > 0) return Page();
        }
        db.Audit(new AuditNote("people.exported", "PhoneBook", "PhoneBook", After: new { Format, Filter, Rows = Table.Rows.Count }));
        await db.SaveChangesAsync(ct);
        var name = $"電話帳_{JapaneseDate.Short(clock.Today())}";
        return Format switch
        {
            "xlsx" => File(Table.ToXlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name + ".xlsx"),
            "csv" => File(Table.ToCsv(), MediaTypeNames.Text.Csv, name + ".csv"),
            _ => File(Table.ToCp932Csv(), MediaTypeNames.Text.Csv, name + ".csv"),
        };
    }

    /// <summary>The address of a download with the present filter.</summary>
    public string Href(string format, bool accept = false)
    {
        var query = new Microsoft.AspNetCore.Http.Extensions.QueryBuilder { { "format", format } };
        if (!string.IsNullOrWhiteSpace(Words)) query.Add("q", Words);
        if (Department is { } d) query.Add("department", d.ToString());
        if (Office is { } o) query.Add("office", o.ToString());
        if (Row is not null) query.Add("row", Row);
        if (accept) query.Add("accept", "true");
        return "/people/export" + query.ToQueryString();
    }

    private string Filter => string.Join("・", new[] { Words is null ? null : $"ことば：{Words}", Department is null ? null : "所属", Office is null ? null : "庁舎", Row is null ? null : $"{Row}行" }
        .Where(f => f is not null)) is { Length: > 0 } filter ? filter : "なし";
}
