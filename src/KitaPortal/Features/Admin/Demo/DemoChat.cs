using KitaPortal.Data;
using KitaPortal.Features.Chat;
using KitaPortal.Features.People;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Admin.Demo;

/// <summary>The chat of the invented town: the channels of its departments, one announcement, one open channel, and some talk of today, all by the verbs people use.</summary>
internal sealed class DemoChat(IServiceProvider services, TravelClock clock, DemoOrganisation town, DateTimeOffset now)
{
    public async Task TalkAsync(CancellationToken ct)
    {
        var admin = new ChatUser(town.Administrator, Manages: true);
        var today = TokyoTime.DayOf(now);
        var sections = await InAsync(admin.Id, async inner =>
        {
            var db = inner.GetRequiredService<PortalDb>();
            return await db.DepartmentTerms.On(today).Where(t => t.Kind == DepartmentKind.Section || t.Kind == DepartmentKind.Branch).OrderBy(t => t.SortOrder).Select(t => new { t.DepartmentId, t.Name }).ToListAsync(ct);
        });
        clock.TravelTo(now.AddHours(-30));
        foreach (var section in sections) await OpenAsync(admin, ChannelKind.Department, section.Name, "課内の連絡と相談", section.DepartmentId, [], ct);
        var notices = await OpenAsync(admin, ChannelKind.Announcement, "全庁連絡", "全職員へのお知らせ。返信やリアクションで答えられます", null, [], ct);
        var heads = town.People.Where(p => p.IsHead).ToList();
        var (crisis, snow) = (new ChatUser(town.SecurityManager, false), heads.Where(p => p.HeadId is not null).TakeLast(7).ToList());
        await InAsync(admin.Id, inner => inner.GetRequiredService<ChatDesk>().AddAsync(admin, notices, crisis.Id, ChannelRole.Owner, wholeHistory: true, ct));
        var roads = await OpenAsync(crisis, ChannelKind.Public, "雪害・道路の情報共有", "積雪、通行止め、除雪の状況を支所と本庁で共有します", null, [.. town.People.Select(p => p.Id).Where(p => p != crisis.Id).Take(120), .. snow.Select(p => p.Id)], ct);

        var first = await SayAsync(crisis, notices, -27, "**情報セキュリティ研修**のお知らせです。\n\n- 対象：端末を持ち出す職員\n- 期限：今月末\n\n受け方は[利用の決まり](/help/rules)を見てください。", null, ct);
        await SayAsync(new ChatUser(snow[0].Id, false), notices, -26, "窓口の職員は交代で受講します。", first, ct);
        await SayAsync(crisis, roads, -5, "おはようございます。今朝の各地の状況を、ここに書いてください。", null, ct);
        await SayAsync(new ChatUser(snow[1].Id, false), roads, -4.8, "役場前は積雪8cm、除雪は7時に終わりました。", null, ct);
        var slope = await SayAsync(new ChatUser(snow[2].Id, false), roads, -4.5, "峠の県道は凍結しています。公用車は**冬タイヤ**の車を使ってください。", null, ct);
        await SayAsync(new ChatUser(snow[3].Id, false), roads, -4.4, "了解しました。10時の会議はオンラインに切り替えます。", slope, ct);
        await SayAsync(crisis, roads, -1, "昼の時点で通行止めはありません。夕方にもう一度まとめます。", null, ct);
        clock.TravelTo(now.AddMinutes(-50));
        await InAsync(snow[1].Id, inner => inner.GetRequiredService<ChatDesk>().ReactAsync(new ChatUser(snow[1].Id, false), slope, "ok", true, ct));
    }

    private Task<ChannelId> OpenAsync(ChatUser by, ChannelKind kind, string name, string purpose, DepartmentId? department, IReadOnlyList<StaffId> members, CancellationToken ct)
        => InAsync(by.Id, async inner => (await inner.GetRequiredService<ChatDesk>().OpenAsync(by, ChannelId.New(), kind, name, purpose, department, members, ct)).Channel.Id);

    private Task<MessageId> SayAsync(ChatUser by, ChannelId channel, double hours, string body, MessageId? root, CancellationToken ct)
    {
        clock.TravelTo(now.AddHours(hours));
        return InAsync(by.Id, async inner => (await inner.GetRequiredService<ChatDesk>().PostAsync(by, channel, new Draft(Guid.CreateVersion7(clock.GetUtcNow()), body, root), ct)).Message.Id);
    }

    private async Task<T> InAsync<T>(StaffId actor, Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<PortalDb>().Actor = new Actor("staff", actor);
        return await work(scope.ServiceProvider);
    }
}
