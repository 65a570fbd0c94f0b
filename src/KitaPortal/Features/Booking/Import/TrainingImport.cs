using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using KitaPortal.Platform.Text;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Import;

/// <summary>研修の受講記録: who completed which course when, and until when it counts.</summary>
public sealed class TrainingImport : ImportKind
{
    private const string Number = "number", Person = "name", Course = "course", Completed = "completed", Until = "until";

    public override string Name => "training";

    public override string Title => "研修の受講記録";

    public override string Lead => "職員番号・研修名・受講日。有効期限がなければ、規程の月数で数えます。職員名簿の後に取り込みます。";

    public override int Order => 5;

    public override string Policy => BookingPolicies.Eligibility;

    public override IReadOnlyList<string> Subjects { get; } = [nameof(TrainingRecord), nameof(StaffMember)];

    public override IReadOnlyList<SheetColumn> Columns { get; } =
    [
        new(Number, "職員番号", true, "職員コード", "社員番号", "職員No", "番号"),
        new(Person, "氏名", false, "職員氏名", "名前", "受講者", "受講者名"),
        new(Course, "研修名", true, "講座名", "講座", "研修", "コース名", "件名"),
        new(Completed, "受講日", true, "修了日", "受講年月日", "完了日", "修了年月日"),
        new(Until, "有効期限", false, "有効期間", "期限", "有効期限日"),
    ];

    public override async Task PlanAsync(PortalDb db, ImportTable table, CancellationToken ct)
    {
        var people = await db.Staff.ToListAsync(ct);
        var byNumber = people.ToDictionary(p => p.StaffNumber);
        var width = people.Select(p => p.StaffNumber.Length).DefaultIfEmpty(6).Max();
        var known = (await db.TrainingRecords.ToListAsync(ct)).ToLookup(t => (t.StaffId, SearchFold.Key(t.Course), t.CompletedOn));
        var months = (await PublishedRules.LoadAsync(db, ct)).For("", default, new HashSet<Role>(), table.Today).TrainingMonths;
        var seen = new Dictionary<(Platform.Domain.StaffId, string, DateOnly), int>();
        foreach (var line in table.Lines)
        {
            Plan(db, table, line, byNumber, width, known, months, seen);
            if (line.Line % 100 == 0) table.Report(line.Line);
        }
    }

    private static void Plan(PortalDb db, ImportTable table, ImportLine line, Dictionary<string, StaffMember> people, int width, ILookup<(Platform.Domain.StaffId, string, DateOnly), TrainingRecord> known, int months,
        Dictionary<(Platform.Domain.StaffId, string, DateOnly), int> seen)
    {
        var number = line.Take(Number, Repair.Digits(line.Cell(Number), width)) ?? "";
        line.Subject = number;
        var person = people.GetValueOrDefault(number);
        if (person is null && !line.HasErrors) line.Error(Number, $"職員番号{number}の職員はいません");
        if (person is not null)
        {
            line.Subject = $"{number} {person.Name}";
            var written = line.Text(Person);
            if (written.Length > 0 && !SearchFold.NameForms(written).Any(w => SearchFold.NameForms(person.FamilyName + person.GivenName).Contains(w) || (person.FormerName is not null && SearchFold.NameForms(person.FormerName + person.GivenName).Contains(w))))
                line.Error(Person, $"「{written}」は、職員番号{number}の{person.Name}さんと違います");
        }
        var course = line.Text(Course).Nfkc();
        if (course.Length == 0) line.Error(Course, "研修名がありません");
        if (course.Length > 100) line.Error(Course, "研修名が長すぎます（100文字まで）");
        var day = line.Take(Completed, Repair.Day(line.Cell(Completed), table.Today));
        if (day is null && !line.HasErrors) line.Error(Completed, "受講日がありません");
        if (day > table.Today) line.Error(Completed, $"{JapaneseDate.Long(day.Value)}は先の日付です");
        var until = line.Text(Until).Length == 0 ? null : line.Take(Until, Repair.Day(line.Cell(Until), table.Today));
        if (until < day) line.Error(Until, "有効期限が受講日より前です");
        if (line.HasErrors) return;

        var key = (person!.Id, SearchFold.Key(course), day!.Value);
        if (!seen.TryAdd(key, line.Line)) { line.Error(Number, $"{seen[key]}行目と同じ記録です"); return; }
        var last = until ?? day.Value.AddMonths(months).AddDays(-1);
        if (until is null) line.Fix(Until, $"有効期限が空のため、受講から{months}か月の{JapaneseDate.Long(last)}までとしました");
        var there = known[key].FirstOrDefault();
        line.Compare("研修名", there?.Course, there?.Course ?? course);
        line.Compare("受講日", there is null ? null : JapaneseDate.Short(there.CompletedOn), JapaneseDate.Short(day.Value));
        line.Compare("有効期限", there is null ? null : JapaneseDate.Short(there.LastDay), JapaneseDate.Short(last));
        line.Action = there is null ? ImportAction.Add : line.After.Count > 0 ? ImportAction.Change : ImportAction.Same;
        line.Apply = () =>
        {
            if (there is null) db.Add(new TrainingRecord(person.Id, course, day.Value, last));
            else there.Correct(last);
        };
    }
}
