using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>Every rule of the list holds in the good case and is broken by one change, with its number, its sentence filled in, and a remedy.</summary>
public sealed class EveryRuleTests
{
    private static readonly Dictionary<int, Func<Stage, LendingCase>> Breaking = new()
    {
        [101] = at => Cases.Good(at).From("2026-04-07T09:00", "2026-04-07T08:30"),
        [102] = at => Cases.Good(at).From("2026-04-06T08:30", "2026-04-06T12:00"),
        [103] = at => Cases.Good(at).From("2026-07-07T09:00", "2026-07-07T12:00"),
        [104] = at => Outside(Cases.Good(at).From("2026-04-06T10:00", "2026-04-06T12:00")),
        [105] = at => Cases.Good(at).From("2026-04-07T09:00", "2026-04-14T12:00"),
        [106] = at => Cases.Good(at).From("2026-04-07T09:00", "2026-05-11T12:00"),
        [107] = at => Cases.Good(at).From("2026-04-07T07:00", "2026-04-07T12:00"),
        [108] = at => Cases.Good(at).From("2026-04-07T09:00", "2026-04-07T18:00"),
        [109] = at => Cases.Good(at).From("2026-04-10T09:00", "2026-04-13T12:00"),
        [110] = at => Cases.Good(at).With(("DeskCap", "2")) with { PickUpsInHour = 2 },
        [111] = at => Cases.Good(at) with { Blackouts = [new Blackout(null, null, null, BookingTown.At("2026-04-07T00:00"), BookingTown.At("2026-04-08T00:00"), "棚卸")] },
        [112] = at => Cases.Good(at).From("2026-03-31T09:00", "2026-04-01T12:00") with { Now = BookingTown.At("2026-03-30T09:00") },
        [201] = at => Cases.Good(at) with { Device = null, IsNoneFree = true },
        [202] = at => Cases.Good(at) with { TakenAt = Cases.Good(at).Period },
        [203] = at => Device(d => d.SetStatus(DeviceStatus.Maintenance, "点検"), at),
        [204] = at => Device(d => d.MoveTo(PoolId.New(), d.ModelId), at),
        [205] = at => Device(d => d.Inspect(["ACアダプター×1"]), at) is var c && c.Counter is { } counter ? c with { Counter = counter with { MissingSet = ["ACアダプター×1"] } } : c,
        [301] = at => Cases.Good(at).With(("ExcludedEmployment", "External")).Borrower(b => b with { Employment = EmploymentClass.External }),
        [302] = at => Cases.Good(at).Borrower(b => b with { EmployedTo = new DateOnly(2026, 4, 7) }),
        [303] = at => Cases.Good(at).Borrower(b => b with { Suspensions = [new Suspension(StaffId.New(), BookingTown.At("2026-04-01T00:00"), null, "返却遅延")] }),
        [304] = at => Cases.Good(at).Borrower(b => b with { AgreementLastDay = new DateOnly(2026, 4, 6) }),
        [305] = at => Cases.Good(at).Borrower(b => b with { TrainingLastDay = new DateOnly(2026, 4, 6) }),
        [306] = at => Opened(DepartmentId.New(), null, at),
        [307] = at => Shared(1, 1, at),
        [308] = at => Cases.Good(at).Borrower(b => b with { MayBeBookedForByAsker = false }),
        [309] = at => Cases.Good(at).Borrower(b => b with { IsResponsibleFit = false }),
        [401] = at => Outside(Cases.Good(at)).Borrower(b => b with { Lines = [Cases.Line("2026-04-07T10:00", "2026-04-07T11:00", outside: true)] }),
        [402] = at => (Cases.Good(at).With(("HomeDays", "1")) with { Aim = BookingTown.AtHome }).Borrower(b => b with { Lines = [Cases.Line("2026-04-06T10:00", "2026-04-06T11:00", purpose: Purpose.HomeWork)] }),
        [403] = at => Cases.Good(at).Borrower(b => b with { Lines = [.. Enumerable.Range(0, 20).Select(i => Cases.Line($"2026-05-{i + 1:00}T10:00", $"2026-05-{i + 1:00}T11:00"))] }),
        [404] = at => Cases.Good(at).With(("QuotaHours", "8")),
        [405] = at => Cases.Good(at).Borrower(b => b with { Lines = [.. Enumerable.Range(1, 3).Select(i => Cases.Line($"2026-03-1{i}T10:00", $"2026-03-1{i}T11:00", LineStatus.NoShow))] }),
        [406] = at => Cases.Good(at).Borrower(b => b with { Lines = [Cases.Line("2026-04-07T10:00", "2026-04-07T11:00")] }),
        [501] = at => Outside(Cases.Good(at)),
        [502] = at => Outside(Cases.Good(at), InfoClass.Class3C),
        [503] = at => Outside(Cases.Good(at), InfoClass.Class3A),
        [504] = at => Cases.Good(at) with { Aim = BookingTown.InBuilding with { DestinationKind = DestinationKind.BranchOrOutpost, DestinationNote = "どこか" } },
        [505] = at => Cases.Good(at).With(("booking.reference", "block")) with { Aim = BookingTown.InBuilding with { Purpose = Purpose.BusinessTrip } },
        [506] = at => Outside(Cases.Good(at)).Counter(d => d with { IsPermitted = false }),
        [507] = at => Cases.Good(at) with { Aim = BookingTown.InBuilding with { PurposeNote = "申請者 1234-5678-9018" } },
        [601] = at => Compliance(c => c with { Encrypted = false }, at),
        [602] = at => Compliance(c => c with { PatchedOn = new DateOnly(2026, 3, 2) }, at),
        [603] = at => Compliance(c => c with { AntivirusOn = new DateOnly(2026, 3, 29) }, at),
        [604] = at => Compliance(c => c with { MdmEnrolled = false }, at),
        [605] = at => Compliance(c => c with { CheckedAt = BookingTown.At("2026-03-07T08:59") }, at),
        [606] = at => Device(d => d.Recall("電池の不具合"), at),
        [607] = at => Device(d => d.CameBack([], true, inspected: false), at),
        [701] = at => Cases.Good(at).Counter(d => d with { IsReceiverKnown = false }),
        [702] = at => Cases.Good(at).Counter(d => d with { IsWrongDevice = true }),
        [703] = at => Cases.Good(at).Counter(d => d with { IsFreeBeforeStart = false }),
        [704] = at => Cases.Good(at).Counter(d => d with { Extensions = 2 }),
        [705] = at => Cases.Good(at).Counter(d => d with { Due = BookingTown.At("2026-04-06T08:59") }),
        [706] = at => Cases.Good(at).Counter(d => d with { IsOnAnotherLoan = true }),
        [707] = at => Cases.Good(at).Counter(d => d with { MissingSet = ["ACアダプター×1"] }),
        [708] = at => Cases.Good(at).Counter(d => d with { IsErasureConfirmed = false }),
        [709] = at => Cases.Good(at).Counter(d => d with { IsAtDesk = false }),
        [801] = at => Cases.Good(at) with { Occurrences = 53 },
        [802] = at => Cases.Good(at) with { IsOfferOver = true },
    };

    // Rules with a limit, at the limit; and rules that look at something only when it is set: here it is set, and kept.
    private static readonly Dictionary<int, Func<Stage, LendingCase>> Keeping = new()
    {
        [103] = at => Cases.Good(at).From("2026-07-06T09:00", "2026-07-06T12:00"),
        [105] = at => Cases.Good(at).From("2026-04-07T09:00", "2026-04-13T12:00"),
        [106] = at => Cases.Good(at).From("2026-04-07T09:00", "2026-05-08T12:00"),
        [110] = at => Cases.Good(at).With(("DeskCap", "2")) with { PickUpsInHour = 1 },
        [111] = at => Cases.Good(at) with { Blackouts = [new Blackout(null, null, null, BookingTown.At("2026-04-07T17:15"), BookingTown.At("2026-04-09T00:00"), "棚卸")] },
        [202] = at => Cases.Good(at) with { IsNoneFree = true },
        [301] = at => Cases.Good(at).With(("ExcludedEmployment", "External")),
        [302] = at => Cases.Good(at).Borrower(b => b with { EmployedTo = new DateOnly(2026, 4, 8) }),
        [303] = at => Cases.Good(at).Borrower(b => b with { Suspensions = [new Suspension(StaffId.New(), BookingTown.At("2026-03-01T00:00"), BookingTown.At("2026-04-07T08:30"), "返却遅延")] }),
        [304] = at => Cases.Good(at).Borrower(b => b with { AgreementLastDay = new DateOnly(2026, 4, 7) }),
        [305] = at => Cases.Good(at).Borrower(b => b with { TrainingLastDay = new DateOnly(2026, 4, 7) }),
        [306] = at => Opened(Cases.Section, null, at),
        [307] = at => Shared(2, 1, at),
        [401] = at => Outside(Cases.Good(at)).Borrower(b => b with { Lines = [Cases.Line("2026-04-07T07:00", "2026-04-07T08:30", outside: true), Cases.Line("2026-04-07T10:00", "2026-04-07T11:00")] }),
        [402] = at => (Cases.Good(at).With(("HomeDays", "1")) with { Aim = BookingTown.AtHome }).Borrower(b => b with { Lines = [Cases.Line("2026-04-03T10:00", "2026-04-03T11:00", purpose: Purpose.HomeWork)] }),
        [403] = at => Cases.Good(at).Borrower(b => b with { Lines = [.. Enumerable.Range(0, 19).Select(i => Cases.Line($"2026-05-{i + 1:00}T10:00", $"2026-05-{i + 1:00}T11:00"))] }),
        [404] = at => Cases.Good(at).With(("QuotaHours", "9"), ("SectionQuotaHours", "9")),
        [405] = at => Cases.Good(at).Borrower(b => b with { Lines = [.. Enumerable.Range(1, 3).Select(i => Cases.Line(i == 1 ? "2026-02-01T10:00" : $"2026-03-1{i}T10:00", i == 1 ? "2026-02-01T11:00" : $"2026-03-1{i}T11:00", LineStatus.NoShow))] }),
        [406] = at => Cases.Good(at).Borrower(b => b with { Lines = [Cases.Line("2026-04-07T17:15", "2026-04-07T18:00")] }),
        [502] = at => Outside(Cases.Good(at), InfoClass.Class2),
        [503] = at => Cases.Good(at) with { Aim = BookingTown.InBuilding with { InfoClass = InfoClass.Class3A } },
        [504] = at => Cases.Good(at) with { Aim = BookingTown.InBuilding with { DestinationKind = DestinationKind.BranchOrOutpost, DestinationNote = "芸北支所" } },
        [505] = at => Cases.Good(at).With(("booking.reference", "block")) with { Aim = BookingTown.InBuilding with { Purpose = Purpose.BusinessTrip, TravelOrderNo = "8-123" } },
        [506] = at => Outside(Cases.Good(at)),
        [602] = at => Compliance(c => c with { PatchedOn = new DateOnly(2026, 3, 3) }, at),
        [603] = at => Compliance(c => c with { AntivirusOn = new DateOnly(2026, 3, 30) }, at),
        [605] = at => Compliance(c => c with { CheckedAt = BookingTown.At("2026-03-07T09:00") }, at),
        [705] = at => Cases.Good(at).Counter(d => d with { Due = BookingTown.At("2026-04-06T09:00") }),
        [703] = at => (Cases.Good(at) with { Now = BookingTown.At("2026-04-07T08:00") }).Counter(d => d with { IsFreeBeforeStart = false }),
        [704] = at => Cases.Good(at).Counter(d => d with { Extensions = 1 }),
        [707] = at => Cases.Good(at).Counter(d => d with { MissingSet = ["ACアダプター×1"], IsShortageNoted = true }),
        [801] = at => Cases.Good(at) with { Occurrences = 52 },
    };

    private static readonly Stage[] EveryStage = [Stage.Submit, Stage.Decide, Stage.HandOver, Stage.Extend, Stage.TakeBack];

    public static IEnumerable<TheoryDataRow<int, Stage>> NumbersAtStages
        => BookingRules.Lending.SelectMany(r => EveryStage.Where(s => r.At.HasFlag(s)).Select(s => new TheoryDataRow<int, Stage>(r.Number, s)));

    public static IEnumerable<TheoryDataRow<int>> Numbers => BookingRules.Lending.Select(r => new TheoryDataRow<int>(r.Number));

    [Theory]
    [InlineData(Stage.Submit)]
    [InlineData(Stage.Decide)]
    [InlineData(Stage.HandOver)]
    [InlineData(Stage.Extend)]
    [InlineData(Stage.TakeBack)]
    public void In_the_good_case_nothing_is_broken(Stage stage)
        => Assert.Empty(BookingRules.Check(Cases.Good(stage)).Select(f => f.Broken.Rule.Number));

    [Theory, MemberData(nameof(NumbersAtStages))]
    public void Each_rule_refuses_at_each_of_its_stages_with_number_sentence_and_remedy(int number, Stage stage)
    {
        var found = BookingRules.Check(Breaking[number](stage)).SingleOrDefault(f => f.Rule.Number == number);

        Assert.NotNull(found);
        Assert.Equal($"貸-{number}", found.Broken.Rule.Number);
        Assert.StartsWith("booking.", found.Broken.Rule.Code, StringComparison.Ordinal);
        Assert.DoesNotContain("{", found.Broken.Message, StringComparison.Ordinal);
        Assert.EndsWith("。", found.Broken.Message, StringComparison.Ordinal);
        Assert.EndsWith("。", found.Broken.Remedy, StringComparison.Ordinal);
        Assert.Equal(found.Rule.OverridableBy, found.Broken.OverridableBy);
    }

    [Theory, MemberData(nameof(NumbersAtStages))]
    public void Each_rule_lets_pass_at_each_of_its_stages_what_just_keeps_it(int number, Stage stage)
        => Assert.DoesNotContain(BookingRules.Check(Keeping.GetValueOrDefault(number, Cases.Good)(stage)), f => f.Rule.Number == number);

    [Theory, MemberData(nameof(Numbers))]
    public void At_other_stages_the_rule_is_not_asked(int number)
    {
        var rule = BookingRules.Lending.Single(r => r.Number == number);
        var broken = Breaking[number](rule.At.HasFlag(Stage.Submit) ? Stage.Submit : FirstOf(rule.At));

        foreach (var other in EveryStage.Where(s => !rule.At.HasFlag(s)))
            Assert.DoesNotContain(BookingRules.Check(broken with { Stage = other }), f => f.Rule.Number == number);
    }

    [Theory, MemberData(nameof(Numbers))]
    public void A_rule_can_be_switched_off_unless_it_is_fixed(int number)
    {
        var rule = BookingRules.Lending.Single(r => r.Number == number);
        var broken = Breaking[number](rule.At.HasFlag(Stage.Submit) ? Stage.Submit : FirstOf(rule.At));
        Assert.Contains(BookingRules.Check(broken), f => f.Rule.Number == number);

        if (rule.IsFixed)
        {
            Assert.Equal("貸-906", Assert.Single(Assert.Throws<KitaPortal.Platform.Rules.RuleViolation>(() => Cases.Good(broken.Stage).With((rule.Text.Code, "off"))).Broken).Rule.Number);
            return;
        }
        var off = broken with { Policy = Cases.Good(broken.Stage).With((rule.Text.Code, "off")).Policy };
        Assert.DoesNotContain(BookingRules.Check(off), f => f.Rule.Number == number);
    }

    [Fact]
    public void The_fixed_rules_are_those_of_the_list()
        => Assert.Equal([101, 102, 201, 202, 203, 204, 308, 506, 601, 606, 702, 706, 707, 802], BookingRules.Lending.Where(r => r.IsFixed).Select(r => r.Number));

    [Fact]
    public void Numbers_and_codes_are_unique_and_in_order()
    {
        var numbers = BookingRules.Lending.Select(r => r.Number).ToList();

        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(numbers.Count, BookingRules.Lending.Select(r => r.Text.Code).Distinct().Count());
    }

    private static LendingCase Outside(LendingCase c, InfoClass infoClass = InfoClass.Class2) => c with { Aim = BookingTown.AtHome with { InfoClass = infoClass } };

    private static Stage FirstOf(Stage stages) => EveryStage.First(s => stages.HasFlag(s));

    private static LendingCase Device(Action<Device> change, Stage stage)
    {
        var c = Cases.Good(stage);
        change(c.Device!);
        return c;
    }

    private static LendingCase Compliance(Func<Compliance, Compliance> change, Stage stage) => Device(d => d.Check(change(d.Compliance)), stage);

    private static LendingCase Opened(DepartmentId department, int? share, Stage stage)
    {
        var c = Cases.Good(stage);
        c.Pool.OpenOnlyTo(((DepartmentId?)department, (Role?)null, share));
        return c;
    }

    private static LendingCase Shared(int share, int held, Stage stage)
    {
        var c = Opened(Cases.Section, share, stage);
        return c with { ShareHolds = new Dictionary<Guid, int> { [c.Pool.OpenTo[0].Id] = held } };
    }
}
