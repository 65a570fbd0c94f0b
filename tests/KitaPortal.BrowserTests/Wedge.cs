using Microsoft.Playwright;

namespace KitaPortal.BrowserTests;

/// <summary>A keyboard-wedge scanner: types a code as fast as the real thing (4 ms a key) and ends it with Enter. With an input method active the keys arrive as the method's own, only their place on the keyboard is right.</summary>
public sealed class Wedge(IPage page)
{
    private const double KeySeconds = 0.004;
    private ICDPSession? session;

    public async Task ScanAsync(string code, bool withInputMethod = false)
    {
        session ??= await page.Context.NewCDPSessionAsync(page);
#pragma warning disable RS0030 // not the page's clock: a page that is being left answers nothing
        var start = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
#pragma warning restore RS0030
        var sent = new List<Task>();
        if (withInputMethod) sent.Add(SendAsync("Input.imeSetComposition", new() { ["text"] = "に", ["selectionStart"] = 1, ["selectionEnd"] = 1 }));
        foreach (var (i, character) in code.Index())
        {
            var place = char.IsAsciiDigit(character) ? $"Digit{character}" : char.IsAsciiLetter(character) ? $"Key{char.ToUpperInvariant(character)}" : "Minus";
            sent.Add(KeyAsync(place, character.ToString(), start + (i * KeySeconds), withInputMethod));
            if (withInputMethod && i == 2) sent.Add(SendAsync("Input.imeSetComposition", new() { ["text"] = "にほn", ["selectionStart"] = 3, ["selectionEnd"] = 3 }));
        }
        sent.Add(KeyAsync("Enter", "Enter", start + (code.Length * KeySeconds), withInputMethod));
        await Task.WhenAll(sent);
    }

    /// <summary>Ctrl+Enter by the hand beside it; unlike the page's own keyboard it does not wait for the page that follows.</summary>
    public async Task PressActAsync()
    {
        session ??= await page.Context.NewCDPSessionAsync(page);
        await SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "rawKeyDown", ["code"] = "Enter", ["key"] = "Enter", ["windowsVirtualKeyCode"] = 13, ["modifiers"] = 2 });
        await SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "keyUp", ["code"] = "Enter", ["key"] = "Enter", ["windowsVirtualKeyCode"] = 13, ["modifiers"] = 2 });
    }

    private Task<System.Text.Json.JsonElement?> KeyAsync(string place, string text, double at, bool withInputMethod)
    {
        var isEnter = place == "Enter";
        Dictionary<string, object> key = new()
        {
            ["type"] = withInputMethod ? "rawKeyDown" : "keyDown",
            ["code"] = place,
            ["key"] = withInputMethod ? "Process" : text,
            ["windowsVirtualKeyCode"] = withInputMethod ? 229 : isEnter ? 13 : text[0],
            ["timestamp"] = at,
        };
        if (!withInputMethod) key["text"] = isEnter ? "\r" : text;
        return SendAsync("Input.dispatchKeyEvent", key);
    }

    private Task<System.Text.Json.JsonElement?> SendAsync(string method, Dictionary<string, object> arguments) => session!.SendAsync(method, arguments);
}
