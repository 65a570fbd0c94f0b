using KitaPortal.Platform.Forms;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.People.SignIn;

/// <summary>サインアウト: ends the session of this browser.</summary>
[AllowAnonymous]
public sealed class SignOutPage(IOptions<SignInOptions> options) : FormPage
{
    public async Task<IActionResult> OnPostAsync()
    {
        await HttpContext.SignOutAsync(SessionAuthentication.Scheme_);
        Say("サインアウトしました。");
        if (!options.Value.IsEntra) return RedirectToPage("Index");
        try
        {
            await HttpContext.SignOutAsync(EntraSignIn.Scheme, new AuthenticationProperties { RedirectUri = "/people/sign-in" });
            return new EmptyResult();
        }
        catch (Exception e) when (EntraSignIn.IsUnreachable(e) && !Response.HasStarted)
        {
            return RedirectToPage("Index"); // our session has ended; the provider's ends when it is back
        }
    }
}
