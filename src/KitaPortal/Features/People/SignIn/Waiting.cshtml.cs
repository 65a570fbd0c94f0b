using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace KitaPortal.Features.People.SignIn;

/// <summary>アカウントの確認待ち: the directory knows the person, the roster not yet; the number is what they tell the administrator.</summary>
[AllowAnonymous]
public sealed class WaitingPage : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string? Number { get; set; }

    public void OnGet()
    {
        if (Number is not { Length: 6 } || !Number.All(char.IsAsciiLetterOrDigit)) Number = null;
        Response.StatusCode = StatusCodes.Status403Forbidden;
    }
}
