using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace KitaPortal.Tests.Host;

/// <summary>Counts the SQL statements of one portal's database while it is open, leaving other tests' databases aside.</summary>
public sealed class StatementCount : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly string database;
    private readonly List<IDisposable> subscriptions = [];
    private readonly List<string> statements = [];

    private StatementCount(string database) => this.database = database;

    /// <summary>What was asked so far.</summary>
    public IReadOnlyList<string> Statements { get { lock (statements) return [.. statements]; } }

    public static async Task<StatementCount> OfAsync(PortalHost portal)
    {
        var count = new StatementCount(await portal.ReadAsync(db => Task.FromResult(db.Database.GetConnectionString()!)));
        count.subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(count));
        return count;
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory.Name) subscriptions.Add(value.Subscribe(this));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is not CommandExecutedEventData executed || executed.Context?.Database.GetConnectionString() != database) return;
        lock (statements) statements.Add(executed.Command.CommandText);
    }

    public void OnCompleted() { }

    public void OnError(Exception error) { }

    public void Dispose() => subscriptions.ForEach(s => s.Dispose());
}
