using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours.Review;

/// <summary>Hours by place, person, class or purpose and month; HR goes from a cell to its bookings.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, IOptions<HoursOptions> options, GroupSizes sizes, PersonalLooks looks, TimeProvider clock) : FormPage
{
    public ReviewQuery Query => ReviewQuery.Read(Request.Query);

    public ReviewMatrix Matrix { get; private set; } = null!;

    public IReadOnlyList<FiscalYear> Years { get; private set; } = [];

    public bool IsHr => me.Is(Role.Hr);

    public int SmallGroup => options.Value.SmallGroup;

    /// <summary>Whose totals stand unmerged on the page.</summary>
    public bool IsInFull => !Matrix.IsMerged;

    public override async Task LoadAsync(CancellationToken ct)
    {
        var present = FiscalYear.From(clock.Today());
        Matrix = await ReviewMatrix.LoadAsync(db, Query, ReviewViewer.Of(me), options.Value, sizes, clock.GetUtcNow(), ct);
        Years = [.. Enumerable.Range(0, 5).Select(i => new FiscalYear(present.Value - i)).Append(Matrix.Year).Distinct().OrderDescending()];
        if (Matrix.Query.IsPersonal) await looks.RememberAsync(Matrix.PeopleShown, $"職員ごとの時間（{Matrix.Query.Describe(Matrix.Year)}・{Matrix.FilterWords}）", ct);
    }

    /// <summary>The filter a row stands for.</summary>
    public string CellHref(ReviewRow row, int? month)
    {
        var q = Matrix.Query;
        var changed = new List<(string, object?)> { ("month", month), ("fy", Matrix.Year.Value) };
        if (row.Key is not null) changed.Add((ReviewQuery.KeyOf(q.Outer), row.Key));
        if (row.InnerKey is not null) changed.Add((ReviewQuery.KeyOf(q.Inner), row.InnerKey));
        return q.Href("/hours/review/rows", [.. changed]);
    }
}
