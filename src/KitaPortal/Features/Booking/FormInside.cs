namespace KitaPortal.Features.Booking;

/// <summary>Carries the answers of the booking form through the pages that continue it (series, waiting list), as they were sent.</summary>
public static class FormInside
{
    /// <summary>The answers whose name begins so, from the form that was posted or from the address.</summary>
    public static IEnumerable<(string Name, string Value)> Answers(HttpRequest request, params string[] prefixes)
    {
        IEnumerable<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>> sent = HttpMethods.IsPost(request.Method) && request.HasFormContentType ? request.Form : request.Query;
        return sent.Where(a => prefixes.Any(p => a.Key.StartsWith(p, StringComparison.Ordinal))).SelectMany(a => a.Value.OfType<string>().Where(v => v.Length > 0).Select(v => (a.Key, v)));
    }

    /// <summary>The same as a query string.</summary>
    public static QueryString Query(HttpRequest request, params string[] prefixes)
        => QueryString.Create(Answers(request, prefixes).Select(a => new KeyValuePair<string, string?>(a.Name, a.Value)));
}
