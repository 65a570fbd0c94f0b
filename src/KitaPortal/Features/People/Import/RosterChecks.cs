using KitaPortal.Platform.Japanese;
using static KitaPortal.Features.People.Import.RosterImport;

namespace KitaPortal.Features.People.Import;

/// <summary>What only several rows together show: repeats, second posts, shared numbers and addresses.</summary>
internal static class RosterChecks
{
    public static void Together(List<RosterEntry> entries)
    {
        foreach (var same in entries.Where(e => e.Number.Length > 0).GroupBy(e => e.Number).Where(g => g.Count() > 1))
        {
            var people = same.GroupBy(e => e.NameKey).ToList();
            if (people.Count > 1)
                foreach (var entry in same)
                    entry.Line.Error(Number, $"職員番号{same.Key}が別の人に使われています（{string.Join("、", same.Select(e => $"{e.Line.Line}行目 {e.Line.Subject}"))}）");
            else RowsOfOnePerson([.. same]);
        }
        NamePeopleWithTwoNumbers(entries);
        NameSharedMail(entries);
    }

    private static void RowsOfOnePerson(List<RosterEntry> rows)
    {
        for (var i = 1; i < rows.Count; i++)
        {
            var first = rows.Take(i).FirstOrDefault(r => !r.IsRepeat && SamePlace(r, rows[i]));
            if (first is null) continue;
            rows[i].IsRepeat = true;
            var exact = first.Line.Row.Cells.Select(c => c.Text).SequenceEqual(rows[i].Line.Row.Cells.Select(c => c.Text));
            rows[i].Line.Warn(Number, $"{first.Line.Line}行目と{(exact ? "同じ行です" : "書き方は違いますが同じ内容です")}。二重には取り込みません");
        }
        var mains = rows.Where(r => !r.IsAdditional && !r.IsRepeat).ToList();
        if (mains.Count > 1)
            foreach (var row in mains)
                row.Line.Error(Number, $"{string.Join("・", mains.Select(m => $"{m.Line.Line}行目"))}のどれが本務か分かりません。兼務の行の備考に「兼務」と書いてください");
    }

    private static bool SamePlace(RosterEntry a, RosterEntry b)
        => a.IsAdditional == b.IsAdditional && a.PostName == b.PostName
            && (a.Department?.Id == b.Department?.Id && a.Department is not null
                || SearchFold.Key(a.Line.Text(Unit)) == SearchFold.Key(b.Line.Text(Unit)) && SearchFold.Key(a.Line.Text(Section)) == SearchFold.Key(b.Line.Text(Section)));

    // Two people may share a name; the same reading together with the same address or the same day of joining and place is one person.
    private static void NamePeopleWithTwoNumbers(List<RosterEntry> entries)
    {
        foreach (var name in entries.Where(e => e.NameKey.Length > 0 && e.Number.Length > 0).GroupBy(e => (e.NameKey, e.YomiKey)))
        {
            var numbers = name.DistinctBy(e => e.Number).ToList();
            if (numbers.Count < 2) continue;
            foreach (var entry in name)
            {
                if (numbers.FirstOrDefault(o => o.Number != entry.Number && SamePerson(o, entry)) is { } other)
                    entry.Line.Error(Number, $"{other.Line.Line}行目の{other.Line.Subject}（{other.Number}）と同じ人に見えますが、職員番号が違います");
                else entry.SameNameOther = true;
            }
        }
    }

    private static bool SamePerson(RosterEntry a, RosterEntry b)
        => a.Mail is not null && a.Mail == b.Mail || a.Joined is not null && a.Joined == b.Joined && a.Department?.Id == b.Department?.Id;

    private static void NameSharedMail(List<RosterEntry> entries)
    {
        foreach (var shared in entries.Where(e => e.Mail is not null).GroupBy(e => e.Mail!))
        {
            var people = shared.DistinctBy(e => e.NameKey + e.YomiKey).ToList();
            if (people.Count < 2) continue;
            foreach (var entry in shared)
                entry.Line.Error(RosterImport.Mail, $"メール{shared.Key}が別の人と同じです（{string.Join("、", people.Where(p => p.NameKey != entry.NameKey).Select(p => $"{p.Line.Line}行目 {p.Line.Subject}"))}）");
        }
    }

    /// <summary>Compares with the people the portal already knows.</summary>
    public static void AgainstPortal(List<RosterEntry> entries, List<StaffMember> staff)
    {
        var byNumber = staff.ToDictionary(s => s.StaffNumber);
        var byMail = staff.Where(s => s.Mail is not null).ToLookup(s => s.Mail!);
        foreach (var entry in entries)
        {
            if (entry.Number.Length > 0 && byNumber.TryGetValue(entry.Number, out var known) && entry.Family.Length > 0)
            {
                var (family, given) = (SearchFold.Same(known.FamilyName, entry.Family), SearchFold.Same(known.GivenName, entry.Given));
                if (!family && !given) entry.Line.Error(Number, $"職員番号{entry.Number}は{PersonName.Show(known.FamilyName, known.GivenName)}のものです");
                else if (!family || !given) entry.Line.Warn(Name_, $"氏名が{PersonName.Show(known.FamilyName, known.GivenName)}から変わります");
            }
            if (entry.Mail is { } mail && byMail[mail].FirstOrDefault(s => s.StaffNumber != entry.Number) is { } other && entry.Number.Length > 0)
                entry.Line.Error(RosterImport.Mail, $"メール{mail}は{PersonName.Show(other.FamilyName, other.GivenName)}（{other.StaffNumber}）が使っています");
        }
    }
}
