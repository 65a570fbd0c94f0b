using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>Booking a model: the security rules warn only when too few of the free devices hold them.</summary>
public sealed class FreeDevicesTests
{
    private static readonly Compliance Fine = new(true, new DateOnly(2026, 4, 1), new DateOnly(2026, 4, 5), true, BookingTown.At("2026-04-01T09:00"), "窓口");

    [Theory]
    [InlineData(601)]
    [InlineData(602)]
    [InlineData(604)]
    public void When_every_free_device_fails_the_booking_warns(int number)
    {
        var found = Assert.Single(BookingRules.Check(Model(1, Failing(number), Failing(number))), f => f.Rule.Number == number);

        Assert.Equal(Grade.Warn, found.Grade);
    }

    [Theory]
    [InlineData(601)]
    [InlineData(602)]
    [InlineData(604)]
    public void When_one_free_device_holds_and_one_is_asked_nothing_is_said(int number)
        => Assert.Empty(BookingRules.Check(Model(1, Failing(number), Fine)));

    [Fact]
    public void When_more_are_asked_than_hold_it_warns()
        => Assert.Contains(BookingRules.Check(Model(2, Failing(601), Fine)), f => f.Rule.Number == 601);

    [Fact]
    public void A_class_without_the_gate_is_not_looked_at()
    {
        var c = Model(1, Failing(601));
        c.Class.Demand(agreement: true, training: true, complianceGate: false, erasure: true);

        Assert.Empty(BookingRules.Check(c));
    }

    private static Compliance Failing(int number) => number switch
    {
        601 => Fine with { Encrypted = false },
        602 => Fine with { PatchedOn = new DateOnly(2026, 3, 1) },
        _ => Fine with { MdmEnrolled = false },
    };

    private static LendingCase Model(int asked, params Compliance[] free)
    {
        var c = Cases.Good();
        return c with
        {
            Device = null,
            Count = asked,
            CountOfPool = asked,
            Candidates = [.. free.Select((found, i) =>
            {
                var device = new Device(DeviceId.New(), $"PC-{i:000}", c.Model.Id, c.Pool.Id);
                device.Check(found);
                return device;
            })],
        };
    }
}
