using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Closing;

/// <summary>A month of the ledger as it is reported (計上月); 13 is 年度整理. Open until closed, and never opened again: what changes later is an adjustment.</summary>
public sealed class MonthClose
{
    /// <summary>年度整理: takes what comes when all twelve months are closed.</summary>
    public const int YearEnd = 13;

    private MonthClose() { }

    internal MonthClose(FiscalYear year, int month) => (Id, FiscalYear, Month) = (IdOf(year, month), year, month);

    public Guid Id { get; private set; }

    public FiscalYear FiscalYear { get; private set; }

    /// <summary>Calendar month, or 13.</summary>
    public int Month { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public StaffId? ClosedById { get; private set; }

    public int Rows { get; private set; }

    /// <summary>SHA-256 of its rows in the order of the book, lower-case hexadecimal.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>The minutes by measure, department, office, class and purpose as they were closed.</summary>
    public IReadOnlyList<ClosedFigure> Totals { get; private set; } = [];

    /// <summary>Why it was closed although the check had differences.</summary>
    public string? Note { get; private set; }

    public bool IsClosed => ClosedAt is not null;

    /// <summary>4月, or 年度整理.</summary>
    public string Word => WordOf(Month);

    /// <summary>令和8年度 4月.</summary>
    public string Label => $"{FiscalYear.Label} {Word}";

    /// <summary>April is 1, March 12, 年度整理 13.</summary>
    public int Order => OrderOf(Month);

    /// <summary>The day it is over; 年度整理 ends with the verification of the year.</summary>
    public DateOnly? LastDay => Month == YearEnd ? null : FirstDayOf(FiscalYear, Month).AddMonths(1).AddDays(-1);

    public long SumOf(Measure measure) => Totals.Where(t => t.Measure == measure).Sum(t => t.Minutes);

    internal void Close(string sha256, int rows, IReadOnlyList<ClosedFigure> totals, StaffId by, DateTimeOffset at, string? note)
        => (Sha256, Rows, Totals, ClosedById, ClosedAt, Note) = (sha256, rows, totals, by, at, note);

    public static string WordOf(int month) => month == YearEnd ? "年度整理" : $"{month}月";

    public static int OrderOf(int month) => month == YearEnd ? 13 : month >= 4 ? month - 3 : month + 9;

    public static DateOnly FirstDayOf(FiscalYear year, int month) => new(month >= 4 ? year.Value : year.Value + 1, month, 1);

    /// <summary>The same id on every node, so that the row is made once.</summary>
    public static Guid IdOf(FiscalYear year, int month) => new(year.Value, (short)month, 0, [0, 0, 0, 0, 0, 0, 0, 1]);
}

/// <summary>One cell of a closed month.</summary>
public sealed record ClosedFigure(Measure Measure, Guid? DepartmentId, Guid? OfficeId, string? Class, string? Purpose, long Minutes);

/// <summary>月締め: the month's figures do not move any more.</summary>
public sealed record MonthClosed(FiscalYear FiscalYear, int Month) : DomainEvent;
