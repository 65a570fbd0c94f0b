using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>When a rule is asked: on submitting, when the permission is decided, at hand-over, on extending, at take-back.</summary>
[Flags]
public enum Stage { None, Submit = 1, Decide = 2, HandOver = 4, Extend = 8, TakeBack = 16 }

/// <summary>How a broken rule weighs: not at all, it blocks, it warns, the head must allow it, the information-security manager must allow it.</summary>
public enum Grade { Off, Block, Warn, Head, Sec }

/// <summary>One lending rule: its text, when it is asked, how it weighs, who may pass it with a reason, and the short method that finds it broken.</summary>
/// <param name="Text">Number, code, sentence and remedy as the town reads them.</param>
/// <param name="OverridableBy"><c>d</c> desk, <c>s</c> security manager, empty nobody.</param>
/// <param name="Check">Null when all is well, else what fills the blanks of the sentence.</param>
public sealed record LendingRule(Rule Text, Stage At, Grade Default, string OverridableBy, Func<LendingCase, object?[]?> Check)
{
    public LendingRule(int number, string code, Stage at, Grade grade, string overridableBy, string sentence, string remedy, Func<LendingCase, object?[]?> check, string? field = null)
        : this(new Rule($"貸-{number}", $"booking.{code}", sentence, remedy, field) { Severity = SeverityOf(grade) }, at, grade, overridableBy, check) => Number = number;

    public int Number { get; }

    /// <summary>How it weighs outside <see cref="Stage.Submit"/>, when that differs.</summary>
    public Grade? DefaultLater { get; init; }

    /// <summary>No rule set may re-grade it or switch it off.</summary>
    public bool IsFixed { get; init; }

    public Grade GradeAt(Stage stage, RulePolicy policy)
    {
        var shipped = stage == Stage.Submit ? Default : DefaultLater ?? Default;
        return IsFixed ? shipped : policy.GradeOf(Text.Code) ?? shipped;
    }

    /// <summary>The finding when the rule is broken at this stage; null when it holds or is switched off.</summary>
    public Finding? Find(LendingCase asked)
    {
        if (!At.HasFlag(asked.Stage)) return null;
        var grade = GradeAt(asked.Stage, asked.Policy);
        if (grade == Grade.Off || Check(asked) is not { } blanks) return null;
        return new Finding(this, grade, Text.With(blanks) with { Severity = SeverityOf(grade), OverridableBy = OverridableBy });
    }

    /// <summary>The rule as broken, for places that find it so themselves.</summary>
    public Broken With(params object?[] blanks) => Text.With(blanks) with { OverridableBy = OverridableBy };

    private static Severity SeverityOf(Grade grade) => grade switch
    {
        Grade.Warn => Severity.Warn,
        Grade.Head or Grade.Sec => Severity.Permission,
        _ => Severity.Block,
    };
}

/// <summary>A rule found broken, and how it weighs for this person, class and office.</summary>
public sealed record Finding(LendingRule Rule, Grade Grade, Broken Broken);
