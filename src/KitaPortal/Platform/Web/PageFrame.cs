using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace KitaPortal.Platform.Web;

/// <summary>What a page tells the layout about itself: title, lead sentence and the way back.</summary>
public static class PageFrame
{
    private const string CrumbsKey = "Crumbs";
    private const string SaidKey = "message";

    /// <summary>Sets the page's title, used for the heading, the window and the last crumb.</summary>
    public static void Titled(this ViewDataDictionary view, string title) => view["Title"] = title;

    /// <summary>Adds one step of the way from the first page to this one (home and the page itself come by themselves).</summary>
    public static void Crumb(this ViewDataDictionary view, string text, string href)
        => view[CrumbsKey] = view.Crumbs().Append(new Crumb(text, href)).ToList();

    /// <summary>Whether the way to this page is worth showing; a page of the navigation itself says so by its title alone.</summary>
    public static bool HasCrumbs(this ViewDataDictionary view) => view.Crumbs().Count > 0;

    /// <summary>Leaves a sentence about what was done for the next page the person sees.</summary>
    public static void Say(this ITempDataDictionary temp, string sentence) => temp[SaidKey] = sentence;

    /// <summary>The sentence left by the last action.</summary>
    public static string? Said(this ITempDataDictionary temp) => temp[SaidKey] as string;

    /// <summary>The way to this page.</summary>
    public static IReadOnlyList<Crumb> Crumbs(this ViewDataDictionary view) => view[CrumbsKey] as IReadOnlyList<Crumb> ?? [];
}

/// <summary>One step on the way to a page.</summary>
public sealed record Crumb(string Text, string Href);
