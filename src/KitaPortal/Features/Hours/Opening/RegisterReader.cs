using System.Globalization;
using System.Text.RegularExpressions;
using KitaPortal.Features.Booking;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Import;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using KitaPortal.Platform.Text;
using static KitaPortal.Features.Hours.Opening.RegisterImport;

namespace KitaPortal.Features.Hours.Opening;

/// <summary>One stay of a device outside, as somebody wrote it into the paper register.</summary>
internal sealed class Stay(ImportLine line)
{
    public ImportLine Line => line;

    public DateTimeOffset? Out { get; set; }

    public DateTimeOffset? In { get; set; }

    public RegisterDevice? Device { get; set; }

    public RegisterPerson? Person { get; set; }

    public OrganisationChart.Unit? Unit { get; set; }

    public Purpose Purpose { get; set; } = Purpose.TrainingOther;

    public bool IsWhole => Out is not null && In is not null && Device is not null && Person is not null;
}

internal sealed record RegisterDevice(Guid Id, string Label, Guid ModelId, string Class, string ClassName, OfficeId OfficeId);

internal sealed record RegisterPerson(StaffId Id, string Family, string Name, string Key, string FamilyKey, IReadOnlySet<DepartmentId> Departments);

/// <summary>Reads the lines of a paper register: repairs what has one sensible reading, names everything else.</summary>
internal sealed partial class RegisterReader(ImportTable table, FiscalYear year, IReadOnlyList<RegisterDevice> devices, IReadOnlyList<RegisterPerson> people, DepartmentWords departments)
{
    private readonly ILookup<string, RegisterDevice> byLabel = devices.ToLookup(d => d.Label);

    public Stay Read(ImportLine line)
    {
        var stay = new Stay(line);
        ReadTimes(stay);
        ReadDevice(stay);
        ReadUnit(stay);
        ReadPerson(stay);
        ReadPurpose(stay);
        line.Subject = $"{Repair.Trimmed(line.Text(Label))} {(stay.Out is { } o ? JapaneseDate.Short(TokyoTime.DayOf(o)) : Repair.Trimmed(line.Text(Taken)))}".Trim();
        return stay;
    }

    private void ReadTimes(Stay stay)
    {
        var line = stay.Line;
        var taken = line.Text(Taken);
        var returned = line.Text(Returned);
        if (taken.Length == 0) line.Error(Taken, "持出しの日時がありません");
        else stay.Out = Moment(line, Taken, null);
        if (returned.Length == 0 || returned is "？" or "?") line.Error(Returned, "返却の記録がありません");
        else stay.In = Moment(line, Returned, stay.Out is { } from ? TokyoTime.DayOf(from) : null);
        if (stay.Out is not { } o || stay.In is not { } i) return;
        var (first, last) = (TokyoTime.DayOf(o), TokyoTime.DayOf(i));
        if (!IsNear(first) || !IsNear(last) || (!year.Contains(first) && !year.Contains(last))) line.Error(Taken, $"{Shown(IsNear(first) ? i : o)}は{year.Label}ではありません");
        else if (i <= o) line.Error(Returned, $"返却（{Shown(i)}）が持出し（{Shown(o)}）より前です");
    }

    // A stay may lie over the edge of the year, but not far beyond it.
    private bool IsNear(DateOnly day) => day >= year.FirstDay.AddDays(-31) && day <= year.LastDay.AddDays(31);

    private DateTimeOffset? Moment(ImportLine line, string column, DateOnly? sameDay)
    {
        var cell = line.Cell(column);
        var text = Repair.Trimmed(line.Text(column)).Nfkc();
        var match = Parts().Match(text);
        var (date, time) = match.Success ? (match.Groups["date"].Value.Trim(), match.Groups["time"].Value) : (text, "");
        DateOnly? day;
        if (date.Length == 0 || date == "翌" || date == "翌日")
        {
            if (sameDay is not { } known) { line.Refuse(column, $"「{text}」は日付がなく、日が分かりません"); return null; }
            day = date.Length == 0 ? known : known.AddDays(1);
            line.Fix(column, date.Length == 0 ? $"時刻だけのため、持出しと同じ{JapaneseDate.Short(known)}としました" : $"「翌」を{JapaneseDate.Short(known.AddDays(1))}と読みました");
        }
        else day = Day(line, column, date, cell);
        if (day is null) return null;
        if (time.Length == 0) { line.Error(column, "時刻がありません"); return null; }
        var reading = JapaneseTimeInput.Read(Seconds().Replace(time, "$1"), asEnd: column == Returned);
        if (reading.MinuteOfDay is not { } minute) { line.Refuse(column, $"「{text}」：{reading.Problem?.TrimEnd('。')}"); return null; }
        if (!Plain().IsMatch(line.Cell(column).Text.Trim()) && date.Length > 0 && date != "翌") line.Fix(column, $"{Repair.Trimmed(cell.Text)}→{day.Value:yyyy/M/d} {JapaneseTimeInput.Show(minute)}");
        return TokyoTime.At(day.Value, minute);
    }

    // A date without a year is one of the year the register is about.
    private DateOnly? Day(ImportLine line, string column, string date, Cell cell)
    {
        if (MonthDay().Match(date) is { Success: true } bare)
        {
            var month = int.Parse(bare.Groups["m"].Value, CultureInfo.InvariantCulture);
            date = $"{(month >= 4 ? year.Value : year.Value + 1)}/{month}/{bare.Groups["d"].Value}";
            line.Fix(column, $"年がないため、{year.Label}の{date}としました");
        }
        var read = Repair.Day(new Cell(date, Day: cell.Day), table.Today);
        if (read.Value is { } day) return day;
        line.Refuse(column, read.Problem ?? $"「{date}」は日付として読めません");
        return null;
    }

    private void ReadDevice(Stay stay)
    {
        var line = stay.Line;
        var written = line.Text(Label);
        if (written.Length == 0) { line.Error(Label, "備品番号がありません"); return; }
        if (Several().IsMatch(written.Nfkc())) { line.Refuse(Label, $"「{written}」は2台以上です。1台ずつの行に分けてください"); return; }
        var label = Repair.Label(line.Cell(Label));
        var found = byLabel[label.Value ?? ""].ToList();
        if (found.Count == 0 && Joined(label.Value ?? "") is { } whole && byLabel[whole].Any())
        {
            found = [.. byLabel[whole]];
            line.Fix(Label, $"「{written}」を「{whole}」と読みました");
        }
        if (found.Count == 1)
        {
            stay.Device = found[0];
            if (label.Note is { } note && found[0].Label == label.Value) line.Fix(Label, note);
            return;
        }
        var number = Digits().Match(label.Value ?? "").Value.TrimStart('0');
        var alike = number.Length == 0 ? [] : devices.Where(d => Digits().Match(d.Label).Value.TrimStart('0') == number).Select(d => d.Label).Take(6).ToList();
        line.Refuse(Label, found.Count > 1 ? $"備品番号「{written}」の端末が2台あります" : $"備品番号「{written}」の端末は台帳にありません", choices: alike);
    }

    // KH PC 005 and KHPC005 are KH-PC-005 written without its dashes.
    private static string? Joined(string label) => Dashless().Match(label) is { Success: true } m ? $"{m.Groups[1].Value}-{m.Groups[2].Value}-{m.Groups[3].Value}" : null;

    private void ReadUnit(Stay stay)
    {
        var (line, word) = (stay.Line, stay.Line.Text(Unit));
        if (word.Length == 0) return;
        var found = departments.Find(word);
        if (found.Count == 0)
            // 福祉課障害福祉係: the 係 stands behind its 課.
            found = [.. departments.NamesBelow(null).Where(n => SearchFold.Key(word).StartsWith(SearchFold.Key(n), StringComparison.Ordinal)).OrderByDescending(n => n.Length).Take(1)
                .SelectMany(n => departments.Find(n).SelectMany(u => departments.Find(word[Math.Min(word.Length, n.Length)..], u.Id) is { Count: 1 } below ? below : [u]))];
        if (found.Count == 1)
        {
            stay.Unit = found[0];
            if (found[0].Name != word) line.Fix(Unit, $"「{word}」を「{found[0].Name}」と読みました");
        }
        else line.Refuse(Unit, found.Count == 0 ? $"「{word}」という所属はありません" : $"「{word}」はいくつもの所属を指します", ImportLevel.Warn, found.Count == 0 ? departments.NamesBelow(null) : found.Select(f => f.Name));
    }

    private void ReadPerson(Stay stay)
    {
        var (line, written) = (stay.Line, Repair.Trimmed(stay.Line.Text(Person)));
        if (written.Length == 0) { line.Error(Person, "氏名がありません"); return; }
        if (Repair.HasLostCharacter(written)) { line.Refuse(Person, $"「{written}」は文字が失われています"); return; }
        var key = SearchFold.Key(written);
        var found = people.Where(p => p.Key == key).ToList();
        if (found.Count > 1 && stay.Unit is { } unit && found.Where(p => p.Departments.Any(d => d == unit.Id || d == unit.ParentId || departments.Find(d)?.ParentId == unit.Id)).ToList() is { Count: 1 } inUnit) found = inUnit;
        if (found.Count == 1)
        {
            stay.Person = found[0];
            if (found[0].Name != written.Replace(' ', '\u3000')) line.Fix(Person, $"「{written}」を「{found[0].Name}」と読みました");
            return;
        }
        if (found.Count > 1) { line.Refuse(Person, stay.Unit is null ? $"「{written}」は{found.Count}人います。所属がないため決められません" : $"「{written}」は{found.Count}人います"); return; }
        if (Several().IsMatch(written.Nfkc())) { line.Refuse(Person, $"「{written}」は2人以上です"); return; }
        if (departments.Find(written).Count > 0 || written.EndsWith('課') || written.EndsWith("支所", StringComparison.Ordinal)) { line.Refuse(Person, $"「{written}」は職員ではなく所属です"); return; }
        var family = people.Where(p => p.FamilyKey == key).ToList();
        if (family.Count > 0) line.Refuse(Person, $"「{written}」は姓だけです", choices: family.Select(p => p.Name).Distinct().Take(12));
        else line.Refuse(Person, $"「{written}」という職員は名簿にいません", choices: people.Where(p => p.FamilyKey.Length > 0 && key.StartsWith(p.FamilyKey, StringComparison.Ordinal)).Select(p => p.Name).Distinct().Take(12));
    }

    private static void ReadPurpose(Stay stay)
    {
        var (line, word) = (stay.Line, Repair.Trimmed(stay.Line.Text(Use)));
        var key = SearchFold.Key(word);
        Purpose? purpose = key switch
        {
            var k when k.Contains("在宅", StringComparison.Ordinal) || k.Contains("ざいたく", StringComparison.Ordinal) || k.Contains("てれわく", StringComparison.Ordinal) || k.Contains("りもと", StringComparison.Ordinal) => Purpose.HomeWork,
            var k when k.Contains("支所勤務", StringComparison.Ordinal) => Purpose.BranchWork,
            var k when k.Contains("さてらいと", StringComparison.Ordinal) => Purpose.Satellite,
            var k when k.Contains("出張", StringComparison.Ordinal) => Purpose.BusinessTrip,
            var k when k.Contains("会議", StringComparison.Ordinal) && (k.Contains("web", StringComparison.Ordinal) || k.Contains("うえぶ", StringComparison.Ordinal) || k.Contains("おんらいん", StringComparison.Ordinal)) => Purpose.OnlineMeeting,
            var k when k.Contains("議事録", StringComparison.Ordinal) => Purpose.Minutes,
            var k when k.Contains("災害", StringComparison.Ordinal) => Purpose.Disaster,
            _ => null,
        };
        stay.Purpose = purpose ?? Purpose.TrainingOther;
        if (word.Length == 0) line.Warn(Use, "目的がありません。「研修・その他」として取り込みます");
        else if (purpose is null) line.Fix(Use, $"「{word}」を「{BookingWords.Of(Purpose.TrainingOther)}」としました");
    }

    private static string Shown(DateTimeOffset at) => $"{JapaneseDate.Short(TokyoTime.DayOf(at))} {TokyoTime.TimeOf(at):H:mm}";

    // The time at the end, the date before it; a bare number of three or four digits is a time only behind a date.
    [GeneratedRegex(@"^(?<date>.*?)(?:(?<=^|翌|翌日|[\s日])(?<time>\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}時(?:\d{1,2}分|半)?)|(?<=[\s日])(?<time>\d{3,4}))$")]
    private static partial Regex Parts();

    [GeneratedRegex(@"^(\d{1,2}:\d{2}):\d{2}$")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"^\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}$")]
    private static partial Regex Plain();

    [GeneratedRegex(@"^(?<m>\d{1,2})[/月.](?<d>\d{1,2})日?$")]
    private static partial Regex MonthDay();

    [GeneratedRegex("[、,・と&]|／|/")]
    private static partial Regex Several();

    [GeneratedRegex(@"\d+$")]
    private static partial Regex Digits();

    [GeneratedRegex(@"^(KH)-?([A-Z]{2})-?(\d{2,3})$")]
    private static partial Regex Dashless();
}
