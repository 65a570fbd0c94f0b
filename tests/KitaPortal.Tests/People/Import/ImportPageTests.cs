using System.Net;
using System.Text;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Imports;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.People.Import;

/// <summary>The import pages as a person of the personnel section uses them, in the small town.</summary>
public class ImportPageTests
{
    private const string Header = "職員番号,氏名,フリガナ,所属,役職,職員区分,採用日\r\n";
    private const string Good = Header + "000901,山本　花,やまもと　はな,総務課,主事,正職員,R8.4.1\r\n000902,川上　進,ｶﾜｶﾐ ｽｽﾑ,企画課,主事,正職員,2026/4/1\r\n";

    [Fact]
    public async Task A_file_is_read_checked_and_only_then_imported()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);

        var preview = await Upload(hr, "roster", Good);

        Assert.Equal(HttpStatusCode.OK, preview.Status);
        Assert.Contains("2件を取り込む", preview.Words, StringComparison.Ordinal);
        Assert.Contains("山本　花", preview.Words, StringComparison.Ordinal);
        Assert.Equal(0, await portal.ReadAsync(db => db.Staff.CountAsync(s => s.StaffNumber.StartsWith("0009"))));
        var done = await Settled(hr, await hr.Submit(preview.Address.PathAndQuery, action: preview.Address.AbsolutePath + "?handler=Apply"));
        Assert.Contains("取り込みました。", done.Words, StringComparison.Ordinal);
        var people = await portal.ReadAsync(db => db.Staff.Where(s => s.StaffNumber.StartsWith("0009")).OrderBy(s => s.StaffNumber).Select(s => s.FamilyYomi).ToListAsync());
        Assert.Equal(["やまもと", "かわかみ"], people);
    }

    [Fact]
    public async Task An_error_stops_everything_until_only_the_right_rows_are_chosen()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var preview = await Upload(hr, "roster", Good + "000903,森　一,もり　はじめ,水道課,主事,正職員,R8.4.1\r\n");
        Assert.Contains("所属「水道課」が組織図にありません", preview.Words, StringComparison.Ordinal);

        var refused = await hr.Submit(preview.Address.PathAndQuery, action: preview.Address.AbsolutePath + "?handler=Apply");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("取-2", refused.Words, StringComparison.Ordinal);
        Assert.Equal(0, await portal.ReadAsync(db => db.Staff.CountAsync(s => s.StaffNumber.StartsWith("0009"))));
        await Settled(hr, await hr.Submit(preview.Address.PathAndQuery, new { onlyCorrect = "true" }, preview.Address.AbsolutePath + "?handler=Apply"));
        Assert.Equal(2, await portal.ReadAsync(db => db.Staff.CountAsync(s => s.StaffNumber.StartsWith("0009"))));
    }

    [Fact]
    public async Task A_word_said_once_makes_its_rows_right_and_is_remembered_for_the_next_file()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var file = Good + "000903,森　一,もり　はじめ,総ム課,主事,正職員,R8.4.1\r\n";
        var preview = await Upload(hr, "roster", file);
        Assert.Contains("エラー", preview.Words, StringComparison.Ordinal);

        var after = await Settled(hr, await hr.Submit(preview.Address.PathAndQuery, new Dictionary<string, string> { ["words[0].Column"] = "unit", ["words[0].From"] = "総ム課", ["words[0].To"] = "総務課" }, preview.Address.AbsolutePath + "?handler=Words"));

        Assert.Contains("3件を取り込む", after.Words, StringComparison.Ordinal);
        await Settled(hr, await hr.Submit(after.Address.PathAndQuery, action: after.Address.AbsolutePath + "?handler=Apply"));
        var next = await Upload(hr, "roster", file.Replace("000903", "000904", StringComparison.Ordinal).Replace("森　一", "森　二", StringComparison.Ordinal));
        Assert.Contains("1件を取り込む", next.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_left_out_is_not_imported()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var preview = await Upload(hr, "roster", Good);

        var after = await Settled(hr, await hr.Submit(preview.Address.PathAndQuery, action: preview.Address.AbsolutePath + "?handler=Exclude&line=2"));
        Assert.Contains("1件を取り込む", after.Words, StringComparison.Ordinal);
        await Settled(hr, await hr.Submit(after.Address.PathAndQuery, action: after.Address.AbsolutePath + "?handler=Apply"));

        Assert.Equal(["000902"], await portal.ReadAsync(db => db.Staff.Where(s => s.StaffNumber.StartsWith("0009")).Select(s => s.StaffNumber).ToListAsync()));
    }

    [Fact]
    public async Task What_changed_since_the_preview_is_answered_with_a_new_one()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var preview = await Upload(hr, "roster", Good);
        await portal.WriteAsync(db =>
        {
            db.Add(new StaffMember(StaffId.New(), "000901", "山本", "花", "やまもと", "はな", EmploymentClass.Regular, new(2026, 4, 1)));
            return Task.CompletedTask;
        });

        var answer = await hr.Submit(preview.Address.PathAndQuery, action: preview.Address.AbsolutePath + "?handler=Apply");

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Contains("取-4", answer.Words, StringComparison.Ordinal);
        var again = await Settled(hr, await hr.Get(preview.Address.AbsolutePath));
        Assert.Contains("追加 1 件", again.Words, StringComparison.Ordinal);
        Assert.Equal(1, await portal.ReadAsync(db => db.Staff.CountAsync(s => s.StaffNumber.StartsWith("0009"))));
    }

    [Fact]
    public async Task The_same_file_again_is_warned_about_with_day_and_person()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var preview = await Upload(hr, "roster", Good);
        await Settled(hr, await hr.Submit(preview.Address.PathAndQuery, action: preview.Address.AbsolutePath + "?handler=Apply"));

        var again = await Upload(hr, "roster", Good);

        Assert.Contains("同じファイルを令和8年4月6日（月）に", again.Words, StringComparison.Ordinal);
        Assert.Contains("取り込む変更はありません", again.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Applying_twice_at_once_imports_once()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var preview = await Upload(hr, "roster", Good);
        var token = await hr.Token(preview.Address.PathAndQuery);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => hr.Post(preview.Address.AbsolutePath + "?handler=Apply", token)));

        await Settled(hr, answers[0]);
        Assert.Equal(2, await portal.ReadAsync(db => db.Staff.CountAsync(s => s.StaffNumber.StartsWith("0009"))));
        Assert.Equal(1, await portal.ReadAsync(db => db.ImportRuns.CountAsync(r => r.State == ImportState.Done)));
    }

    [Fact]
    public async Task A_process_killed_while_it_applied_is_made_good_by_the_job()
    {
        await using var portal = await PortalHost.StartAsync();
        var (run, _) = await portal.Preview("roster", Encoding.UTF8.GetBytes(Good));
        await portal.WriteAsync(async db =>
        {
            var one = await db.ImportRuns.SingleAsync(r => r.Id == run.Id);
            one.AskToApply(one.Basis, false, portal.Town.Hr, portal.Clock.GetUtcNow());
        });
        portal.Clock.Advance(TimeSpan.FromMinutes(5));

        await portal.InScopeAsync(async s => await ActivatorUtilities(s).RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None));

        Assert.Equal(ImportState.Done, (await portal.Seen(run.Id)).Run.State);
        Assert.Equal(2, await portal.ReadAsync(db => db.Staff.CountAsync(s => s.StaffNumber.StartsWith("0009"))));
    }

    [Fact]
    public async Task Columns_and_header_can_be_chosen_by_hand()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var preview = await Upload(hr, "roster", "あ,い,う,え,お,か,き\r\n" + Good[Header.Length..]);
        Assert.Contains("見出しの行が見つかりません", preview.Words, StringComparison.Ordinal);

        var headed = await Settled(hr, await hr.Submit(preview.Address.PathAndQuery, new { headerLine = 1, headerHeight = 1 }, preview.Address.AbsolutePath + "?handler=Reading"));
        Assert.Contains("「職員番号」がどの列か選んでください", headed.Words, StringComparison.Ordinal);
        string[] keys = ["number", "name", "yomi", "unit", "post", "class", "from"];
        var fields = keys.Select((k, i) => new KeyValuePair<string, string>($"columns[{k}]", $"{i}")).Append(new("headerLine", "1")).Append(new("headerHeight", "1"));
        var mapped = await Settled(hr, await hr.Submit(headed.Address.PathAndQuery, fields, headed.Address.AbsolutePath + "?handler=Reading"));

        Assert.Contains("2件を取り込む", mapped.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_missing_in_the_file_leave_only_when_asked_and_counted()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var preview = await Upload(hr, "roster", Good);
        Assert.DoesNotContain("終了", preview.Words.Split("行ごとの内容")[0].Split("変更・終了")[1], StringComparison.Ordinal);
        var all = await portal.ReadAsync(db => db.Staff.CountAsync());

        var uncounted = await Settled(hr, await hr.Submit(preview.Address.PathAndQuery, new { day = "R8.9.30", people = "" }, preview.Address.AbsolutePath + "?handler=Missing"));
        Assert.Contains("職-7", uncounted.Words, StringComparison.Ordinal);
        var counted = await Settled(hr, await hr.Submit(uncounted.Address.PathAndQuery, new { day = "R8.9.30", people = all }, uncounted.Address.AbsolutePath + "?handler=Missing"));

        Assert.Contains($"{all + 2}件を取り込む", counted.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_import_finds_no_page()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var preview = await Upload(hr, "roster", Good);
        using var clerk = await portal.As(portal.Town.Sato);

        Assert.Equal(HttpStatusCode.OK, (await hr.Get(preview.Address.PathAndQuery)).Status);
        foreach (var path in new[] { "/people/import", "/people/import/new?kind=roster", preview.Address.AbsolutePath, preview.Address.AbsolutePath + "?handler=Progress" })
            Assert.Equal(HttpStatusCode.NotFound, (await clerk.Get(path)).Status);
    }

    [Fact]
    public async Task Broken_files_are_answered_with_the_reason()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);

        var broken = await Upload(hr, "roster", [0x8E, 0xFF, 0x0A]);
        var none = await hr.Submit("/people/import/new?kind=roster", new { kind = "roster" });

        Assert.Contains("1行目の1バイト目", broken.Words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, none.Status);
    }

    [Fact]
    public async Task Five_thousand_people_are_read_in_time()
    {
        await using var portal = await PortalHost.StartAsync();
        var file = new StringBuilder(Header);
        for (var i = 0; i < 5000; i++) file.Append($"{100000 + i},山本　花{i},やまもと　はな,総務課,主事,正職員,R8.4.1\r\n");
        var watch = System.Diagnostics.Stopwatch.StartNew();

        var (run, rows) = await portal.Preview("roster", Encoding.UTF8.GetBytes(file.ToString()));

        Assert.Equal((5000, ImportState.Waiting, 0), (rows.Count, run.State, run.Counts.Errors));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        (run, _) = await portal.Apply(run.Id);
        Assert.Equal(ImportState.Done, run.State);
    }

    private static ImportJob ActivatorUtilities(IServiceProvider services) => Microsoft.Extensions.DependencyInjection.ActivatorUtilities.CreateInstance<ImportJob>(services);

    private static Task<Answer> Upload(PortalClient client, string kind, string text) => Upload(client, kind, Encoding.UTF8.GetBytes(text));

    internal static async Task<Answer> Upload(PortalClient client, string kind, byte[] file, string name = "名簿.csv")
    {
        var path = $"/people/import/new?kind={kind}";
        return await Settled(client, await client.PostParts(path, await client.Token(path), [new("kind", kind), new("Form.Id", Guid.CreateVersion7().ToString())], ("Form.File", name, file)));
    }

    // Waits as the page does, by asking how far it is.
    private static async Task<Answer> Settled(PortalClient client, Answer answer)
    {
        var path = answer.Address.AbsolutePath;
        for (var i = 0; i < 600; i++)
        {
            if ((await client.Get(path + "?handler=Progress")).Text.Contains("\"finished\":true", StringComparison.Ordinal)) return await client.Get(path);
            await Task.Delay(50);
        }
        throw new TimeoutException();
    }
}
