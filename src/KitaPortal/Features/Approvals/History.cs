using System.Text.Json;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Approvals;

/// <summary>A request's history in words.</summary>
public static class History
{
    /// <summary>One answer that differs between two submissions.</summary>
    public sealed record Change(string Key, string? Before, string? After);

    /// <summary>承認, 決裁, 代決 …: what a line of the history is called.</summary>
    public static string Word(ApprovalAct act, bool decides) => act.Kind switch
    {
        ActKind.Submit => act.Revision == 1 ? "提出" : "再提出",
        ActKind.Approve when act.Capacity == Capacity.DecidesForHead => "代決",
        ActKind.Approve when act.Capacity == Capacity.Covers => decides ? "決裁（代理）" : "承認（代理）",
        ActKind.Approve => decides ? "決裁" : "承認",
        ActKind.SendBack => act.Capacity == Capacity.Self ? "差戻し" : "差戻し（代理）",
        ActKind.Reject => act.Capacity == Capacity.Self ? "却下" : "却下（代理）",
        ActKind.Withdraw => "引戻し",
        ActKind.Retract => "取下げ",
        ActKind.AskRetract => "取下げの申出",
        ActKind.AcceptRetract => "取下げの承認",
        _ => "終了",
    };

    /// <summary>What changed since the page was shown: the acts after it and, when it was handed in anew, the answers that differ.</summary>
    public static string Difference(ApprovalRequest request, Shown shown)
    {
        var later = request.Acts.Where(a => a.Seq > shown.Seq).OrderBy(a => a.Seq)
            .Select(a => $"{TokyoTime.TimeOf(a.At):H\\:mm} {a.ActorName}さんが{Word(a, false)}").ToList();
        var seen = request.Acts.LastOrDefault(a => a.Kind == ActKind.Submit && a.DocumentHash == shown.Hash);
        var changed = seen is null ? [] : Changes(seen.ValuesJson, request.ValuesJson).Select(c => c.Key).ToList();
        if (changed.Count > 0) later.Add($"変わった項目：{string.Join("、", changed)}");
        return later.Count == 0 ? "" : string.Join("、", later) + "。";
    }

    /// <summary>The answers that differ between two stored submissions.</summary>
    public static IReadOnlyList<Change> Changes(string? beforeJson, string? afterJson)
    {
        var (before, after) = (Values(beforeJson), Values(afterJson));
        return [.. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
            .Select(key => new Change(key, before.GetValueOrDefault(key), after.GetValueOrDefault(key)))
            .Where(c => c.Before != c.After)];
    }

    private static Dictionary<string, string> Values(string? json) => json is null ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
}
