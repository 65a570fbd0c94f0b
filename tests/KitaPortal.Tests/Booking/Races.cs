using System.Collections.Concurrent;
using System.Data.Common;
using System.Reflection;
using System.Text.RegularExpressions;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Features.Chat;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.Booking;

/// <summary>A race says after each of its rounds what went wrong, or null. With the portal's guards it must be right in every round; without them it must go wrong, or it is no race.</summary>
internal static class Races
{
    private const int Tries = 5;

    public static async Task IsRightAsync(Func<Track, IAsyncEnumerable<string?>> race, int rounds)
    {
        await using var track = new Track(await PortalHost.StartAsync(), null);
        var round = 0;
        await foreach (var wrong in race(track).Take(rounds)) Assert.True(wrong is null, $"round {round++}: {wrong}");
    }

    public static async Task GoesWrongUnguardedAsync(Func<Track, IAsyncEnumerable<string?>> race)
    {
        await using var track = await Unguarded.StartAsync();
        var wrong = await race(track).Take(Tries).FirstOrDefaultAsync(w => w is not null);
        TestContext.Current.TestOutputHelper?.WriteLine($"without the guards: {wrong}");
        Assert.True(wrong is not null, "Without the guards nothing went wrong: the race is none.");
    }
}

/// <summary>Where races are run.</summary>
internal sealed class Track(PortalHost portal, Unguarded? unguarded) : IAsyncDisposable
{
    public PortalHost Portal { get; } = portal;

    public bool IsGuarded => unguarded is null;

    /// <summary>Begins all acts at the same moment. Without guards they also meet before the first of them writes, so that each has judged what the others are about to change.</summary>
    public async Task<T[]> RunAsync<T>(params IEnumerable<Func<Task<T>>> acts)
    {
        var all = acts.ToList();
        var meeting = unguarded?.Meet(all.Count);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = all.Select(act => Task.Run(async () =>
        {
            await start.Task;
            try { return await act(); }
            finally { meeting?.Come(); }
        })).ToList();
        start.SetResult();
        return await Task.WhenAll(running);
    }

    public ValueTask DisposeAsync() => Portal.DisposeAsync();
}

/// <summary>Takes the guards against races away: a command is no longer one transaction, so that its locks (PostgreSQL's of rows, SQLite's of writing) end with the statement
/// that took them, the portal's own line of SQLite's writers lets all pass, versions are not compared, and the database's last lines are dropped.</summary>
internal sealed partial class Unguarded : SaveChangesInterceptor
{
    private static readonly string[] UniqueGuards = ["one_open_loan_per_device", "IX_Loans_LineId", "IX_Loans_OfficeId_FiscalYear_RegisterSequence", "ledger_idempotency",
        "IX_ChatChannels_PeopleKey", "IX_ChatMessages_ChannelId_MsgNo", "IX_ChatMessages_AuthorId_ClientId", "IX_ChatMessageVersions_ChannelId_Rev"];
    private Meeting meeting = new(0);

    /// <param name="lastLines">False leaves the database's own last lines where they are.</param>
    public static async Task<Track> StartAsync(bool lastLines = true)
    {
        var unguarded = new Unguarded();
        void Weaken(DbContextOptionsBuilder options) => options.AddInterceptors(unguarded, new WithoutVersions()).ReplaceService<IDbContextTransactionManager, NoTransactions>();
        var portal = await PortalHost.StartAsync(adjust: builder =>
        {
            if (TestDatabase.IsPostgres) builder.Services.ConfigureDbContext<PostgresPortalDb>(Weaken);
            else builder.Services.ConfigureDbContext<SqlitePortalDb>(Weaken);
        });
        await portal.ReadAsync(async db =>
        {
            if (!TestDatabase.IsPostgres) OpenGate(db.Database.GetConnectionString()!);
            if (!lastLines) return true;
            await db.Database.ExecuteSqlRawAsync(TestDatabase.IsPostgres
                ? """ALTER TABLE "Occupancies" DROP CONSTRAINT occupancy_overlap"""
                : "DROP TRIGGER occupancy_overlap_insert; DROP TRIGGER occupancy_overlap_update");
#pragma warning disable EF1002 // names from above
            foreach (var index in UniqueGuards) await db.Database.ExecuteSqlRawAsync($"DROP INDEX \"{index}\"");
#pragma warning restore EF1002
            return true;
        });
        return new Track(portal, unguarded);
    }

    public Meeting Meet(int acts) => meeting = new Meeting(acts);

    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        var writes = eventData.Context!.ChangeTracker.Entries().Any(e => e.State != EntityState.Unchanged && e.Entity is Occupancy or Loan or BookingLine or Features.Booking.Booking or WaitlistEntry or Channel or Message);
        if (writes) await meeting.ArriveAsync(eventData.Context.ContextId);
        return result;
    }

    private static void OpenGate(string connection)
    {
        var gates = (ConcurrentDictionary<string, SemaphoreSlim>)typeof(SqlitePortalDb).GetField("Gates", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
        gates[connection] = new SemaphoreSlim(1000);
    }

    /// <summary>Lets nobody on before each act has come to its first write or to its end.</summary>
    internal sealed class Meeting(int acts)
    {
        private readonly HashSet<DbContextId> arrived = [];
        private readonly TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int missing = acts;

        public Task ArriveAsync(DbContextId who)
        {
            lock (arrived)
            {
                if (arrived.Add(who)) Come();
            }
            return all.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        public void Come()
        {
            if (Interlocked.Decrement(ref missing) <= 0) all.TrySetResult();
        }
    }

    /// <summary>Every statement, or every save of changes, is a transaction of its own.</summary>
    private sealed class NoTransactions : IDbContextTransactionManager
    {
        public IDbContextTransaction? CurrentTransaction { get; private set; }

        public IDbContextTransaction BeginTransaction() => CurrentTransaction = new NoTransaction(this);

        public Task<IDbContextTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default) => Task.FromResult(BeginTransaction());

        public void CommitTransaction() => ResetState();

        public Task CommitTransactionAsync(CancellationToken cancellationToken = default) => ResetStateAsync(cancellationToken);

        public void RollbackTransaction() => ResetState();

        public Task RollbackTransactionAsync(CancellationToken cancellationToken = default) => ResetStateAsync(cancellationToken);

        public void ResetState() => CurrentTransaction = null;

        public Task ResetStateAsync(CancellationToken cancellationToken = default)
        {
            ResetState();
            return Task.CompletedTask;
        }
    }

    private sealed class NoTransaction(NoTransactions manager) : IDbContextTransaction
    {
        public Guid TransactionId { get; } = Guid.NewGuid();

        public void Commit() => manager.ResetState();

        public Task CommitAsync(CancellationToken cancellationToken = default) => manager.ResetStateAsync(cancellationToken);

        public void Rollback() => manager.ResetState();

        public Task RollbackAsync(CancellationToken cancellationToken = default) => manager.ResetStateAsync(cancellationToken);

        public void Dispose() => manager.ResetState();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed partial class WithoutVersions : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            command.CommandText = VersionCheck().Replace(command.CommandText, "$1");
            return ValueTask.FromResult(result);
        }

        [GeneratedRegex("""(WHERE "Id" = @p\d+) AND "Version" = @p\d+""")]
        private static partial Regex VersionCheck();
    }
}
