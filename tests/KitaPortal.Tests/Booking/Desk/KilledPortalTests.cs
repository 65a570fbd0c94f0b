using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Register;
using KitaPortal.Tests.Host;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Desk;

/// <summary>The real program as its own process, killed (SIGKILL) in the middle of a hand-over whose rows are half written: each act is there wholly or not at all, and sending it again makes one loan.</summary>
public sealed class KilledPortalTests
{
    private const int Acts = 12;
    private const int LinesPerAct = 2;
    private const int ActsBefore = 5;

    [Fact]
    public async Task A_portal_killed_during_hand_overs_has_made_each_wholly_or_not_at_all_and_the_same_act_sent_again_is_one_loan()
    {
#pragma warning disable RS0030 // the child process runs by the system's clock
        var now = TimeProvider.System.GetUtcNow();
#pragma warning restore RS0030
        await using var portal = await PortalHost.StartAsync(now);
        var town = await SeedAsync(portal, tablets: Acts * LinesPerAct);
        await portal.ReadAsync(async db => { await Installation.EnsureAsync(db, InstallationKind.Evaluation, now, CancellationToken.None); return true; });
        var lines = await BookAsync(portal, town, now);
        var acts = lines.Chunk(LinesPerAct).Select(two => new { id = Guid.NewGuid(), office = "01", items = two.Select(l => new { lineId = l.Value }).ToArray() }).ToList();

        await using (var first = await ChildAsync(portal))
        await using (var stop = await Stop.InTheMiddleAsync(portal))
        {
            using var clerk = await first.AsAsync(portal, portal.Town.Desk);
            var token = await clerk.ScriptToken();
            var sent = acts.Select(async act => (await clerk.PostJson("/api/v1/booking/hand-overs", act, token)).Status).ToList();
            await stop.IsReachedAsync();
            first.Kill();
            var problems = await Task.WhenAll(sent.Select(s => Record.ExceptionAsync(() => s).AsTask()));
            Assert.Equal(Acts - ActsBefore, problems.OfType<HttpRequestException>().Count());
        }

        Assert.Equal(ActsBefore, await WhollyAsync(portal, acts.Select(a => a.id)));

        await using (var second = await ChildAsync(portal))
        {
            using var clerk = await second.AsAsync(portal, portal.Town.Desk);
            var token = await clerk.ScriptToken();
            foreach (var act in acts) Assert.Equal(HttpStatusCode.OK, (await clerk.PostJson("/api/v1/booking/hand-overs", act, token)).Status);
            foreach (var act in acts) Assert.Equal(HttpStatusCode.OK, (await clerk.PostJson("/api/v1/booking/hand-overs", act, token)).Status);
        }

        Assert.Equal(Acts, await WhollyAsync(portal, acts.Select(a => a.id)));
        Assert.Equal(Acts * LinesPerAct, await portal.ReadAsync(db => db.Loans.CountAsync()));
        Assert.Equal(Enumerable.Range(1, Acts * LinesPerAct), await portal.ReadAsync(db => db.Loans.OrderBy(l => l.RegisterSequence).Select(l => l.RegisterSequence).ToListAsync()));
    }

    /// <summary>How many acts are there; each with its loans, its lines out, its receipt, its rows of the register and of the audit, or with none of them.</summary>
    private static Task<int> WhollyAsync(PortalHost portal, IEnumerable<Guid> acts) => portal.ReadAsync(async db =>
    {
        var done = 0;
        foreach (var act in acts)
        {
            var loans = await db.Loans.AsNoTracking().Where(l => l.HandOverId == act).ToListAsync();
            var (ids, lineIds) = (loans.Select(l => l.Id).ToList(), loans.Select(l => l.LineId).ToList());
            var subjects = ids.Select(i => i.ToString()).ToList();
            var parts = new[]
            {
                await db.HandOvers.CountAsync(h => h.Id == act) * LinesPerAct,
                await db.Receipts.CountAsync(r => r.HandOverId == act) * LinesPerAct,
                loans.Count,
                await db.BookingLines.CountAsync(l => lineIds.Contains(l.Id) && l.Status == LineStatus.OnLoan),
                await db.RegisterEntries.CountAsync(e => ids.Contains(e.LoanId)),
                await db.Set<KitaPortal.Platform.Audit.AuditEntry>().CountAsync(e => e.Action == "loan.out" && subjects.Contains(e.SubjectId)),
            };
            Assert.True(parts.All(p => p == 0) || parts.All(p => p == LinesPerAct), $"Half an act: {string.Join(", ", parts)}");
            done += parts[0] / LinesPerAct;
        }
        return done;
    });

    private static Task<List<BookingLineId>> BookAsync(PortalHost portal, BookingTown town, DateTimeOffset now) => portal.WriteAsync(db =>
    {
        var quarter = TimeSpan.FromMinutes(15).Ticks;
        var from = now.AddTicks(-(now.Ticks % quarter));
        var lines = new List<BookingLineId>();
        foreach (var devices in town.TabletIds.Chunk(LinesPerAct))
        {
            var booking = new Features.Booking.Booking(BookingId.New(), portal.Town.Sato, portal.Town.GeneralAffairs, portal.Town.GeneralHead, InBuilding, $"{lines.Count}", $"{lines.Count}", "", now);
            foreach (var device in devices)
            {
                var line = booking.Add(town.Tablets, device, true, from, from.AddHours(4));
                var occupancy = new Occupancy(device, town.Tablets, from, from.AddHours(4), OccupancyKind.Booking, line.Id.Value);
                line.Occupy(occupancy);
                db.Add(occupancy);
                lines.Add(line.Id);
            }
            booking.Confirm(now);
            db.Add(booking);
        }
        return Task.FromResult(lines);
    });

    private static async Task<Child> ChildAsync(PortalHost portal)
    {
        var connection = await portal.ReadAsync(db => Task.FromResult(db.Database.GetConnectionString()!));
        var child = new Child(connection, portal.DataFolder);
        await child.AnswersAsync();
        return child;
    }

    /// <summary>Holds the act after the first few inside its transaction, by a trigger behind the first of its two rows of the register: some of its rows are written, the others are not.</summary>
    private sealed class Stop(PortalHost portal, string database, NpgsqlConnection? holder) : IAsyncDisposable
    {
        private const int Key = 20260406;

        public static async Task<Stop> InTheMiddleAsync(PortalHost portal)
        {
            // On PostgreSQL the trigger waits for a lock held here; on SQLite, which has none, it counts for longer than any test lasts.
            var trigger = TestDatabase.IsPostgres
                ? $"""
                  CREATE FUNCTION stop_here() RETURNS trigger AS $$ BEGIN
                    IF (SELECT count(*) FROM "RegisterEntries") > {ActsBefore * LinesPerAct} THEN PERFORM pg_advisory_xact_lock({Key}); END IF; RETURN NULL; END $$ LANGUAGE plpgsql;
                  CREATE TRIGGER stop_here AFTER INSERT ON "RegisterEntries" FOR EACH ROW EXECUTE FUNCTION stop_here();
                  """
                : $"""
                  CREATE TABLE StopHere (Numbers INTEGER);
                  CREATE TRIGGER stop_here AFTER INSERT ON RegisterEntries WHEN (SELECT count(*) FROM RegisterEntries) > {ActsBefore * LinesPerAct}
                  BEGIN INSERT INTO StopHere SELECT count(*) FROM AuditEntries a, AuditEntries b, AuditEntries c, AuditEntries d, AuditEntries e, AuditEntries f, AuditEntries g, AuditEntries h; END;
                  """;
            await portal.ReadAsync(db => db.Database.ExecuteSqlRawAsync(trigger));
            var database = await portal.ReadAsync(db => Task.FromResult(db.Database.GetConnectionString()!));
            if (!TestDatabase.IsPostgres) return new Stop(portal, database, null);
            var holder = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ToString());
            await holder.OpenAsync();
            await using var held = new NpgsqlCommand($"SELECT pg_advisory_lock({Key})", holder);
            await held.ExecuteNonQueryAsync();
            return new Stop(portal, database, holder);
        }

        public async Task IsReachedAsync()
        {
            for (var tries = 0; tries < 600; tries++)
            {
                if (await portal.ReadAsync(db => db.Loans.CountAsync()) == ActsBefore * LinesPerAct && await IsHeldAsync()) return;
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
            Assert.Fail("No hand-over came to the middle.");
        }

        // PostgreSQL shows who waits; on SQLite a whole second without the write lock says that somebody is inside.
        private async Task<bool> IsHeldAsync()
        {
            if (TestDatabase.IsPostgres) return await portal.ReadAsync(db => db.Database.SqlQueryRaw<int>($"""SELECT count(*)::int AS "Value" FROM pg_locks WHERE locktype = 'advisory' AND objid = {Key} AND NOT granted""").SingleAsync()) > 0;
            await using var writer = new SqliteConnection(new SqliteConnectionStringBuilder(database) { DefaultTimeout = 1, Pooling = false }.ToString());
            await writer.OpenAsync();
            try
            {
                await using var mine = writer.BeginTransaction();
                return false;
            }
            catch (SqliteException e) when (e.SqliteErrorCode == 5)
            {
                return true;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (holder is not null) await holder.DisposeAsync();
            await portal.ReadAsync(db => db.Database.ExecuteSqlRawAsync(TestDatabase.IsPostgres
                ? "DROP TRIGGER stop_here ON \"RegisterEntries\"; DROP FUNCTION stop_here()"
                : "DROP TRIGGER stop_here; DROP TABLE StopHere"));
        }
    }

    /// <summary>The portal as a process of its own on the same database.</summary>
    private sealed class Child : IAsyncDisposable
    {
        private readonly Process process;
        private readonly Uri address;
        private readonly List<string> said = [];

        public Child(string connection, string folder)
        {
            address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{FreePort()}"));
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
            foreach (var argument in new[]
            {
                Path.Combine(AppContext.BaseDirectory, "kitaportal.dll"), "serve", "--SignIn:Mode=Evaluation", $"--Urls={address}", $"--Server:PublicUrl={address}", $"--Data:Folder={folder}", "--Data:MinimumFreeMb=1",
                $"--Database:Provider={(TestDatabase.IsPostgres ? "PostgreSql" : "Sqlite")}", $"--Database:ConnectionString={(TestDatabase.IsPostgres ? connection : "")}", "--Security:RateFactor=1000",
            }) start.ArgumentList.Add(argument);
            start.Environment["ASPNETCORE_ENVIRONMENT"] = "Evaluation";
            process = Process.Start(start)!;
            process.OutputDataReceived += (_, line) => Hear(line.Data);
            process.ErrorDataReceived += (_, line) => Hear(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public async Task AnswersAsync()
        {
            using var browser = new PortalClient(address);
            for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromMinutes(2);)
            {
                if (process.HasExited) break;
                try
                {
                    if ((await browser.Get("/health/live")).Status == HttpStatusCode.OK) return;
                }
                catch (HttpRequestException)
                {
                    await Task.Delay(100, TestContext.Current.CancellationToken);
                }
            }
            lock (said) Assert.Fail("The portal did not start:\n" + string.Join('\n', said.TakeLast(30)));
        }

        public async Task<PortalClient> AsAsync(PortalHost portal, KitaPortal.Platform.Domain.StaffId person)
        {
            using var session = await portal.As(person);
            var cookie = session.Cookies.GetCookies(portal.Address)[0];
            var client = new PortalClient(address);
            client.Cookies.Add(address, new Cookie(cookie.Name, cookie.Value));
            return client;
        }

        /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
        public void Kill() => process.Kill();

        public async ValueTask DisposeAsync()
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        private void Hear(string? line)
        {
            if (line is null) return;
            lock (said) said.Add(line);
        }

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
