using System.Net;
using KitaPortal.Features.Chat;
using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Chat;

/// <summary>Real races through HTTP: numbers without gaps in the order of commits, one message however often it is sent, no word after the removal. Each goes wrong when the guards are taken away.</summary>
public sealed class ChatRaceTests
{
    [Fact]
    public Task Sixteen_twins_are_one_message() => Races.IsRightAsync(TwinsAsync, 10);

    [Fact]
    public Task Twenty_people_post_at_once_and_no_number_is_missing_or_doubled() => Races.IsRightAsync(CrowdAsync, 10);

    [Fact]
    public Task Nobody_says_anything_after_being_taken_out() => Races.IsRightAsync(RemovalAsync, 10);

    [Fact]
    public Task A_conversation_opened_by_both_at_once_is_one() => Races.IsRightAsync(DirectAsync, 10);

    [Theory]
    [InlineData("twins")]
    [InlineData("crowd")]
    [InlineData("removal")]
    [InlineData("direct")]
    public Task Without_the_guards_the_same_races_go_wrong(string race) => Races.GoesWrongUnguardedAsync(race switch
    {
        "twins" => TwinsAsync,
        "crowd" => CrowdAsync,
        "removal" => RemovalAsync,
        _ => DirectAsync,
    });

    [Fact]
    public async Task With_only_the_locks_gone_the_database_itself_lets_no_twin_in()
    {
        await using var track = await Unguarded.StartAsync(lastLines: false);
        await foreach (var wrong in TwinsAsync(track).Take(3)) Assert.True(wrong is null, wrong);
    }

    private static async IAsyncEnumerable<string?> TwinsAsync(Track track)
    {
        using var sato = await track.Portal.As(track.Portal.Town.Sato);
        var token = await sato.ScriptToken();
        for (var round = 0; ; round++)
        {
            var (channel, clientId) = (await sato.OpenAsync($"双子 {round}"), Guid.CreateVersion7());
            var answers = await track.RunAsync(Enumerable.Range(0, 16).Select(_ => (Func<Task<Answer>>)(() => sato.SayAsync(channel, "一度だけ", clientId, token: token))));
            var rows = await track.Portal.ReadAsync(db => db.Messages.CountAsync(m => m.ClientId == clientId));
            yield return answers.Any(a => (int)a.Status >= 400) ? $"an answer {answers.First(a => (int)a.Status >= 400).Status}: {answers.First(a => (int)a.Status >= 400).Text}"
                : rows != 1 ? $"{rows} messages"
                : answers.Count(a => a.Status == HttpStatusCode.Created) != 1 ? "not exactly one was new"
                : answers.Select(a => a.Json().Id()).Distinct().Count() != 1 ? "different answers"
                : await track.Portal.FaultAsync(channel);
        }
    }

    private static async IAsyncEnumerable<string?> CrowdAsync(Track track)
    {
        var people = await RaceTests.RacersAsync(track.Portal, 20);
        using var head = await track.Portal.As(track.Portal.Town.GeneralHead);
        var crowd = new List<(PortalClient Client, string Token)>();
        foreach (var person in people)
        {
            var client = await track.Portal.As(person);
            crowd.Add((client, await client.ScriptToken()));
        }
        for (var round = 0; ; round++)
        {
            var channel = await head.OpenAsync($"大勢 {round}", "Private", [.. people]);
            var answers = await track.RunAsync(crowd.Select(c => (Func<Task<Answer>>)(() => c.Client.SayAsync(channel, "はい", token: c.Token))));
            yield return answers.FirstOrDefault(a => a.Status != HttpStatusCode.Created) is { } refused ? $"refused: {refused.Status} {refused.Text}" : await track.Portal.FaultAsync(channel);
        }
    }

    private static async IAsyncEnumerable<string?> RemovalAsync(Track track)
    {
        using var head = await track.Portal.As(track.Portal.Town.GeneralHead);
        using var sato = await track.Portal.As(track.Portal.Town.Sato);
        var (headToken, token) = (await head.ScriptToken(), await sato.ScriptToken());
        for (var round = 0; ; round++)
        {
            var channel = await head.OpenAsync($"退出 {round}", "Private", track.Portal.Town.Sato);
            var posts = Enumerable.Range(0, 6).Select(i => (Func<Task<Answer>>)(() => sato.SayAsync(channel, $"{i}", token: token)));
            var answers = await track.RunAsync(posts.Append(() => head.SendJson(HttpMethod.Delete, $"/api/v1/chat/channels/{channel}/members/{track.Portal.Town.Sato}", token: headToken)));
            var said = answers[..^1].Where(a => a.Status == HttpStatusCode.Created).Select(a => a.Json().GetProperty("rev").GetInt64()).ToList();
            var removed = await track.Portal.ReadAsync(db => db.Channels.Where(c => c.Id == new ChannelId(channel)).Select(c => c.MembersRev).SingleAsync());
            yield return answers[^1].Status != HttpStatusCode.NoContent ? $"not removed: {answers[^1].Text}"
                : answers[..^1].Any(a => a.Status is not (HttpStatusCode.Created or HttpStatusCode.NotFound)) ? "an answer that is neither yes nor no"
                : said.Any(rev => rev >= removed) ? "something was said after the removal"
                : await track.Portal.FaultAsync(channel);
        }
    }

    private static async IAsyncEnumerable<string?> DirectAsync(Track track)
    {
        using var sato = await track.Portal.As(track.Portal.Town.Sato);
        var (token, number) = (await sato.ScriptToken(), 0);
        while (true)
        {
            var newcomer = StaffId.New();
            await track.Portal.WriteAsync(db => Task.FromResult(TestTown.Add(db, newcomer, $"8{number++:00000}", "相手", "方", "あいて", "かた", track.Portal.Town.Planning, track.Portal.Town.ClerkPost)));
            var other = newcomer.Value;
            using var partner = await track.Portal.As(newcomer);
            var partnerToken = await partner.ScriptToken();
            var answers = await track.RunAsync(Enumerable.Range(0, 8).Select(i => (Func<Task<Answer>>)(() => i % 2 == 0
                ? sato.PostJson("/api/v1/chat/direct", new { staffIds = new[] { other } }, token)
                : partner.PostJson("/api/v1/chat/direct", new { staffIds = new[] { track.Portal.Town.Sato.Value } }, partnerToken))));
            yield return answers.Any(a => (int)a.Status >= 400) ? $"an answer {answers.First(a => (int)a.Status >= 400).Text}"
                : answers.Select(a => a.Json().Id()).Distinct().Count() != 1 ? "two conversations"
                : null;
        }
    }
}
