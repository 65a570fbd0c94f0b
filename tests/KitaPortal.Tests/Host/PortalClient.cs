using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KitaPortal.Tests.Host;

/// <summary>What the portal answered: status, address after redirects, and text.</summary>
public sealed record Answer(HttpStatusCode Status, Uri Address, string Text, HttpResponseMessage Response)
{
    /// <summary>The text without markup, blanks folded, for reading sentences.</summary>
    public string Words => Regex.Replace(WebUtility.HtmlDecode(Regex.Replace(Text, "<(script|style)[^>]*>.*?</\\1>|<[^>]+>", " ", RegexOptions.Singleline)), "[ \\t\\r\\n]+", " ");

    /// <summary>The answer of the JSON API.</summary>
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The numbers of the rules that refused.</summary>
    public IEnumerable<string?> Rules => Json.GetProperty("violations").EnumerateArray().Select(v => v.GetProperty("number").GetString());

    /// <summary>The fields that were filled in wrongly.</summary>
    public IEnumerable<string> WrongFields => Json.GetProperty("errors").EnumerateObject().Select(f => f.Name);
}

/// <summary>One browser as far as HTTP goes: keeps cookies, follows redirects, fills forms with their antiforgery token.</summary>
public sealed partial class PortalClient : IDisposable
{
    private readonly HttpClient http;

    public PortalClient(Uri address)
    {
#pragma warning disable RS0030 // a test's browser
        http = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = true, UseCookies = true }) { BaseAddress = address };
#pragma warning restore RS0030
        http.DefaultRequestHeaders.Add("Origin", address.GetLeftPart(UriPartial.Authority));
    }

    public CookieContainer Cookies { get; } = new();

    public HttpClient Http => http;

    public async Task<Answer> Get(string path) => await Read(await http.GetAsync(path));

    /// <summary>Opens the page, then posts the fields to it (or to <paramref name="action"/>) as its form would.</summary>
    public async Task<Answer> Submit(string path, object? fields = null, string? action = null)
    {
        var page = await Get(path);
        return await Post(action ?? path, TokenIn(page.Text), fields);
    }

    /// <summary>The antiforgery token of a page, for tests that post many times.</summary>
    public async Task<string> Token(string path) => TokenIn((await Get(path)).Text);

    public async Task<Answer> Post(string path, string token, object? fields = null)
    {
        using var form = new FormUrlEncodedContent([.. Fields(fields), new("__RequestVerificationToken", token)]);
        return await Read(await http.PostAsync(path, form));
    }

    /// <summary>Posts a form with files as a browser does.</summary>
    public async Task<Answer> PostParts(string path, string token, IEnumerable<KeyValuePair<string, string>> fields, params IEnumerable<(string Field, string Name, byte[] Content)> files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (field, value) in fields.Append(new("__RequestVerificationToken", token))) form.Add(new StringContent(value), field);
        foreach (var (field, name, content) in files)
        {
            var file = new ByteArrayContent(content);
            file.Headers.ContentType = new("application/octet-stream");
            form.Add(file, field, name);
        }
        return await Read(await http.PostAsync(path, form));
    }

    /// <summary>The token a page's script would send; empty for a browser without session.</summary>
    public async Task<string> ScriptToken()
    {
        var session = await http.GetAsync("/api/v1/session");
        if (!session.IsSuccessStatusCode) return "";
        using var json = System.Text.Json.JsonDocument.Parse(await session.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("csrf").GetString()!;
    }

    public async Task<Answer> PostJson(string path, object body, string? token = null) => await SendJson(HttpMethod.Post, path, body, token);

    /// <summary>Calls the JSON API as a page's script does, with the session's token.</summary>
    public async Task<Answer> SendJson(HttpMethod method, string path, object? body = null, string? token = null)
    {
        token ??= await ScriptToken();
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (token.Length > 0) request.Headers.Add("X-Kita-Csrf", token);
        return await Read(await http.SendAsync(request));
    }

    public void Dispose() => http.Dispose();

    private static IEnumerable<KeyValuePair<string, string>> Fields(object? fields) => fields switch
    {
        null => [],
        IEnumerable<KeyValuePair<string, string>> pairs => pairs,
        _ => fields.GetType().GetProperties().SelectMany(p => p.GetValue(fields) switch
        {
            null => [],
            string text => [new KeyValuePair<string, string>(p.Name, text)],
            System.Collections.IEnumerable many => many.Cast<object>().Select(o => new KeyValuePair<string, string>(p.Name, o.ToString()!)),
            var one => [new KeyValuePair<string, string>(p.Name, one.ToString()!)],
        }),
    };

    private static async Task<Answer> Read(HttpResponseMessage response)
        => new(response.StatusCode, response.RequestMessage!.RequestUri!, await response.Content.ReadAsStringAsync(), response);

    private static string TokenIn(string html) => TokenField().Match(html) is { Success: true } found ? WebUtility.HtmlDecode(found.Groups[1].Value) : "";

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
