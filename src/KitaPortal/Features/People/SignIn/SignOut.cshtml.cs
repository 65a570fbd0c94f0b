using KitaPortal.Platform.Forms;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace KitaPortal.Features.People.SignIn;

/// <summary>サインアウト: ends the session of this browser.</summary>
[AllowAnonymous]
public sealed class SignOutPage : FormPage
{
    public async Task<IActionResult> OnPostAsync()
    {
        await HttpContext.SignOutAsync(SessionAuthentication.Scheme_);
        Say("サインアウトしました。");
        return RedirectToPage("Index");
    }
}
