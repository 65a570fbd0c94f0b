using System.Text.Encodings.Web;
using System.Text.Json;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Sheets;

namespace KitaPortal.Platform.Imports;

/// <summary>Names one import of one file; made by the client, so that a form sent twice is one run.</summary>
public readonly record struct ImportRunId(Guid Value) : ITypedId<ImportRunId>
{
    public static ImportRunId New() => new(Guid.CreateVersion7());

    public static ImportRunId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>解析中, 確認待ち, 取込中, 完了, 失敗, 破棄.</summary>
public enum ImportState { Parsing, Waiting, Applying, Done, Failed, Discarded }

/// <summary>追加, 変更, 変更なし, 終了, エラー, 対象外.</summary>
public enum ImportAction { Add, Change, Same, End, Error, Skip }

/// <summary>How the person wants the file read; what is null is found out.</summary>
public sealed record ImportSettings
{
    public int? Sheet { get; init; }

    public SheetEncoding Encoding { get; init; }

    /// <summary>The first line of the header.</summary>
    public int? HeaderLine { get; init; }

    public int HeaderHeight { get; init; } = 1;

    /// <summary>Column of the sheet by key; -1 is "not in this file".</summary>
    public IReadOnlyDictionary<string, int> Columns { get; init; } = new Dictionary<string, int>();

    /// <summary>Replaced words by column key: what the file says, what is meant.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Words { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>The day the file describes.</summary>
    public DateOnly? AsOf { get; init; }

    /// <summary>Lines the person does not want.</summary>
    public IReadOnlyList<int> Excluded { get; init; } = [];

    /// <summary>From this day on, what the file does not name ends; only where the kind offers it.</summary>
    public DateOnly? EndMissingFrom { get; init; }

    /// <summary>How many records the person said would end by it.</summary>
    public int? EndMissingCount { get; init; }
}

/// <summary>How the file was read in the end.</summary>
public sealed record ImportFinding(string Description, IReadOnlyList<string> Sheets, int Sheet, int HeaderLine, int HeaderHeight, IReadOnlyList<string> Headings,
    IReadOnlyDictionary<string, int> Columns, DateOnly AsOf, IReadOnlyList<string> Problems, IReadOnlyList<string> Notes, IReadOnlyList<UnknownWord> Unknown)
{
    /// <summary>The first lines of the sheet, for choosing the header.</summary>
    public IReadOnlyList<string> FirstLines { get; init; } = [];
}

/// <summary>A word of the file that names nothing in the portal, how often it stands there, and what it may mean.</summary>
public sealed record UnknownWord(string Column, string Label, string Word, int Times, IReadOnlyList<string> Choices);

/// <summary>How many rows of each kind a preview has.</summary>
public sealed record ImportCounts(int Added = 0, int Changed = 0, int Same = 0, int Ended = 0, int Errors = 0, int Skipped = 0, int Warned = 0)
{
    public int Work => Added + Changed + Ended;
}

/// <summary>The import of one file: uploaded, read, previewed, applied in one transaction or not at all.</summary>
public sealed class ImportRun : Entity
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private ImportRun() { }

    public ImportRun(ImportRunId id, string kind, string fileName, string fileHash, ImportSettings settings, DateTimeOffset now)
    {
        (Id, Kind, FileName, FileHash, Settings, Since) = (id, kind, fileName, fileHash, settings, now);
        Audit("import.uploaded", after: new { kind, fileHash });
    }

    public ImportRunId Id { get; private set; }

    public string Kind { get; private set; } = "";

    public string FileName { get; private set; } = "";

    /// <summary>SHA-256 of the file, hexadecimal.</summary>
    public string FileHash { get; private set; } = "";

    public ImportState State { get; private set; }

    /// <summary>Since when it is in this state.</summary>
    public DateTimeOffset Since { get; private set; }

    public ImportSettings Settings { get; private set; } = new();

    public ImportFinding? Finding { get; private set; }

    public ImportCounts Counts { get; private set; } = new();

    /// <summary>What the preview was made of: how much the audit knew of the records concerned.</summary>
    public string Basis { get; private set; } = "";

    /// <summary>Hash of everything the preview would do.</summary>
    public string Fingerprint { get; private set; } = "";

    public bool OnlyCorrect { get; private set; }

    public StaffId? AppliedById { get; private set; }

    /// <summary>Why it failed, or why the preview was made again.</summary>
    public string? Message { get; private set; }

    public override string SubjectId => Id.ToString();

    public bool IsWorking => State is ImportState.Parsing or ImportState.Applying;

    /// <summary>Whether there is a preview that could be applied.</summary>
    public bool CanApply => State == ImportState.Waiting && Finding is { Problems.Count: 0 } && Counts.Work > 0;

    /// <summary>Read the file again, in this way.</summary>
    public void ReadAgain(ImportSettings settings, DateTimeOffset now)
    {
        DemandState(ImportState.Waiting, ImportState.Failed);
        (Settings, State, Since, Message) = (settings, ImportState.Parsing, now, null);
    }

    public void ShowPreview(ImportFinding finding, ImportCounts counts, string basis, string fingerprint, DateTimeOffset now, string? message = null)
        => (Finding, Counts, Basis, Fingerprint, State, Since, Message) = (finding, counts, basis, fingerprint, ImportState.Waiting, now, message);

    public void Fail(string message, DateTimeOffset now) => (State, Since, Message) = (ImportState.Failed, now, message);

    /// <summary>The person wants the preview done; with errors only after choosing 「正しい行だけ」.</summary>
    public void AskToApply(string basis, bool onlyCorrect, StaffId? by, DateTimeOffset now)
    {
        DemandState(ImportState.Waiting);
        if (basis != Basis) throw new RuleViolation(ImportRules.Changed.With()) { Status = StatusCodes.Status409Conflict };
        Demand.All(
            CanApply ? null : ImportRules.Nothing.With(),
            Counts.Errors > 0 && !onlyCorrect ? ImportRules.HasErrors.With(Counts.Errors) : null);
        (State, Since, OnlyCorrect, AppliedById, Message) = (ImportState.Applying, now, onlyCorrect, by, null);
    }

    /// <summary>All of it is in the portal now.</summary>
    public void Finish(DateTimeOffset now)
    {
        DemandState(ImportState.Applying);
        (State, Since) = (ImportState.Done, now);
        Audit("import.applied", after: new { Kind, FileHash, Counts.Added, Counts.Changed, Counts.Ended, Counts.Errors, OnlyCorrect });
        if (AppliedById is { } person)
            Record(new News("import.done", $"import:{Id}", [person], $"取込みが終わりました（{FileName}）",
                $"追加{Counts.Added}件、変更{Counts.Changed}件、終了{Counts.Ended}件です。", $"/people/import/{Id}"));
    }

    public void Discard(DateTimeOffset now)
    {
        DemandState(ImportState.Waiting, ImportState.Failed);
        (State, Since) = (ImportState.Discarded, now);
        Audit("import.discarded");
    }

    private void DemandState(params ImportState[] allowed)
    {
        if (!allowed.Contains(State)) throw new RuleViolation(ImportRules.Busy.With()) { Status = StatusCodes.Status409Conflict };
    }
}

/// <summary>The uploaded bytes; deleted when the run ends.</summary>
public sealed class ImportFile(ImportRunId runId, byte[] bytes)
{
    public ImportRunId RunId { get; private set; } = runId;

    public byte[] Bytes { get; private set; } = bytes;
}

/// <summary>What is to be said about one cell: a repair, a warning, or an error.</summary>
public sealed record ImportMessage(ImportLevel Level, string Column, string Text);

/// <summary>修正, 注意, エラー.</summary>
public enum ImportLevel { Fix, Warn, Error }

/// <summary>One row of a preview.</summary>
public sealed class ImportRow
{
    private ImportRow() { }

    public ImportRow(ImportRunId runId, int order, int line, string subject, ImportAction action, bool excluded, IReadOnlyDictionary<string, string> before,
        IReadOnlyDictionary<string, string> after, IReadOnlyList<ImportMessage> messages, string raw)
    {
        (Id, RunId, Order, Line, Subject, Action, Excluded, Before, After, Messages, Raw) = (Guid.CreateVersion7(), runId, order, line, subject, action, excluded, before, after, messages, raw);
        HasWarning = messages.Any(m => m.Level == ImportLevel.Warn);
        HasFix = messages.Any(m => m.Level == ImportLevel.Fix);
    }

    public Guid Id { get; private set; }

    public ImportRunId RunId { get; private set; }

    public int Order { get; private set; }

    /// <summary>The line a spreadsheet shows; 0 for what the file does not name.</summary>
    public int Line { get; private set; }

    public string Subject { get; private set; } = "";

    public ImportAction Action { get; private set; }

    public bool Excluded { get; private set; }

    public bool HasWarning { get; private set; }

    public bool HasFix { get; private set; }

    public IReadOnlyDictionary<string, string> Before { get; private set; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> After { get; private set; } = new Dictionary<string, string>();

    public IReadOnlyList<ImportMessage> Messages { get; private set; } = [];

    /// <summary>The cells as the file has them.</summary>
    public string Raw { get; private set; } = "";
}

/// <summary>Rules 取-n of imports.</summary>
public static class ImportRules
{
    public static readonly Rule File = new("取-1", "import.file", "ファイルが選ばれていないか、大きすぎます。", "20MBまでのCSVかXLSXを選んでください。", "Form.File");
    public static readonly Rule HasErrors = new("取-2", "import.errors", "エラーの行が{件数}件あります。", "ファイルを直して取り込み直すか、「正しい行だけ取り込む」を選んでください。");
    public static readonly Rule Nothing = new("取-3", "import.nothing", "取り込む内容がありません。", "列の対応と見出しの行を確かめてください。");
    public static readonly Rule Changed = new("取-4", "import.changed", "確認している間に、登録内容が変わりました。", "新しい確認画面で、もう一度確かめてください。");
    public static readonly Rule Busy = new("取-5", "import.busy", "この取込みは、いまその操作ができません。", "画面を開き直してください。");

    public static readonly Rule Day = new("取-6", "import.day", "「{日付}」は日付として読めません。", "R8.4.1 や 2026/4/1 のように入力してください。");

    public static IReadOnlyList<Rule> All { get; } = [File, HasErrors, Nothing, Changed, Busy, Day];
}
