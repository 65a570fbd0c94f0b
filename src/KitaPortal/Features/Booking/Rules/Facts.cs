using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>A pool with what stands behind it.</summary>
public sealed record PoolFacts(Pool Pool, DeviceModel Model, DeviceClass Class, Office Office, DeskHours Desk)
{
    /// <summary>The device's time that a loan takes: the period and the turnaround at the desk.</summary>
    public Period WithTurnaround(Period period) => new(period.From, Class.TurnaroundMinutes == 0 ? period.To : Desk.AddOpenMinutes(period.To, Class.TurnaroundMinutes));
}

/// <summary>Everything the rules need to know about one request, read once per command; makes a <see cref="LendingCase"/> for each device place.</summary>
public sealed class Facts
{
    private readonly Dictionary<PoolId, PoolFacts> pools;
    private readonly IReadOnlyList<RuleSet> ruleSets;
    private readonly IReadOnlyList<Blackout> blackouts;
    private readonly IReadOnlyList<(string[] ClassCodes, DateOnly LastDay)> signatures;
    private readonly IReadOnlyList<BorrowerLine> borrowerLines;

    private Facts(BorrowerFacts borrower, IEnumerable<PoolFacts> pools, PoolState state, IReadOnlyList<AgreementVersion> agreements, IReadOnlyList<(string[], DateOnly)> signatures,
        IReadOnlyList<RuleSet> ruleSets, IReadOnlyList<Blackout> blackouts, IReadOnlyList<string> officeNames)
    {
        (Borrower, borrowerLines, State, Agreements, this.signatures) = (borrower, borrower.Lines, state, agreements, signatures);
        (this.pools, this.ruleSets, this.blackouts, OfficeNames) = (pools.ToDictionary(p => p.Pool.Id), ruleSets, blackouts, officeNames);
    }

    public BorrowerFacts Borrower { get; }

    public string BorrowerName { get; private init; } = "";

    public StaffId ResponsibleId { get; private init; }

    public PoolState State { get; }

    /// <summary>Agreement texts in force, newest first.</summary>
    public IReadOnlyList<AgreementVersion> Agreements { get; }

    public IReadOnlyList<string> OfficeNames { get; }

    /// <summary>What is counted only where a share, a cap or a quota is set.</summary>
    private RareFacts Rare { get; init; } = RareFacts.None;

    public IEnumerable<PoolFacts> Pools => pools.Values;

    public PoolFacts? Find(PoolId pool) => pools.GetValueOrDefault(pool);

    /// <summary>The text the person would have to sign for the class.</summary>
    public AgreementVersion? AgreementFor(DeviceClass kind) => Agreements.FirstOrDefault(a => a.ClassCodes.Length == 0 || a.ClassCodes.Contains(kind.Code));

    /// <summary>What the rules look at for one place; the caller adds what it found about free devices and the counter.</summary>
    public LendingCase CaseOf(PoolFacts pool, Stage stage, DateTimeOffset now, Period period, BookingAim aim, bool signsNow = false, BookingId? notCounting = null)
    {
        var code = pool.Class.Code;
        var lastSigned = signatures.Where(s => s.ClassCodes.Length == 0 || s.ClassCodes.Contains(code)).Select(s => (DateOnly?)s.LastDay).Max();
        var text = AgreementFor(pool.Class);
        var signedNow = signsNow ? text?.LastDayWhenSignedOn(TokyoTime.DayOf(now)) : null;
        return new LendingCase
        {
            Stage = stage,
            Now = now,
            Period = period,
            Aim = aim,
            Policy = RulePolicy.For(ruleSets, code, pool.Office.Id, Borrower.Roles, TokyoTime.DayOf(period.From)),
            Borrower = Borrower with
            {
                AgreementLastDay = lastSigned > signedNow || signedNow is null ? lastSigned : signedNow,
                IsAgreementPublished = text is not null,
                Lines = notCounting is null ? borrowerLines : [.. borrowerLines.Where(l => l.BookingId != notCounting)],
            },
            Class = pool.Class,
            Model = pool.Model,
            Pool = pool.Pool,
            Desk = pool.Desk,
            Blackouts = blackouts,
            OfficeNames = OfficeNames,
            ShareHolds = Rare.ShareHolds,
            OpenToWords = Rare.OpenToWords.GetValueOrDefault(pool.Pool.Id, ""),
            PickUpsInHour = Rare.PickUps.GetValueOrDefault(pool.Office.Id),
            DeskDayCap = Rare.DeskCaps.GetValueOrDefault(pool.Office.Id),
            SectionMinutes = Rare.SectionMinutes,
        };
    }

    /// <summary>Reads what is needed to judge a request of this borrower for these pools.</summary>
    /// <param name="without">Lines that are changed or extended: they do not count against themselves.</param>
    public static async Task<Facts> LoadAsync(PortalDb db, StaffId borrowerId, StaffId? responsibleId, IReadOnlyList<PoolId> poolIds, Period period, Asker? asker, DateTimeOffset now, CancellationToken ct, IReadOnlyCollection<BookingLineId>? without = null)
    {
        var today = TokyoTime.DayOf(now);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        var lending = await db.StandingAsync<LendingBook>(ct);
        var person = organisation.Find(borrowerId) ?? throw new Platform.Rules.NotHereException();
        var place = await CurrentStaff.LoadAsync(db, borrowerId, person.Name, today, ct);
        var chart = organisation.ChartOn(today);
        var pools = await PoolsAsync(db, poolIds, ct);
        var since = period.From < now ? period.From : now;
        var state = await PoolState.LoadAsync(db, poolIds, since, now, ct);
        var lines = await LinesAsync(db, lending, borrowerId, now, ct);
        var agreements = lending.Agreements.Where(a => a.EffectiveFrom <= today).ToList();
        var signatures = pools.Any(p => p.Class.NeedsAgreement)
            ? await db.AgreementSignatures.Where(s => s.StaffId == borrowerId).Select(s => new { s.AgreementVersionId, s.LastDay }).ToListAsync(ct)
            : [];
        var training = pools.Any(p => p.Class.NeedsTraining)
            ? await db.TrainingRecords.Where(t => t.StaffId == borrowerId).Select(t => (DateOnly?)t.LastDay).MaxAsync(ct)
            : null;
        var suspensions = await db.Suspensions.AsNoTracking().Where(s => s.StaffId == borrowerId && (s.To == null || s.To > now)).ToListAsync(ct);
        var isDelegate = asker is null || asker.Id == borrowerId || pools.Any(p => asker.IsDeskOf(p.Office.Id)) || organisation.IsDelegate(borrowerId, asker.Id, today);

        var departments = place.Departments.SelectMany(d => chart.PathUp(d)).Select(u => u.Id).Concat(place.Departments).ToHashSet();
        var responsible = responsibleId ?? (place.DepartmentId is { } own ? chart.HeadOf(own)?.StaffId ?? chart.HeadFor(own, borrowerId)?.StaffId : null) ?? borrowerId;
        var borrower = new BorrowerFacts
        {
            Employment = person.EmploymentClass,
            EmployedTo = person.EmployedToAsKnownOn(today),
            DepartmentId = place.DepartmentId,
            DepartmentName = place.DepartmentName,
            Departments = departments,
            Roles = place.Roles.Select(r => r.Role).ToHashSet(),
            MayBeBookedForByAsker = isDelegate,
            IsResponsibleFit = responsible == borrowerId || IsResponsibleFit(organisation, responsible, departments, today),
            TrainingLastDay = training,
            Suspensions = suspensions,
            Lines = lines,
        };
        return new Facts(borrower, pools, state, agreements,
            [.. signatures.Select(s => (agreements.FirstOrDefault(a => a.Id == s.AgreementVersionId)?.ClassCodes ?? ["-"], s.LastDay))], lending.RuleSets, lending.Blackouts, [.. organisation.Offices.Select(o => o.Name)])
        {
            BorrowerName = person.Name,
            ResponsibleId = responsible,
            Rare = await RareFacts.LoadAsync(db, pools, lending, chart, place.DepartmentId, period, without ?? [], ct),
        };
    }

    public static async Task<IReadOnlyList<PoolFacts>> PoolsAsync(PortalDb db, IReadOnlyList<PoolId> ids, CancellationToken ct)
    {
        var lending = await db.StandingAsync<LendingBook>(ct);
        return [.. ids.Select(lending.Find).OfType<PoolFacts>()];
    }

    private static async Task<List<BorrowerLine>> LinesAsync(PortalDb db, LendingBook lending, StaffId borrower, DateTimeOffset now, CancellationToken ct)
    {
        var since = now.AddDays(-100);
        return [.. (await (
            from booking in db.Bookings
            where booking.BorrowerId == borrower
            from line in booking.Lines
            where line.To > since || line.Status == LineStatus.OnLoan
            select new { booking.Id, booking.Number, booking.SeriesId, line.PoolId, booking.DestinationKind, booking.Purpose, line.Status, line.From, line.To }).ToListAsync(ct))
            .Select(r => (Row: r, Class: lending.Find(r.PoolId)?.Class))
            .Select(r => new BorrowerLine(r.Row.Id, r.Row.Number, r.Class?.Code ?? "", r.Row.DestinationKind.IsOutside(), r.Row.Purpose, r.Row.Status, new Period(r.Row.From, r.Row.To)) { IsMain = r.Class?.CountsAsMain != false, SeriesId = r.Row.SeriesId })];
    }

    private static bool IsResponsibleFit(OrganisationBook organisation, StaffId responsible, HashSet<DepartmentId> departments, DateOnly today)
        => organisation.Find(responsible)?.IsEmployedOn(today) == true && organisation.PostingsOf(responsible, today).Any(p => departments.Contains(p.DepartmentId));
}
