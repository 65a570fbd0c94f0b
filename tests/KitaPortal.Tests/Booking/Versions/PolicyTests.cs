using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Tests.Booking.Versions;

/// <summary>Which version counts: by class, office, role and day.</summary>
public sealed class PolicyTests
{
    private static readonly OfficeId Main = OfficeId.New(), Branch = OfficeId.New();
    private static readonly DateOnly Today = new(2026, 4, 6);
    private static readonly IReadOnlySet<Role> Staff = new HashSet<Role> { Role.Staff }, Head = new HashSet<Role> { Role.Staff, Role.Head };

    [Fact]
    public void The_most_specific_set_wins_then_class_before_office_before_role_then_the_newest()
    {
        RuleSet[] sets =
        [
            Set(1, null, null, null, 11), Set(2, null, null, Role.Head, 12), Set(3, null, Main, null, 13), Set(4, "laptop", null, null, 14),
            Set(5, null, Main, Role.Head, 15), Set(6, "laptop", null, Role.Head, 16), Set(7, "laptop", Main, null, 17), Set(8, "laptop", Main, Role.Head, 18), Set(9, null, null, null, 19),
        ];
        int LongDays(string kind, OfficeId office, IReadOnlySet<Role> roles, int upTo = 9) => RulePolicy.For(sets.Take(upTo), kind, office, roles, Today).LongDays;

        Assert.Equal(18, LongDays("laptop", Main, Head));
        Assert.Equal(17, LongDays("laptop", Main, Head, 7));
        Assert.Equal(16, LongDays("laptop", Main, Head, 6));
        Assert.Equal(16, LongDays("laptop", Branch, Head));
        Assert.Equal(15, LongDays("tablet", Main, Head));
        Assert.Equal(14, LongDays("laptop", Branch, Staff));
        Assert.Equal(13, LongDays("tablet", Main, Staff));
        Assert.Equal(12, LongDays("tablet", Branch, Head));
        Assert.Equal(19, LongDays("tablet", Branch, Staff));
        Assert.Equal(11, LongDays("tablet", Branch, Staff, 1));
        Assert.Equal(5, LongDays("tablet", Branch, Staff, 0));
    }

    [Fact]
    public void Each_value_is_looked_for_by_itself()
    {
        var wide = Draft(1, null, null, null).Set("LongDays", "7").Set("Extensions", "3").Publish(StaffId.New(), Now);
        var narrow = Draft(2, "laptop", null, null).Set("LongDays", "9").Publish(StaffId.New(), Now);

        var policy = RulePolicy.For([wide, narrow], "laptop", Main, Staff, Today);

        Assert.Equal((9, 3, 20), (policy.LongDays, policy.Extensions, policy.OpenBookings));
        Assert.Equal("2,1", policy.Versions);
    }

    [Fact]
    public void A_version_counts_from_its_day_on_and_never_before_it_is_published()
    {
        var later = Draft(1, null, null, null, Today.AddDays(10)).Set("LongDays", "2");
        Assert.Equal(5, RulePolicy.For([later], "laptop", Main, Staff, Today.AddDays(10)).LongDays);
        later.Publish(StaffId.New(), Now);

        Assert.Equal(5, RulePolicy.For([later], "laptop", Main, Staff, Today.AddDays(9)).LongDays);
        Assert.Equal(2, RulePolicy.For([later], "laptop", Main, Staff, Today.AddDays(10)).LongDays);
    }

    [Fact]
    public void Authors_do_not_publish_what_they_wrote_and_nobody_publishes_for_the_past()
    {
        var (author, editor, other) = (StaffId.New(), StaffId.New(), StaffId.New());
        var set = new RuleSet(1, Today, null, null, null, author, "試験");
        set.Rewrite(editor, Today, null, null, null, "直し", new Dictionary<string, string> { ["LongDays"] = "3" }, new Dictionary<string, string>());

        Assert.Equal("貸-901", Number(() => set.Publish(author, Now)));
        Assert.Equal("貸-901", Number(() => set.Publish(editor, Now)));
        Assert.Equal("貸-907", Number(() => set.Publish(other, Now.AddDays(1))));
        set.Publish(other, Now);
        Assert.Equal("貸-902", Number(() => set.Set("LongDays", "4")));
        Assert.Equal("貸-902", Number(() => set.Publish(StaffId.New(), Now)));
    }

    [Fact]
    public void Every_number_of_the_policy_can_be_changed_within_its_limits()
    {
        var numbers = typeof(RulePolicy).GetProperties().Where(p => p.PropertyType == typeof(int) && p.Name != nameof(RulePolicy.SlotMinutes)).Select(p => p.Name);
        Assert.Equal(numbers.Order(), RuleParameter.All.Select(p => p.Name).Order());

        foreach (var parameter in RuleParameter.All)
        {
            Assert.InRange(parameter.Shipped, parameter.Least, parameter.Most);
            var set = Draft(1, null, null, null).Set(parameter.Name, $"{parameter.Most}").Publish(StaffId.New(), Now);
            Assert.Equal(parameter.Most, parameter.Of(RulePolicy.For([set], "laptop", Main, Staff, Today)));
        }
    }

    [Fact]
    public void Every_rule_is_written_in_words_with_the_numbers_in_force()
    {
        var set = Draft(1, null, null, null);
        foreach (var parameter in RuleParameter.All) set.Set(parameter.Name, $"{parameter.Most - 1}");
        var other = RulePolicy.For([set.Publish(StaffId.New(), Now)], "laptop", Main, Staff, Today);

        Assert.All(BookingRules.Lending, rule => Assert.EndsWith("。", RuleWords.Of(rule, RulePolicy.Shipped), StringComparison.Ordinal));
        foreach (var number in RuleParameter.All.SelectMany(p => p.Numbers).Distinct())
        {
            var rule = BookingRules.Lending.Single(r => r.Number == number);
            Assert.NotEqual(RuleWords.Of(rule, RulePolicy.Shipped), RuleWords.Of(rule, other));
        }
    }

    private static DateTimeOffset Now => BookingTown.At("2026-04-06T09:00");

    private static RuleSet Set(int number, string? kind, OfficeId? office, Role? role, int longDays) => Draft(number, kind, office, role).Set("LongDays", $"{longDays}").Publish(StaffId.New(), Now);

    private static RuleSet Draft(int number, string? kind, OfficeId? office, Role? role, DateOnly? from = null) => new(number, from ?? Today, kind, office, role, null, "試験");

    private static string Number(Action refused) => Assert.Single(Assert.Throws<RuleViolation>(refused).Broken).Rule.Number;
}
