using KitaPortal.Data;
using KitaPortal.Platform.Sheets;

namespace KitaPortal.Platform.Imports;

/// <summary>One kind of file the portal takes: its columns and what its rows mean. Features register theirs; the run is the same for all.</summary>
public abstract class ImportKind
{
    /// <summary>As in addresses and commands, for example <c>roster</c>.</summary>
    public abstract string Name { get; }

    /// <summary>職員名簿</summary>
    public abstract string Title { get; }

    /// <summary>One sentence for the list of kinds.</summary>
    public abstract string Lead { get; }

    /// <summary>Its place in the natural order of a first set-up.</summary>
    public abstract int Order { get; }

    /// <summary>Who may import it.</summary>
    public abstract string Policy { get; }

    public abstract IReadOnlyList<SheetColumn> Columns { get; }

    /// <summary>Whether records that the file does not name may be ended by it.</summary>
    public virtual bool CanEndMissing => false;

    /// <summary>The kinds of record the preview depends on, as the audit names them; a change of any makes it stale.</summary>
    public abstract IReadOnlyList<string> Subjects { get; }

    /// <summary>What else the columns must hold, beyond the required ones, in sentences for the person.</summary>
    public virtual IEnumerable<string> MissingColumns(ColumnMap map) => map.Missing(Columns).Select(c => $"「{c.Label}」がどの列か選んでください。");

    /// <summary>Says of every line what it would do. Changes nothing: each line gets its <see cref="ImportLine.Apply"/>, which runs inside the transaction.</summary>
    public abstract Task PlanAsync(PortalDb db, ImportTable table, CancellationToken ct);

    /// <summary>Locks what the entries change, before they are planned anew inside the transaction.</summary>
    public virtual Task LockAsync(PortalDb db, CancellationToken ct) => Task.CompletedTask;

    /// <summary>What follows from the applied entries, before they are committed.</summary>
    public virtual Task SettleAsync(PortalDb db, DateTimeOffset now, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>The entries of a file as a kind sees them while it plans.</summary>
public sealed class ImportTable
{
    private readonly Dictionary<(string Column, string Word), (int Times, IReadOnlyList<string> Choices)> unknown = [];
    private readonly Action<int, int> report;

    internal ImportTable(Sheet sheet, SheetHeader header, ColumnMap map, IReadOnlyList<SheetColumn> columns, ImportSettings settings, DateOnly asOf, DateOnly today, Action<int, int> report)
    {
        (Sheet, Map, Columns, Settings, AsOf, Today, this.report) = (sheet, map, columns, settings, asOf, today, report);
        var all = header.Lines(sheet).ToList();
        Others = [.. all.Where(l => l.Kind is not (SheetLineKind.Data or SheetLineKind.Empty))];
        ImportLine? before = null;
        var lines = new List<ImportLine>();
        foreach (var line in all)
        {
            if (line.Kind != SheetLineKind.Data) { if (line.Kind == SheetLineKind.Empty) before = null; continue; }
            lines.Add(before = new ImportLine(this, line.Row, before));
        }
        Lines = lines;
    }

    public Sheet Sheet { get; }

    public ColumnMap Map { get; }

    internal IReadOnlyList<SheetColumn> Columns { get; }

    public ImportSettings Settings { get; }

    /// <summary>The day the file describes.</summary>
    public DateOnly AsOf { get; }

    public DateOnly Today { get; }

    public IReadOnlyList<ImportLine> Lines { get; }

    /// <summary>Headings, totals and notes between the entries.</summary>
    public IReadOnlyList<SheetLine> Others { get; }

    /// <summary>Entries that stand in no line: what ends because the file does not name it.</summary>
    public List<ImportLine> Extra { get; } = [];

    /// <summary>Sentences about the file as a whole.</summary>
    public List<string> Notes { get; } = [];

    internal IReadOnlyList<UnknownWord> Unknown
        => [.. unknown.OrderByDescending(u => u.Value.Times).Select(u => new UnknownWord(u.Key.Column, LabelOf(u.Key.Column), u.Key.Word, u.Value.Times, u.Value.Choices))];

    internal void DoesNotKnow(string column, string word, IEnumerable<string> choices)
    {
        var times = unknown.TryGetValue((column, word), out var known) ? known.Times : 0;
        unknown[(column, word)] = (times + 1, known.Choices ?? [.. choices.Distinct()]);
    }

    /// <summary>An entry that the file does not hold.</summary>
    public ImportLine AddExtra(string subject)
    {
        var line = new ImportLine(this, new SheetRow(0, []), null) { Subject = subject };
        Extra.Add(line);
        return line;
    }

    /// <summary>Tells the waiting person how far the work is.</summary>
    public void Report(int done) => report(done, Lines.Count);

    internal string LabelOf(string key)
    {
        var label = Columns.FirstOrDefault(c => c.Key == key)?.Label ?? key;
        return Map[key] is { } column ? $"{label}（{SheetLimits.Letters(column)}列）" : label;
    }
}

/// <summary>One entry: reads its cells, collects what is to be said about them, and knows what it would do.</summary>
public sealed class ImportLine(ImportTable table, SheetRow row, ImportLine? before)
{
    private readonly List<ImportMessage> messages = [];
    private readonly Dictionary<string, Cell> read = [];

    public SheetRow Row => row;

    public int Line => row.Line;

    /// <summary>The entry in the line directly above; null after an empty line.</summary>
    public ImportLine? Above => before;

    /// <summary>Whom or what it is about.</summary>
    public string Subject { get; set; } = "";

    public ImportAction Action { get; set; } = ImportAction.Same;

    public bool Excluded => table.Settings.Excluded.Contains(row.Line);

    public Dictionary<string, string> Before { get; } = [];

    public Dictionary<string, string> After { get; } = [];

    public IReadOnlyList<ImportMessage> Messages => messages;

    public bool HasErrors => messages.Any(m => m.Level == ImportLevel.Error);

    /// <summary>Whether it will be carried out.</summary>
    public bool IsWanted => !HasErrors && !Excluded && Action is ImportAction.Add or ImportAction.Change or ImportAction.End;

    /// <summary>Calls the entities' verbs.</summary>
    public Action? Apply { get; set; }

    /// <summary>The cell of a column: 〃 replaced by what stands above, and words replaced as the person said.</summary>
    public Cell Cell(string key)
    {
        if (read.TryGetValue(key, out var known)) return known;
        var cell = table.Map.Cell(row, key);
        if (Repair.IsDitto(cell.Text) && before is not null)
        {
            cell = before.Cell(key);
            Fix(key, $"〃を上の行の「{Repair.Trimmed(cell.Text)}」と読みました");
        }
        if (table.Settings.Words.TryGetValue(key, out var words) && words.TryGetValue(Repair.Trimmed(cell.Text), out var meant))
        {
            Fix(key, cell.IsEmpty ? $"空を「{meant}」と読み替えました" : $"「{Repair.Trimmed(cell.Text)}」を「{meant}」と読み替えました");
            cell = new Cell(meant);
        }
        return read[key] = cell;
    }

    /// <summary>The text of a column without blanks around it; empty when there is none or the file says none (－, なし).</summary>
    public string Text(string key)
    {
        var cell = Cell(key);
        return Repair.IsNone(cell.Text) ? "" : Repair.Trimmed(cell.Text);
    }

    /// <summary>Takes a repaired value; its note or problem is kept.</summary>
    public T? Take<T>(string key, Fixed<T> value, ImportLevel otherwise = ImportLevel.Error)
    {
        if (value.Problem is { } problem) Refuse(key, problem, otherwise);
        else if (value.Note is { } note) Fix(key, note);
        return value.Value;
    }

    /// <summary>Says that the word in this cell cannot be taken, and offers to replace it wherever it stands.</summary>
    public void Refuse(string key, string text, ImportLevel level = ImportLevel.Error, IEnumerable<string>? choices = null)
    {
        table.DoesNotKnow(key, Repair.Trimmed(Cell(key).Text), choices ?? []);
        Say(level, key, text);
    }

    public void Fix(string key, string text) => Say(ImportLevel.Fix, key, text);

    public void Warn(string key, string text) => Say(ImportLevel.Warn, key, text);

    public void Error(string key, string text) => Say(ImportLevel.Error, key, text);

    /// <summary>Notes a value before and after; equal ones are not shown.</summary>
    public void Compare(string label, string? old, string? now)
    {
        if ((old ?? "") == (now ?? "")) return;
        Before[label] = old ?? "";
        After[label] = now ?? "";
    }

    private void Say(ImportLevel level, string key, string text)
    {
        var message = new ImportMessage(level, table.LabelOf(key), text);
        if (!messages.Contains(message)) messages.Add(message);
    }

    internal string Raw => string.Join('\u241F', row.Cells.Select(c => c.Text));
}
