namespace KitaPortal.Features.Hours.Kgi;

/// <summary>How a rate is cut to a whole number: as the town publishes it (切捨て), or 四捨五入.</summary>
public enum RateRounding { Truncate, HalfUp }

/// <summary>達成率: published result ÷ target in integer arithmetic, so that a reader with the printed sheet gets the same number.</summary>
public readonly record struct AchievementRate(long Percent, long Tenths)
{
    /// <summary>Null when there is no target (shown as 「—」).</summary>
    public static AchievementRate? Of(long result, long? target, RateRounding rounding = RateRounding.Truncate)
        => target is > 0 ? new(Divide(result * 100, target.Value, rounding), Divide(result * 1000, target.Value, rounding)) : null;

    /// <summary>223 %（223.7 %）.</summary>
    public string Text => $"{Percent:N0} %（{TenthsText} %）";

    /// <summary>223.7.</summary>
    public string TenthsText => $"{(Tenths < 0 ? "-" : "")}{Math.Abs(Tenths) / 10:N0}.{Math.Abs(Tenths) % 10}";

    private static long Divide(long dividend, long divisor, RateRounding rounding)
        => rounding == RateRounding.Truncate || dividend < 0 ? dividend / divisor : ((dividend * 2) + divisor) / (divisor * 2);
}
