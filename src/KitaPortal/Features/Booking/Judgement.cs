using System.Security.Cryptography;
using System.Text;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>A place the request asks for, with the device it would get; null when there is none.</summary>
public sealed record JudgedPlace(PoolFacts Pool, DeviceId? Device, bool Pinned);

/// <summary>What the rules say to a request: every broken rule, who must allow it, which devices it would get. Preview and submit read the same.</summary>
public sealed record Judgement(IReadOnlyList<Finding> Findings, IReadOnlyList<JudgedPlace> Places, IReadOnlyDictionary<Guid, DeviceId> Moves, Facts Facts, string RuleSetVersions)
{
    /// <summary>Rules passed by a written reason.</summary>
    public IReadOnlyList<PassedRule> Passed { get; init; } = [];

    public IEnumerable<Broken> Blocks => Findings.Where(f => f.Grade == Grade.Block).Select(f => f.Broken);

    public IEnumerable<Broken> Warnings => Findings.Where(f => f.Grade == Grade.Warn).Select(f => f.Broken);

    /// <summary>The rules that ask for somebody's permission.</summary>
    public IEnumerable<Broken> Grounds => Findings.Where(f => f.Grade is Grade.Head or Grade.Sec).Select(f => f.Broken);

    /// <summary>Who must allow it, in order; empty when nobody.</summary>
    public IReadOnlyList<RouteCondition> Conditions =>
    [
        .. Findings.Any(f => f.Grade == Grade.Head) ? [RouteCondition.Head] : Array.Empty<RouteCondition>(),
        .. Findings.Any(f => f.Grade == Grade.Sec) ? [RouteCondition.SecurityManager] : Array.Empty<RouteCondition>(),
    ];

    /// <summary>The agreement the borrower has yet to sign for this request.</summary>
    public AgreementVersion? ToSign => Findings.Any(f => f.Rule == PersonRules.Agreement) ? Places.Select(p => Facts.AgreementFor(p.Pool.Class)).FirstOrDefault(a => a is not null) : null;

    /// <summary>Whether the person may pass this broken rule with a written reason.</summary>
    public bool MayBePassedBy(Broken broken, Asker asker)
        => Findings.FirstOrDefault(f => f.Broken == broken && f.Rule.Text.Code == broken.Rule.Code) is { } finding && Passing.MayPass(finding.Rule, asker, Places.All(p => asker.IsDeskOf(p.Pool.Office.Id)));

    /// <summary>Refuses with all blocking rules and all warnings that were not ticked.</summary>
    public void Demand(IReadOnlyCollection<string> acknowledged)
        => Platform.Rules.Demand.All(Blocks.Concat(Warnings.Where(w => !acknowledged.Contains(w.Rule.Code))));

    /// <summary>What a permission is given for: a change of class, destination, information or borrower voids it.</summary>
    public static string FactsHashOf(BookingRequest request, IEnumerable<string> classCodes)
    {
        var facts = string.Join('|', [request.BorrowerId.ToString(), .. classCodes.Order(StringComparer.Ordinal), request.Aim.DestinationKind.ToString(),
            request.Aim.DestinationNote ?? "", request.Aim.InfoClass.ToString(), request.Aim.PersonalData ? "1" : "0"]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(facts)));
    }

    /// <summary>Judges a request with the facts at hand, without touching the database.</summary>
    public static Judgement Of(BookingRequest request, Facts facts, IReadOnlyList<PoolFacts> poolPerWish, Asker asker, DateTimeOffset now)
    {
        var findings = new List<Finding>();
        var places = new List<JudgedPlace>();
        var moves = new Dictionary<Guid, DeviceId>();
        var versions = new HashSet<string>();
        foreach (var wishes in request.Wanted.Zip(poolPerWish).GroupBy(w => w.Second.Pool.Id))
        {
            var pool = wishes.First().Second;
            var period = pool.WithTurnaround(request.Period.IsForward ? request.Period : new Period(request.From, request.From.AddMinutes(1)));
            var asks = wishes.SelectMany(w => Enumerable.Range(0, Math.Clamp(w.First.Count, 1, 50)).Select(_ => new Ask(Guid.NewGuid(), period, w.First.DeviceId, w.First.Preferred))).ToList();
            var plan = facts.State.Plan(pool.Pool.Id, givenUp: request.Replaces);
            var isRetired = pool.Model.RetiredOn <= TokyoTime.DayOf(period.To);
            var placement = isRetired ? null : plan.Place(asks);
            foreach (var ask in asks) places.Add(new JudgedPlace(pool, placement?.Asks[ask.Key], ask.Pinned is not null));
            foreach (var move in placement?.Moves ?? new Dictionary<Guid, DeviceId>()) moves[move.Key] = move.Value;

            var plain = facts.CaseOf(pool, Stage.Submit, now, request.Period, request.Aim, request.SignAgreement && asker.Id == request.BorrowerId, request.Replaces.Count > 0 ? request.Id : null) with
            {
                IsWalkUp = request.IsWalkUp,
                IsStartKept = request.KeepsStart,
                SeriesId = request.SeriesId,
                Count = CountOf(p => p.Class.Id == pool.Class.Id),
                CountOfPool = asks.Count,
                CountAtDesk = CountOf(p => p.Office.Id == pool.Office.Id),
                Candidates = placement is null ? [] : facts.State.FreeDevices(pool.Pool.Id, period, placement.Asks.Values),
                IsNoneFree = placement is null,
            };
            versions.Add(plain.Policy.Versions);
            foreach (var wish in wishes)
            {
                var named = wish.First.DeviceId is { } id ? facts.State.Find(id) : null;
                var isThere = named is null || facts.State.IsAt(named.Id, pool.Pool.Id, period);
                findings.AddRange(BookingRules.Check(named is null ? plain : plain with
                {
                    Device = named,
                    IsElsewhere = !isThere,
                    TakenAt = placement is null && named.IsLendable && isThere ? plan.TakenAt(named.Id, period) ?? (named.PoolId == pool.Pool.Id ? period : null) : null,
                }));
            }
        }
        var distinct = findings.GroupBy(f => (f.Rule.Text.Code, f.Broken.Message)).Select(g => g.First()).OrderBy(f => f.Rule.Number).ToList();
        var (left, passed) = Passing.Sort(distinct, request.Overrides, asker, poolPerWish.All(p => asker.IsDeskOf(p.Office.Id)));
        return new Judgement(left, places, moves, facts, string.Join(',', versions.Where(v => v.Length > 0))) { Passed = passed };

        int CountOf(Func<PoolFacts, bool> isAlike) => request.Wanted.Zip(poolPerWish).Where(w => isAlike(w.Second)).Sum(w => Math.Max(1, w.First.Count));
    }
}
