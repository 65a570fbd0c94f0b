using System.CommandLine;
using KitaPortal.Platform.Jobs;

namespace KitaPortal.Features.Admin.Commands;

/// <summary>The command line of the portal: <c>kitaportal serve</c> (default), <c>demo</c> and the administrator's tools.</summary>
public static class PortalCommands
{
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("KitaPortal, the staff portal") { TreatUnmatchedTokensAsErrors = false };
        root.SetAction((parsed, ct) => ServeAsync(args, ct));
        var serve = new Command("serve", "Runs the portal.") { TreatUnmatchedTokensAsErrors = false };
        serve.SetAction((parsed, ct) => ServeAsync(args, ct));
        root.Add(serve);
        return root.Parse(args).InvokeAsync();
    }

    private static async Task<int> ServeAsync(string[] args, CancellationToken ct)
    {
        var app = Portal.Build(args);
        await StartupWork.PrepareAsync(app.Services, ct);
        await app.RunAsync(ct);
        return 0;
    }
}
