using Microsoft.AspNetCore.Authorization;

namespace KitaPortal.Platform.Web;

/// <summary>The navigation as one person sees it on one page.</summary>
public sealed class Navigation(IEnumerable<NavItem> items, IAuthorizationService rights, IHttpContextAccessor http)
{
    private IReadOnlyList<NavItem>? _mine;

    /// <summary>The entries this person may open, by section.</summary>
    public async Task<IReadOnlyList<NavGroup>> GroupsAsync()
    {
        var mine = await MineAsync();
        return [.. NavSection.InOrder
            .Select(section => new NavGroup(section, [.. mine.Where(i => i.Section == section)]))
            .Where(group => group.Items.Count > 0)];
    }

    /// <summary>The four entries of the short bar.</summary>
    public async Task<IReadOnlyList<NavItem>> QuickAsync() => [.. (await MineAsync()).Where(i => i.Quick).Take(4)];

    /// <summary>Whether the page being shown belongs to this entry: the longest address that fits wins.</summary>
    public bool IsHere(NavItem item)
    {
        var path = http.HttpContext?.Request.Path.Value ?? "";
        return Fits(item.Href, path)
            && !(_mine ?? []).Any(other => other.Href.Length > item.Href.Length && Fits(other.Href, path));
    }

    private static bool Fits(string href, string path)
        => path.Equals(href, StringComparison.OrdinalIgnoreCase)
            || (href != "/" && path.StartsWith(href + "/", StringComparison.OrdinalIgnoreCase));

    private async Task<IReadOnlyList<NavItem>> MineAsync()
    {
        if (_mine is not null) return _mine;
        var person = http.HttpContext!.User;
        var mine = new List<NavItem>();
        foreach (var item in items.OrderBy(i => SectionOrder(i.Section)).ThenBy(i => i.Order))
        {
            if (item.Policy is null || (await rights.AuthorizeAsync(person, item.Policy)).Succeeded) mine.Add(item);
        }

        return _mine = mine;
    }

    private static int SectionOrder(string section)
        => NavSection.InOrder.Index().Where(s => s.Item == section).Select(s => s.Index).DefaultIfEmpty(int.MaxValue).First();
}

/// <summary>One headed group of navigation entries.</summary>
public sealed record NavGroup(string Section, IReadOnlyList<NavItem> Items);
