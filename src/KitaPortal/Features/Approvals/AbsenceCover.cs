using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Approvals;

/// <summary>不在設定: a person is absent <c>[From, To)</c> in Tokyo days, and who acts meanwhile; without a deputy only 代決 is possible.</summary>
public sealed class AbsenceCover : Entity
{
    private AbsenceCover() { }

    /// <param name="others">The person's covers so far; periods must not overlap.</param>
    public AbsenceCover(Guid id, StaffId staffId, StaffId? deputyId, DateOnly from, DateOnly to, string reason, DateOnly today, IEnumerable<AbsenceCover> others)
    {
        Demand.All(
            deputyId == staffId ? ApprovalRules.Cover.On("Form.Deputy", "自分を代理者にはできません。") : null,
            to <= from ? ApprovalRules.Cover.On("Form.Last", "最終日が初日より前です。") : null,
            to > from && to <= today ? ApprovalRules.Cover.On("Form.Last", "期間がすべて過ぎています。") : null,
            to.DayNumber - from.DayNumber > 366 ? ApprovalRules.Cover.On("Form.Last", "期間は1年までです。") : null,
            others.FirstOrDefault(o => o.From < to && from < o.To) is { } other
                ? ApprovalRules.Cover.On("Form.First", $"{JapaneseDate.Short(other.From)}～{JapaneseDate.Short(other.LastDay)}の不在設定と重なります。") : null);
        (Id, StaffId, DeputyId, From, To, Reason) = (id, staffId, deputyId, from, to, reason);
        Record(new AbsenceSet(staffId, from));
        Audit("absence.set", after: new { staff = staffId.Value, deputy = deputyId?.Value, from, to });
    }

    public Guid Id { get; private set; }

    public StaffId StaffId { get; private set; }

    public StaffId? DeputyId { get; private set; }

    public DateOnly From { get; private set; }

    /// <summary>Exclusive: the day the person is back.</summary>
    public DateOnly To { get; private set; }

    public string Reason { get; private set; } = "";

    public DateOnly LastDay => To.AddDays(-1);

    public override string SubjectId => Id.ToString();

    /// <summary>Back earlier than said; a cover that has not begun becomes empty.</summary>
    public void End(DateOnly today)
    {
        if (To <= today) return;
        Audit("absence.ended", new { From, To }, new { to = today });
        To = today > From ? today : From;
    }
}
