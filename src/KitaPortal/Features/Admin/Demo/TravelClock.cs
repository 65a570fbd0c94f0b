namespace KitaPortal.Features.Admin.Demo;

/// <summary>The clock of a trial: the real one, except while the invented town lives through its past.</summary>
public sealed class TravelClock(TimeProvider real) : TimeProvider
{
    private DateTimeOffset? at;

    public override DateTimeOffset GetUtcNow() => at ?? real.GetUtcNow();

    public override TimeZoneInfo LocalTimeZone => real.LocalTimeZone;

    public override long GetTimestamp() => real.GetTimestamp();

    public override long TimestampFrequency => real.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => real.CreateTimer(callback, state, dueTime, period);

    /// <summary>The moment everything happens at from now on.</summary>
    internal void TravelTo(DateTimeOffset moment) => at = moment;

    /// <summary>Back to the present.</summary>
    internal void Return() => at = null;

    /// <summary>Puts itself before the clock that is registered.</summary>
    public static void Put(IServiceCollection services)
    {
        var real = (TimeProvider)services.Last(s => s.ServiceType == typeof(TimeProvider)).ImplementationInstance!;
        services.AddSingleton<TimeProvider>(new TravelClock(real));
    }
}
