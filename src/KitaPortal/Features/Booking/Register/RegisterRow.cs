using System.Security.Cryptography;
using System.Text;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;

namespace KitaPortal.Features.Booking.Register;

/// <summary>One loan as a line of the lending register, put together from its entries.</summary>
public sealed record RegisterRow(string RegisterNo, LoanId LoanId, ToldOut Out, DateTimeOffset OutAt, ToldIn? In, DateTimeOffset? InAt, IReadOnlyList<ToldExtended> Extensions, IReadOnlyList<ToldIncident> Incidents)
{
    public bool IsOut => In is null;

    public DateTimeOffset DueAt => Extensions.Count == 0 ? Out.PlannedIn : Extensions[^1].To;

    /// <summary>付属品・状態・消去 at the return.</summary>
    public string ReturnCheck => In is null ? "" : string.Join("・", new[] { In.Missing.Count == 0 ? "付属品そろい" : $"不足：{string.Join("、", In.Missing)}", In.Condition, In.Erased == true ? "消去確認" : null }.OfType<string>());

    public string Remarks => string.Join("　", new[] { Out.Remarks, In?.Note }.Where(s => !string.IsNullOrWhiteSpace(s)));

    internal static IReadOnlyList<RegisterRow> Build(IEnumerable<RegisterEntry> entries) =>
    [
        .. entries.GroupBy(e => e.LoanId).Select(loan =>
        {
            var acts = loan.OrderBy(e => e.At).ThenBy(e => e.Id).ToList();
            var (first, back) = (acts.First(e => e.Kind == RegisterEvent.Out), acts.FirstOrDefault(e => e.Kind == RegisterEvent.In));
            return (first, Row: new RegisterRow(first.RegisterNo, first.LoanId, first.Read<ToldOut>(), first.At, back?.Read<ToldIn>(), back?.At,
                [.. acts.Where(e => e.Kind == RegisterEvent.Extended).Select(e => e.Read<ToldExtended>())], [.. acts.Where(e => e.Kind == RegisterEvent.Incident).Select(e => e.Read<ToldIncident>())]));
        }).OrderBy(r => r.first.OfficeId.Value).ThenBy(r => r.first.FiscalYear).ThenBy(r => r.first.Sequence).Select(r => r.Row),
    ];
}

/// <summary>The register as a file, and the fingerprint that a printed page and a file can be compared by.</summary>
public static class RegisterSheet
{
    public static readonly IReadOnlyList<string> Headings =
    [
        "整理番号", "備品番号", "シリアル番号", "機種", "区分", "付属品", "職名", "借受者", "所属", "職員番号", "使用責任者", "受取人", "予約番号", "目的", "持出先", "情報区分",
        "予定（出）", "予定（返）", "実績（出）", "実績（返）", "許可の根拠", "許可者", "許可日時", "許可条件", "引渡担当", "返却担当", "点検", "誓約書", "研修", "延長", "返却確認", "事故番号", "備考",
    ];

    public static SheetTable Table(IReadOnlyList<RegisterRow> rows, IEnumerable<(string Word, string Text)> about)
        => new("持出管理簿", Headings, [.. rows.Select(Cells)]) { About = [.. about, ("件数", $"{rows.Count}"), ("SHA-256", Hash(rows))] };

    /// <summary>Lower-case hex over the rows as they are exported, a tab between cells and a line feed after each row.</summary>
    public static string Hash(IReadOnlyList<RegisterRow> rows)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(rows.Select(r => string.Join('\t', Cells(r).Select(Text)) + "\n")))));

    private static IReadOnlyList<object?> Cells(RegisterRow row) =>
    [
        row.RegisterNo, row.Out.Label, row.Out.Serial, row.Out.Model, row.Out.Class, string.Join("、", row.Out.Set), row.Out.Post, row.Out.Borrower, row.Out.Department, row.Out.StaffNumber,
        row.Out.Responsible, row.Out.ReceivedBy, row.Out.Booking, row.Out.Purpose, row.Out.Destination, row.Out.Information, row.Out.PlannedOut, row.Out.PlannedIn, row.OutAt, row.InAt,
        row.Out.Basis, row.Out.PermittedBy, row.Out.PermittedAt, row.Out.Conditions, row.Out.Clerk, row.In?.Clerk, row.Out.Check, row.Out.Agreement, row.Out.Training,
        string.Join("、", row.Extensions.Select(e => BookingWords.Moment(e.To))), row.ReturnCheck, string.Join("、", row.Incidents.Select(i => i.Number)), row.Remarks,
    ];

    private static string Text(object? value) => value switch
    {
        null => "",
        DateTimeOffset moment => TokyoTime.Shown(moment).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString()!.ReplaceLineEndings(" ").Replace('\t', ' '),
    };
}
