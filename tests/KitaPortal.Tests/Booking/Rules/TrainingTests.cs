using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>貸-305: refused because the training expires before the loan ends.</summary>
public sealed class TrainingTests
{
    [Fact]
    public void A_training_that_expires_during_the_loan_refuses_the_booking()
    {
        var asked = Cases.Good().Borrower(b => b with { TrainingLastDay = new DateOnly(2026, 4, 6) });

        var broken = Assert.Single(BookingRules.Check(asked)).Broken;

        Assert.Equal(("貸-305", "booking.training", Severity.Block), (broken.Rule.Number, broken.Rule.Code, broken.Severity));
        Assert.Equal("情報セキュリティ研修の受講が必要です（期限令和8年4月6日（月））。", broken.Message);
        Assert.NotEmpty(broken.Remedy);
    }

    [Fact]
    public void A_training_valid_on_the_last_day_is_enough()
        => Assert.Empty(BookingRules.Check(Cases.Good().Borrower(b => b with { TrainingLastDay = new DateOnly(2026, 4, 7) })));

    [Fact]
    public void A_loan_to_midnight_ends_on_the_day_before()
    {
        var asked = Cases.Good().From("2026-04-07T08:30", "2026-04-08T00:00").Borrower(b => b with { TrainingLastDay = new DateOnly(2026, 4, 7) });

        Assert.DoesNotContain(BookingRules.Check(asked), f => f.Rule == PersonRules.Training);
    }

    [Theory]
    [InlineData(Stage.Decide)]
    [InlineData(Stage.HandOver)]
    [InlineData(Stage.Extend)]
    public void It_is_asked_again_at_every_later_stage(Stage stage)
        => Assert.Contains(BookingRules.Check(Cases.Good(stage).Borrower(b => b with { TrainingLastDay = null })), f => f.Rule == PersonRules.Training);
}
