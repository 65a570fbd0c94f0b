using KitaPortal.Data;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace KitaPortal.Platform.Forms;

/// <summary>A page that shows something or takes a form. The handler holds only the good path: bad input and broken rules come back to the
/// page with every message (422), someone faster with 409, not there or not yours with 404.</summary>
public abstract class FormPage : PageModel
{
    /// <summary>Every broken rule of the refused form, for the error summary.</summary>
    public IReadOnlyList<Broken> Broken { get; internal set; } = [];

    /// <summary>Reads what the page shows; runs before a GET handler and again when a form is refused.</summary>
    public virtual Task LoadAsync(CancellationToken ct) => Task.CompletedTask;

    /// <summary>Says in one sentence what succeeded, on the next page shown.</summary>
    protected void Say(string message) => TempData["message"] = message;

    /// <summary>For pages with several forms: a named handler's small form is not judged by what <c>Form</c> demands.</summary>
    protected void ForgetFormOfOthers(PageHandlerExecutingContext context)
    {
        if (context.HandlerMethod is not { Name: not null } handler) return;
        var own = handler.Parameters.Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var key in ModelState.Keys.Where(k => !own.Contains(k)).ToList()) ModelState.Remove(key);
    }
}

/// <summary>Does for every <see cref="FormPage"/> what its handler need not.</summary>
internal sealed class FormPageFilter(PortalDb db, ILogger<FormPageFilter> log) : IAsyncPageFilter
{
    internal const string FasterMessage = "ほかの人が先に変更しました。最新の内容を確認して、もう一度お試しください。";

    /// <summary>A broken rule in one sentence, as it stands at its field.</summary>
    internal static string Sentence(Broken broken) => $"{broken.Message}（{broken.Rule.Number}）{broken.Remedy}";

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (context.HandlerInstance is not FormPage page)
        {
            await next();
            return;
        }

        var ct = context.HttpContext.RequestAborted;
        try
        {
            if (HttpMethods.IsGet(context.HttpContext.Request.Method) || HttpMethods.IsHead(context.HttpContext.Request.Method))
            {
                await page.LoadAsync(ct);
                await next();
                return;
            }

            if (!context.ModelState.IsValid)
            {
                context.Result = await ShowAgainAsync(page, StatusCodes.Status422UnprocessableEntity, ct);
                return;
            }
        }
        catch (NotHereException)
        {
            context.Result = new NotFoundResult();
            return;
        }

        var executed = await next();
        if (executed.Exception is { } problem && !executed.ExceptionHandled)
        {
            executed.Result = await AnswerAsync(page, problem, ct);
            executed.ExceptionHandled = executed.Result is not null;
        }
        else if (executed.Result is PageResult && !page.ModelState.IsValid)
        {
            executed.Result = await ShowAgainAsync(page, StatusCodes.Status422UnprocessableEntity, ct);
        }
    }

    private async Task<IActionResult?> AnswerAsync(FormPage page, Exception problem, CancellationToken ct)
    {
        switch (problem)
        {
            case NotHereException:
                return new NotFoundResult();
            case RuleViolation refused:
                page.Broken = refused.Broken;
                foreach (var broken in refused.Broken)
                    page.ModelState.AddModelError(broken.Field ?? "", Sentence(broken));
                return await ShowAgainAsync(page, refused.Status, ct);
            case BadInputException wrong:
                foreach (var (field, message) in wrong.Wrong) page.ModelState.AddModelError(field, message);
                return await ShowAgainAsync(page, StatusCodes.Status422UnprocessableEntity, ct);
            case var _ when DatabaseErrors.IsSomeoneWasFaster(problem):
                log.LogInformation("Someone was faster: {Reason}", problem.GetBaseException().Message);
                page.ModelState.AddModelError("", FasterMessage);
                return await ShowAgainAsync(page, StatusCodes.Status409Conflict, ct);
            default:
                return null;
        }
    }

    private async Task<IActionResult> ShowAgainAsync(FormPage page, int status, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        await page.LoadAsync(ct);
        page.Response.StatusCode = status;
        return page.Page();
    }
}
