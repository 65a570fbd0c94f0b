using KitaPortal.Data;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace KitaPortal.Platform.Api;

/// <summary>Answers API calls that went wrong with application/problem+json: 422 with every broken rule, 409 when someone was faster, 404 for not there or not yours.</summary>
internal sealed class ApiProblems(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext http, Exception exception, CancellationToken ct)
    {
        if (exception is NotHereException && !IsApi(http))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return true;
        }
        if (!IsApi(http) || Describe(exception) is not { } problem) return false;
        http.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = http, ProblemDetails = problem, Exception = exception });
    }

    /// <summary>Whether the caller is a program, not a person looking at a page. While an exception is handled, the request's path already names the error page.</summary>
    public static bool IsApi(HttpContext http)
        => (http.Features.Get<IExceptionHandlerPathFeature>() is { } failed ? new PathString(failed.Path) : http.Request.Path).StartsWithSegments("/api", StringComparison.Ordinal);

    /// <summary>Answers a refused call that never reached its endpoint.</summary>
    public static async Task WriteAsync(HttpContext http, int status, string code, string title)
    {
        http.Response.StatusCode = status;
        await http.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = new ProblemDetails { Status = status, Title = title, Extensions = { ["code"] = code } },
        });
    }

    private static ProblemDetails? Describe(Exception exception) => exception switch
    {
        RuleViolation refused => Refused(refused),
        NotHereException => new ProblemDetails { Status = StatusCodes.Status404NotFound, Title = "見つかりません。" },
        BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode == StatusCodes.Status400BadRequest ? StatusCodes.Status422UnprocessableEntity : bad.StatusCode, Title = "入力を読み取れません。", Detail = bad.Message },
        BadInputException wrong => new ProblemDetails
        {
            Status = StatusCodes.Status422UnprocessableEntity,
            Title = "入力を確認してください。",
            Extensions = { ["code"] = "input", ["errors"] = wrong.Wrong.GroupBy(w => Named(w.Field), w => w.Message).ToDictionary(f => f.Key, f => f.ToList()) },
        },
        ChangedMeanwhileException changed => new ProblemDetails
        {
            Status = StatusCodes.Status409Conflict,
            Title = FormPageFilter.FasterMessage,
            Extensions = { ["code"] = "conflict", ["present"] = changed.Present },
        },
        _ when DatabaseErrors.IsSomeoneWasFaster(exception) => new ProblemDetails
        {
            Status = StatusCodes.Status409Conflict,
            Title = FormPageFilter.FasterMessage,
            Extensions = { ["code"] = "conflict" },
        },
        _ => null,
    };

    private static ProblemDetails Refused(RuleViolation refused)
    {
        var problem = new ProblemDetails
        {
            Status = refused.Status,
            Title = "規則により受け付けられません。",
            Extensions = { ["code"] = refused.Broken[0].Rule.Code, ["violations"] = refused.Broken.Select(Violation).ToList() },
        };
        foreach (var (name, value) in refused.Extras) problem.Extensions[name] = value;
        return problem;
    }

    // Form.Label on a page is label to a program.
    private static string Named(string field) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(field.StartsWith("Form.", StringComparison.Ordinal) ? field[5..] : field);

    private static object Violation(Broken b) => new
    {
        code = b.Rule.Code,
        number = b.Rule.Number,
        severity = b.Severity.ToString(),
        message = b.Message,
        remedy = b.Remedy,
        field = b.Field,
        overridableBy = b.OverridableBy,
    };
}
