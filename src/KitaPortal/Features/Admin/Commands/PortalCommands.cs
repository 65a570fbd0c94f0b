using System.CommandLine;

namespace KitaPortal.Features.Admin.Commands;

/// <summary>The command line of the portal: <c>kitaportal serve</c> (default), <c>demo</c> and the administrator's tools.</summary>
public static class PortalCommands
{
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("KitaPortal, the staff portal") { TreatUnmatchedTokensAsErrors = false };
        root.SetAction((_, ct) => ServeAsync(args, ct));
        var serve = new Command("serve", "Runs the portal.") { TreatUnmatchedTokensAsErrors = false };
        serve.SetAction((_, ct) => ServeAsync(args, ct));
        root.Add(serve);
        root.Add(DemoCommand.Make());
        root.Add(ImportCommand.Make());
        return root.Parse(args).InvokeAsync();
    }

    private static async Task<int> ServeAsync(string[] args, CancellationToken ct)
    {
        await using var app = Portal.Build(args);
        return await Serving.RunAsync(app, Console.Error, ct);
    }
}
