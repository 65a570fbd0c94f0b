using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using KitaPortal.Platform.Text;
using static KitaPortal.Features.People.Import.RosterImport;

namespace KitaPortal.Features.People.Import;

/// <summary>One row of a roster, read.</summary>
internal sealed class RosterEntry(ImportLine line)
{
    public ImportLine Line => line;

    public string Number { get; set; } = "";

    public string Family { get; set; } = "";

    public string Given { get; set; } = "";

    public string FamilyYomi { get; set; } = "";

    public string GivenYomi { get; set; } = "";

    public string Former { get; set; } = "";

    /// <summary>The name after folding, also when it could not be parted.</summary>
    public string NameKey { get; set; } = "";

    public string YomiKey { get; set; } = "";

    public EmploymentClass Class { get; set; }

    public OrganisationChart.Unit? Department { get; set; }

    public string PostName { get; set; } = "";

    /// <summary>Null when it is the department's own.</summary>
    public OfficeId? OfficeId { get; set; }

    public string? Extension { get; set; }

    public string? Phone { get; set; }

    public string? Mail { get; set; }

    public DateOnly? Joined { get; set; }

    /// <summary>The last day at work.</summary>
    public DateOnly? LastDay { get; set; }

    public bool IsAdditional { get; set; }

    public bool IsActing { get; set; }

    public bool IsClerk { get; set; }

    public bool IsRepeat { get; set; }

    /// <summary>Another person of the file has the same name.</summary>
    public bool SameNameOther { get; set; }
}

/// <summary>Reads the rows of a roster one by one.</summary>
internal sealed class RosterReader(ImportTable table, DepartmentWords departments, OfficeWords offices)
{
    public bool HasNoDepartments => departments.IsEmpty;

    /// <summary>How many digits the town's staff numbers have: as many as the longest.</summary>
    public int NumberWidth(IEnumerable<string> known)
        => table.Lines.Select(l => Repair.Trimmed(table.Map.Cell(l.Row, Number).Text).Nfkc().Replace(" ", "", StringComparison.Ordinal)).Concat(known)
            .Where(n => n.Length is > 0 and <= 12 && n.All(char.IsAsciiDigit)).Select(n => n.Length).DefaultIfEmpty(6).Max();

    public string NameOf(DepartmentId id) => departments.Find(id) is { } unit
        ? unit.Kind == DepartmentKind.Unit && unit.ParentId is { } parent && departments.Find(parent) is { } above ? $"{above.Name} {unit.Name}" : unit.Name
        : "（終わった所属）";

    public string OfficeName(OfficeId id) => offices.All.FirstOrDefault(o => o.Id == id)?.Name ?? "";

    public RosterEntry Read(ImportLine line, int width)
    {
        var entry = new RosterEntry(line);
        ReadNumber(entry, width);
        ReadName(entry);
        ReadYomi(entry);
        entry.Former = line.Text(Former);
        ReadClass(entry);
        ReadPost(entry);
        ReadDepartment(entry);
        ReadOffice(entry);
        ReadContact(entry);
        ReadDays(entry);
        entry.IsClerk = line.Text(Clerk).Length > 0 && line.Take(Clerk, Repair.Mark(line.Cell(Clerk)), ImportLevel.Warn) == true;
        return entry;
    }

    private static void ReadNumber(RosterEntry entry, int width)
    {
        if (entry.Line.Text(Number).Length == 0) entry.Line.Error(Number, "職員番号がありません");
        else entry.Number = entry.Line.Take(Number, Repair.Digits(entry.Line.Cell(Number), width)) ?? "";
    }

    private void ReadName(RosterEntry entry)
    {
        var line = entry.Line;
        var parts = table.Map.Has(Name_);
        var cell = parts ? line.Cell(Name_).Text : $"{line.Text(Family)} {line.Text(Given)}";
        var text = Repair.Trimmed(cell);
        line.Subject = text;
        entry.NameKey = SearchFold.Key(text);
        var column = parts ? Name_ : Family;
        if (text.Length == 0) line.Error(column, "氏名がありません");
        else if (Repair.HasLostCharacter(text)) line.Refuse(column, $"「{text}」は文字が失われています");
        else if (Repair.HasPrivateCharacter(text)) line.Refuse(column, $"「{text}」に外字があります。標準の文字に置き換えてください");
        else if (PersonName.Split(text) is not var (family, given)) line.Refuse(column, $"「{text}」は姓と名が分かれていません");
        else
        {
            (entry.Family, entry.Given) = (family, given);
            line.Subject = PersonName.Show(family, given);
            if (parts && cell != line.Subject) line.Fix(column, $"空白をそろえました（{cell.Replace('\u3000', '□').Replace(' ', '␣')}→{line.Subject}）");
        }
    }

    private void ReadYomi(RosterEntry entry)
    {
        var line = entry.Line;
        var whole = table.Map.Has(Yomi);
        var text = whole ? Repair.Trimmed(line.Cell(Yomi).Text) : $"{line.Text(FamilyYomi)} {line.Text(GivenYomi)}".Trim();
        var column = whole ? Yomi : FamilyYomi;
        entry.YomiKey = SearchFold.Key(text);
        if (text.Length == 0) line.Error(column, "よみがありません");
        else if (Kana.ToHiragana(text).Any(c => !Kana.IsKana(c) && !char.IsWhiteSpace(c))) line.Refuse(column, $"よみ「{text}」に、かなでない文字があります");
        else if (PersonName.Split(text.Nfkc()) is not var (family, given)) line.Refuse(column, $"よみ「{text}」は姓と名が分かれていません");
        else
        {
            (entry.FamilyYomi, entry.GivenYomi) = (Kana.ToHiragana(family), Kana.ToHiragana(given));
            var read = $"{entry.FamilyYomi}　{entry.GivenYomi}";
            if (read != text) line.Fix(column, $"ひらがなにしました（{text}→{read}）");
        }
    }

    private static void ReadClass(RosterEntry entry)
    {
        var text = entry.Line.Text(Class);
        if (text.Length == 0) { entry.Line.Error(Class, "職員区分がありません"); return; }
        if (ClassWords.Read(text) is not { } read)
        {
            entry.Line.Refuse(Class, $"職員区分「{text}」が分かりません", choices: ClassWords.Labels);
            return;
        }
        entry.Class = read;
        if (ClassWords.Label(read) != text) entry.Line.Fix(Class, $"「{text}」を「{ClassWords.Label(read)}」と読みました");
    }

    // 兼務 stands in a column of its own, in the remarks, or behind the post.
    private void ReadPost(RosterEntry entry)
    {
        var line = entry.Line;
        var written = table.Map.Has(Post_) ? line.Text(Post_) : line.Text(PostCode);
        var bare = written.Nfkc();
        if (bare.IndexOf('(', StringComparison.Ordinal) is > 0 and var bracket) bare = bare[..bracket];
        entry.PostName = bare.Replace(" ", "", StringComparison.Ordinal);
        if (entry.PostName.Length == 0) line.Error(Post_, "職名がありません");
        else if (entry.PostName != line.Cell(table.Map.Has(Post_) ? Post_ : PostCode).Text) line.Fix(Post_, $"「{written}」を「{entry.PostName}」と読みました");

        var said = $"{line.Text(Kind)} {line.Text(Remark)} {(written.Nfkc().Contains("(兼", StringComparison.Ordinal) ? "兼務" : "")}";
        entry.IsActing = said.Contains("事務取扱", StringComparison.Ordinal);
        entry.IsAdditional = entry.IsActing || said.Contains("兼務", StringComparison.Ordinal) || said.Contains("併任", StringComparison.Ordinal)
            || said.Contains("本務：", StringComparison.Ordinal) || said.Contains("本務:", StringComparison.Ordinal);
        if (line.Text(Kind) is "本務") entry.IsAdditional = entry.IsActing = false;
    }

    private void ReadDepartment(RosterEntry entry)
    {
        var line = entry.Line;
        if (table.Map.Has(UnitCode) && line.Text(UnitCode) is { Length: > 0 } code)
        {
            entry.Department = departments.ByCode(code.Nfkc());
            if (entry.Department is null) line.Error(UnitCode, $"所属コード「{code}」が組織図にありません");
            return;
        }
        var text = line.Text(Unit);
        if (text.Length == 0 && entry.Class != EmploymentClass.Special && Inherited(line) is { Length: > 0 } above)
        {
            text = above;
            line.Fix(Unit, $"空のため、上の行と同じ「{text}」としました（結合されたセル）");
        }
        if (text.Length == 0)
        {
            if (entry.Class == EmploymentClass.Special) line.Warn(Unit, "所属がありません。配属なしで取り込みます");
            else line.Error(Unit, "所属がありません");
            return;
        }

        var found = departments.Find(text);
        if (found.Count == 1) entry.Department = found[0];
        else if (found.Count > 1) line.Error(Unit, $"所属「{text}」が{found.Count}つあります。所属コードで書いてください");
        else if (entry.Class == EmploymentClass.Special) line.Warn(Unit, $"所属「{text}」が組織図にありません。配属なしで取り込みます");
        else line.Refuse(Unit, departments.LastDayOf(text) is { } last ? $"所属「{text}」は{JapaneseDate.Long(last)}で終わっています" : $"所属「{text}」が組織図にありません", choices: departments.NamesBelow(null));
        if (entry.Department is not { } unit) return;
        if (unit.Name != line.Cell(Unit).Text && unit.Name != text) line.Fix(Unit, $"「{text}」を「{unit.Name}」と読みました");

        var section = line.Text(Section);
        if (section.Length == 0) return;
        var below = departments.Find(section, unit.Id);
        if (below.Count == 1)
        {
            entry.Department = below[0];
            if (below[0].Name != section) line.Fix(Section, $"「{section}」を「{below[0].Name}」と読みました");
            return;
        }
        line.Refuse(Section, $"係「{section}」は{unit.Name}にありません", choices: departments.NamesBelow(unit.Id));
        entry.Department = null;
    }

    // A cell merged downwards leaves the cells below it empty.
    private static string Inherited(ImportLine line)
    {
        for (var up = line.Above; up is not null; up = up.Above)
            if (up.Text(Unit) is { Length: > 0 } unit) return unit;
        return "";
    }

    private void ReadOffice(RosterEntry entry)
    {
        if (offices.Read(entry.Line, Office_) is { } office && entry.Department is { } unit && office.Id != unit.OfficeId) entry.OfficeId = office.Id;
    }

    private static void ReadContact(RosterEntry entry)
    {
        var line = entry.Line;
        if (line.Text(Extension) is { Length: > 0 } extension)
        {
            entry.Extension = JapanesePhone.ReadExtension(extension);
            if (entry.Extension is null) line.Refuse(Extension, $"内線「{extension}」は1つの番号ではありません。空のまま取り込みます", ImportLevel.Warn);
            else if (entry.Extension != extension) line.Fix(Extension, $"「{extension}」を「{entry.Extension}」と読みました");
        }
        if (line.Text(Phone) is { Length: > 0 } phone)
        {
            entry.Phone = JapanesePhone.Read(phone);
            if (entry.Phone is null) line.Refuse(Phone, $"「{phone}」は電話番号ではありません。空のまま取り込みます", ImportLevel.Warn);
        }
        if (line.Text(Mail).Length > 0) entry.Mail = line.Take(Mail, Repair.Mail(line.Cell(Mail)));
    }

    private void ReadDays(RosterEntry entry)
    {
        var line = entry.Line;
        if (line.Text(Joined).Length == 0) line.Error(Joined, "採用日がありません");
        else entry.Joined = line.Take(Joined, Repair.Day(line.Cell(Joined), table.Today));
        if (Repair.IsNone(line.Cell(Leaves).Text))
        {
            if (line.Cell(Leaves).Text.Length > 0) line.Fix(Leaves, $"「{line.Cell(Leaves).Text.Trim()}」を「なし」と読みました");
            return;
        }
        entry.LastDay = line.Take(Leaves, Repair.Day(line.Cell(Leaves), table.Today));
        if (entry.LastDay < entry.Joined) line.Error(Leaves, $"退職日（{JapaneseDate.Short(entry.LastDay!.Value)}）が採用日（{JapaneseDate.Short(entry.Joined!.Value)}）より前です");
    }
}
