using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>A case in which every rule holds; tests change one thing.</summary>
internal static class Cases
{
    private static readonly Office Office = new(OfficeId.New(), "01", "本庁", OfficeKind.Main, 1);

    public static DepartmentId Section { get; } = DepartmentId.New();

    /// <summary>Tuesday 2026-04-07 8:30 to 17:15 with a laptop in the building, asked the day before at 9:00.</summary>
    public static LendingCase Good(Stage stage = Stage.Submit)
    {
        var kind = new DeviceClass(DeviceClassId.New(), "laptop", "リモートワーク用端末", countsAsMain: true).Demand(agreement: true, training: true, complianceGate: true, erasure: true);
        var model = new DeviceModel(DeviceModelId.New(), kind.Id, "ノートPC");
        model.Pack(("ACアダプター", 1, true));
        var pool = new Pool(PoolId.New(), Office.Id, model.Id);
        var device = new Device(DeviceId.New(), "PC-001", model.Id, pool.Id);
        device.Check(new Compliance(true, new DateOnly(2026, 4, 1), new DateOnly(2026, 4, 5), true, BookingTown.At("2026-04-01T09:00"), "窓口"));
        return new LendingCase
        {
            Stage = stage,
            Now = BookingTown.At("2026-04-06T09:00"),
            Period = new Period(BookingTown.At("2026-04-07T08:30"), BookingTown.At("2026-04-07T17:15")),
            Aim = BookingTown.InBuilding,
            Policy = RulePolicy.Shipped,
            Borrower = new BorrowerFacts
            {
                Employment = EmploymentClass.Regular,
                DepartmentId = Section,
                DepartmentName = "総務課",
                Departments = new HashSet<DepartmentId> { Section },
                AgreementLastDay = new DateOnly(2027, 3, 31),
                TrainingLastDay = new DateOnly(2027, 3, 31),
            },
            Class = kind,
            Model = model,
            Pool = pool,
            Desk = new DeskHours(Office, WorkCalendar.Plain),
            Device = device,
            OfficeNames = ["本庁", "芸北支所"],
            Counter = stage is Stage.HandOver or Stage.TakeBack or Stage.Extend ? new DeskFacts { LineStatus = LineStatus.Approved, IsPermitted = true } : null,
        };
    }

    public static LendingCase From(this LendingCase c, string from, string to) => c with { Period = new Period(BookingTown.At(from), BookingTown.At(to)) };

    public static LendingCase Borrower(this LendingCase c, Func<BorrowerFacts, BorrowerFacts> change) => c with { Borrower = change(c.Borrower) };

    public static LendingCase Counter(this LendingCase c, Func<DeskFacts, DeskFacts> change) => c with { Counter = change(c.Counter!) };

    public static LendingCase With(this LendingCase c, params (string Name, string Value)[] parameters)
    {
        var set = new RuleSet(1, TokyoTime.DayOf(c.Now), null, null, null, null, "試験");
        foreach (var (name, value) in parameters)
            if (name.StartsWith("booking.", StringComparison.Ordinal)) set.Grade(name, value); else set.Set(name, value);
        set.Publish(KitaPortal.Platform.Domain.StaffId.New(), c.Now);
        return c with { Policy = RulePolicy.For([set], c.Class.Code, c.Pool.OfficeId, c.Borrower.Roles, c.FirstDay) };
    }

    public static BorrowerLine Line(string from, string to, LineStatus status = LineStatus.Approved, bool outside = false, Purpose purpose = Purpose.OnlineMeeting)
        => new(BookingId.New(), "R8-ABCDEF", "laptop", outside, purpose, status, new Period(BookingTown.At(from), BookingTown.At(to)));
}
