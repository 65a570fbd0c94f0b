using System.Reflection;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>The list of rules is the one that was agreed with the town: stages, severities, who may pass them.</summary>
public sealed class TableTests
{
    // number code stages severity(at submit/later) passed-by; S submit, A approval, H hand-over, E extension, T take-back.
    private const string Agreed = """
        101 period SE B -
        102 past S B -
        103 window SE B d
        104 lead S head d
        105 long SE head -
        106 too-long SE B s
        107 pick-up-closed S B d
        108 return-closed SE B d
        109 outside-hours SE head -
        110 desk-full S B d
        111 blackout SE B d
        112 year-end SE W -
        201 none-free SAHE B -
        202 taken SAHE B -
        203 not-in-service SAHE B -
        204 elsewhere SAH B -
        205 set-incomplete SH W/B d
        301 employment SAH B s
        302 leaving SAHE B s
        303 suspended SHE B s
        304 agreement SAHE B -
        305 training SAHE B s
        306 not-open SH B d
        307 share S B d
        308 not-delegate S B -
        309 responsible SA B d
        401 concurrent SE B d
        402 home-days SE head -
        403 too-many S B d
        404 quota SE B d
        405 no-shows S head -
        406 same-time SE W -
        501 take-out SE head -
        502 sensitive SE sec -
        503 class-outside SAHE B s
        504 destination SE B s
        505 reference S off d
        506 no-permission HE B s
        507 mynumber S W -
        601 not-encrypted SH W/B -
        602 patch-old SHE W/B s
        603 antivirus-old H B d
        604 no-wipe SH W/B s
        605 check-old H W -
        606 recalled SAHE B -
        607 not-inspected H B d
        701 receiver H B d
        702 wrong-device H B -
        703 too-early H B d
        704 extensions E head -
        705 overdue E B d
        706 sub-lending H B -
        707 set-missing T B -
        708 not-erased T B d
        709 no-self-service HT B -
        801 series-long S B -
        802 offer-over S B -
        """;

    [Fact]
    public void No_number_and_no_code_stands_for_two_rules()
    {
        var all = typeof(BookingRules).Assembly.GetTypes().SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(f => f.FieldType == typeof(Rule) ? (Rule?)f.GetValue(null) : f.FieldType == typeof(LendingRule) ? ((LendingRule)f.GetValue(null)!).Text : null).OfType<Rule>().Where(r => r.Number.StartsWith("貸-", StringComparison.Ordinal)).Distinct().ToList();

        Assert.True(all.Count > 100, $"{all.Count} rules");
        Assert.Empty(all.GroupBy(r => r.Number).Concat(all.GroupBy(r => r.Code)).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(" / ", g.Select(r => r.Sentence))}"));
    }

    [Fact]
    public void The_list_in_the_code_is_the_agreed_one()
        => Assert.Equal(Agreed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()), BookingRules.Lending.Select(Line));

    private static string Line(LendingRule rule)
    {
        var stages = string.Concat(new[] { (Stage.Submit, "S"), (Stage.Decide, "A"), (Stage.HandOver, "H"), (Stage.Extend, "E"), (Stage.TakeBack, "T") }.Where(s => rule.At.HasFlag(s.Item1)).Select(s => s.Item2));
        var weight = rule.DefaultLater is { } later ? $"{Weight(rule.Default)}/{Weight(later)}" : Weight(rule.Default);
        return $"{rule.Number} {rule.Text.Code.Split('.')[1]} {stages} {weight} {(rule.OverridableBy.Length == 0 ? "-" : rule.OverridableBy)}";
    }

    private static string Weight(Grade grade) => grade switch { Grade.Block => "B", Grade.Warn => "W", Grade.Head => "head", Grade.Sec => "sec", _ => "off" };
}
