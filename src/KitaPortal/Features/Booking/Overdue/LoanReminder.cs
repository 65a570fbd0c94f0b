using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking.Overdue;

/// <summary>A step of the ladder that was taken for a loan and its planned end, or a reminder by hand. Written once, never changed.</summary>
public sealed class LoanReminder
{
    public const string ByHand = "by-hand";

    private LoanReminder() { }

    internal LoanReminder(LoanId loan, BookingLineId line, DateTimeOffset due, string step, DateTimeOffset at, StaffId? by, bool isTold)
        => (Id, LoanId, LineId, Due, Step, At, By, IsTold) = (Guid.CreateVersion7(at), loan, line, due, step, at, by, isTold);

    public Guid Id { get; private set; }

    public LoanId LoanId { get; private set; }

    public BookingLineId LineId { get; private set; }

    /// <summary>The planned end it was about, or the time of an order to return; another end begins a new ladder.</summary>
    public DateTimeOffset Due { get; private set; }

    public string Step { get; private set; } = "";

    public DateTimeOffset At { get; private set; }

    /// <summary>Who reminded by hand; null is the ladder.</summary>
    public StaffId? By { get; private set; }

    /// <summary>False when a later step took its place before it was told.</summary>
    public bool IsTold { get; private set; }

    /// <summary>窓口から, 返却の指示の期限, 返却時刻, 1開庁日前, 3開庁日後, 1時間後.</summary>
    public string Words
    {
        get
        {
            if (Step == ByHand) return "窓口から";
            if (Step == LadderStep.ReturnOrder.Name) return "返却の指示の期限";
            var number = Step.TrimStart('+', '-').TrimEnd('d', 'h', 'm');
            var unit = Step[^1] switch { 'd' => "開庁日", 'h' => "時間", _ => "分" };
            return number == "0" ? "返却時刻" : $"{number}{unit}{(Step[0] == '-' ? "前" : "後")}";
        }
    }

    /// <summary>The key of its news, so that it can be taken back when the device is.</summary>
    public string NewsKey => $"loan:{LineId}:{Id}";
}

internal sealed class LoanReminderTable : IEntityTypeConfiguration<LoanReminder>
{
    public void Configure(EntityTypeBuilder<LoanReminder> table)
    {
        table.ToTable("LoanReminders");
        table.Property(r => r.Id).ValueGeneratedNever();
        table.Property(r => r.Step).HasMaxLength(20);
        table.Ignore(r => r.Words);
        table.HasIndex(r => new { r.LoanId, r.Due, r.Step }).IsUnique().HasFilter("\"Step\" <> 'by-hand'").HasDatabaseName("each_step_once_per_loan");
        table.HasIndex(r => r.LineId);
    }
}

public static class OverdueSets
{
    extension(PortalDb db)
    {
        public DbSet<LoanReminder> LoanReminders => db.Set<LoanReminder>();
    }
}
