namespace KitaPortal.Platform.Web;

/// <summary>Why the portal does not start, for the person at the console: in Japanese and English, with the key that puts it right.</summary>
public sealed record StartProblem(string Code, string Japanese, string English, string Key)
{
    /// <summary>The exit code of a portal that refuses to start (EX_CONFIG).</summary>
    public const int ExitCode = 78;

    public override string ToString()
    {
        var indent = new string(' ', Code.Length + 3);
        return $"[{Code}] {Japanese}{Environment.NewLine}{indent}{English}   ({Key})";
    }
}
