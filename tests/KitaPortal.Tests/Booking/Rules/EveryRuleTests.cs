using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>Every rule of the list holds in the good case and is broken by one change, with its number, its sentence filled in, and a remedy.</summary>
public sealed class EveryRuleTests
{
    private static readonly Dictionary<int, Func<LendingCase>> Breaking = new()
    {
        [101] = () => Cases.Good().From("2026-04-07T09:00", "2026-04-07T08:30"),
        [102] = () => Cases.Good().From("2026-04-06T08:30", "2026-04-06T12:00"),
        [103] = () => Cases.Good().From("2026-07-07T09:00", "2026-07-07T12:00"),
        [104] = () => Outside(Cases.Good().From("2026-04-06T10:00", "2026-04-06T12:00")),
        [105] = () => Cases.Good().From("2026-04-07T09:00", "2026-04-14T12:00"),
        [106] = () => Cases.Good().From("2026-04-07T09:00", "2026-05-20T12:00"),
        [107] = () => Cases.Good().From("2026-04-07T07:00", "2026-04-07T12:00"),
        [108] = () => Cases.Good().From("2026-04-07T09:00", "2026-04-07T18:00"),
        [109] = () => Cases.Good().From("2026-04-10T09:00", "2026-04-13T12:00"),
        [110] = () => Cases.Good().With(("DeskCap", "2")) with { PickUpsInHour = 2 },
        [111] = () => Cases.Good() with { Blackouts = [new Blackout(null, null, null, BookingTown.At("2026-04-07T00:00"), BookingTown.At("2026-04-08T00:00"), "棚卸")] },
        [112] = () => Cases.Good().From("2026-03-31T09:00", "2026-04-01T12:00") with { Now = BookingTown.At("2026-03-30T09:00") },
        [201] = () => Cases.Good() with { Device = null, IsNoneFree = true },
        [202] = () => Cases.Good() with { TakenAt = Cases.Good().Period },
        [203] = () => Device(d => d.SetStatus(DeviceStatus.Maintenance, "点検")),
        [204] = () => Device(d => d.MoveTo(PoolId.New(), d.ModelId)),
        [205] = () => Device(d => d.Inspect(["ACアダプター×1"])),
        [301] = () => Cases.Good().With(("ExcludedEmployment", "External")).Borrower(b => b with { Employment = EmploymentClass.External }),
        [302] = () => Cases.Good().Borrower(b => b with { EmployedTo = new DateOnly(2026, 4, 7) }),
        [303] = () => Cases.Good().Borrower(b => b with { Suspensions = [new Suspension(StaffId.New(), BookingTown.At("2026-04-01T00:00"), null, "返却遅延")] }),
        [304] = () => Cases.Good().Borrower(b => b with { AgreementLastDay = new DateOnly(2026, 4, 6) }),
        [305] = () => Cases.Good().Borrower(b => b with { TrainingLastDay = new DateOnly(2026, 4, 6) }),
        [306] = () => Opened(DepartmentId.New(), null),
        [307] = () => Opened(Cases.Section, 1) with { SectionHolds = 1 },
        [308] = () => Cases.Good().Borrower(b => b with { MayBeBookedForByAsker = false }),
        [309] = () => Cases.Good().Borrower(b => b with { IsResponsibleFit = false }),
        [401] = () => Outside(Cases.Good()).Borrower(b => b with { Lines = [Cases.Line("2026-04-07T10:00", "2026-04-07T11:00", outside: true)] }),
        [402] = () => (Cases.Good().With(("HomeDays", "1"), ("booking.home-days", "head")) with { Aim = BookingTown.AtHome }).Borrower(b => b with { Lines = [Cases.Line("2026-04-06T10:00", "2026-04-06T11:00", purpose: Purpose.HomeWork)] }),
        [403] = () => Cases.Good().Borrower(b => b with { Lines = [.. Enumerable.Range(0, 20).Select(i => Cases.Line($"2026-05-{i + 1:00}T10:00", $"2026-05-{i + 1:00}T11:00"))] }),
        [404] = () => Cases.Good().With(("QuotaHours", "8"), ("booking.quota", "block")),
        [405] = () => Cases.Good().Borrower(b => b with { Lines = [.. Enumerable.Range(1, 3).Select(i => Cases.Line($"2026-03-1{i}T10:00", $"2026-03-1{i}T11:00", LineStatus.NoShow))] }),
        [406] = () => Cases.Good().Borrower(b => b with { Lines = [Cases.Line("2026-04-07T10:00", "2026-04-07T11:00")] }),
        [501] = () => Outside(Cases.Good()),
        [502] = () => Outside(Cases.Good(), InfoClass.Class3C),
        [503] = () => Outside(Cases.Good(), InfoClass.Class3A),
        [504] = () => Cases.Good() with { Aim = BookingTown.InBuilding with { DestinationKind = DestinationKind.BranchOrOutpost, DestinationNote = "どこか" } },
        [505] = () => Cases.Good().With(("booking.reference", "block")) with { Aim = BookingTown.InBuilding with { Purpose = Purpose.BusinessTrip } },
        [506] = () => Outside(Cases.Good(Stage.HandOver)).Counter(d => d with { IsPermitted = false }),
        [601] = () => Compliance(c => c with { Encrypted = false }),
        [602] = () => Compliance(c => c with { PatchedOn = new DateOnly(2026, 3, 1) }),
        [603] = () => Compliance(c => c with { AntivirusOn = new DateOnly(2026, 3, 29) }, Stage.HandOver),
        [604] = () => Compliance(c => c with { MdmEnrolled = false }),
        [605] = () => Compliance(c => c with { CheckedAt = BookingTown.At("2026-03-01T09:00") }, Stage.HandOver),
        [606] = () => Device(d => d.Recall("電池の不具合")),
        [607] = () => Device(d => d.CameBack([], true, inspected: false), Stage.HandOver),
        [701] = () => Cases.Good(Stage.HandOver).Counter(d => d with { IsReceiverKnown = false }),
        [702] = () => Cases.Good(Stage.HandOver).Counter(d => d with { IsWrongDevice = true }),
        [703] = () => Cases.Good(Stage.HandOver).Counter(d => d with { IsFreeBeforeStart = false }),
        [704] = () => Cases.Good(Stage.Extend).Counter(d => d with { Extensions = 2 }),
        [705] = () => Cases.Good(Stage.Extend).Counter(d => d with { Due = BookingTown.At("2026-04-06T08:59") }),
        [706] = () => Cases.Good(Stage.HandOver).Counter(d => d with { IsOnAnotherLoan = true }),
        [707] = () => Cases.Good(Stage.TakeBack).Counter(d => d with { MissingSet = ["ACアダプター×1"] }),
        [708] = () => Cases.Good(Stage.TakeBack).Counter(d => d with { IsErasureConfirmed = false }),
        [709] = () => Cases.Good(Stage.HandOver).Counter(d => d with { IsAtDesk = false }),
        [801] = () => Cases.Good() with { Occurrences = 53 },
        [802] = () => Cases.Good() with { IsOfferOver = true },
    };

    public static IEnumerable<TheoryDataRow<int>> Numbers => BookingRules.Lending.Select(r => new TheoryDataRow<int>(r.Number));

    [Theory]
    [InlineData(Stage.Submit)]
    [InlineData(Stage.Decide)]
    [InlineData(Stage.HandOver)]
    [InlineData(Stage.Extend)]
    [InlineData(Stage.TakeBack)]
    public void In_the_good_case_nothing_is_broken(Stage stage)
        => Assert.Empty(BookingRules.Check(Cases.Good(stage)).Select(f => f.Broken.Rule.Number));

    [Theory, MemberData(nameof(Numbers))]
    public void Each_rule_is_broken_by_its_case_with_number_sentence_and_remedy(int number)
    {
        var found = BookingRules.Check(Breaking[number]()).SingleOrDefault(f => f.Rule.Number == number);

        Assert.NotNull(found);
        Assert.Equal($"貸-{number}", found.Broken.Rule.Number);
        Assert.StartsWith("booking.", found.Broken.Rule.Code, StringComparison.Ordinal);
        Assert.DoesNotContain("{", found.Broken.Message, StringComparison.Ordinal);
        Assert.NotEmpty(found.Broken.Remedy);
    }

    [Theory, MemberData(nameof(Numbers))]
    public void A_rule_that_is_not_fixed_can_be_switched_off(int number)
    {
        var rule = BookingRules.Lending.Single(r => r.Number == number);
        var broken = Breaking[number]();
        var off = broken with { Policy = Cases.Good(broken.Stage).With((rule.Text.Code, "off")).Policy };

        Assert.Equal(rule.IsFixed, BookingRules.Check(off).Any(f => f.Rule.Number == number) && rule.IsFixed);
    }

    [Fact]
    public void The_fixed_rules_are_those_of_the_list()
        => Assert.Equal([101, 102, 201, 202, 203, 204, 308, 506, 601, 606, 702, 706, 707], BookingRules.Lending.Where(r => r.IsFixed).Select(r => r.Number));

    [Fact]
    public void Numbers_and_codes_are_unique_and_in_order()
    {
        var numbers = BookingRules.Lending.Select(r => r.Number).ToList();

        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(numbers.Count, BookingRules.Lending.Select(r => r.Text.Code).Distinct().Count());
    }

    private static LendingCase Outside(LendingCase c, InfoClass infoClass = InfoClass.Class2) => c with { Aim = BookingTown.AtHome with { InfoClass = infoClass } };

    private static LendingCase Device(Action<Device> change, Stage stage = Stage.Submit)
    {
        var c = Cases.Good(stage);
        change(c.Device!);
        return c;
    }

    private static LendingCase Compliance(Func<Compliance, Compliance> change, Stage stage = Stage.Submit) => Device(d => d.Check(change(d.Compliance)), stage);

    private static LendingCase Opened(DepartmentId department, int? share)
    {
        var c = Cases.Good();
        c.Pool.OpenOnlyTo(((DepartmentId?)department, (Role?)null, share));
        return c;
    }
}
