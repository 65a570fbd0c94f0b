namespace KitaPortal.Tests.Architecture;

public sealed class FloorTests
{
    [Fact]
    public void No_feature_uses_its_own_floor_or_one_above()
        => Assert.Empty(Floors.Violations(typeof(Portal).Assembly, "KitaPortal"));

    [Fact]
    public void Planted_violations_are_found()
    {
        var found = Floors.Violations(typeof(FloorTests).Assembly, "KitaPortal.Planted");

        Assert.Contains(found, v => v.Contains("PeopleLookingUp -> KitaPortal.Planted.Features.Booking", StringComparison.Ordinal));
        Assert.Contains(found, v => v.Contains("ChatLookingSideways -> KitaPortal.Planted.Features.Booking", StringComparison.Ordinal));
        Assert.Equal(2, found.Count);
    }
}
