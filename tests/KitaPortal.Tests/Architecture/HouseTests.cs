using System.Diagnostics;

namespace KitaPortal.Tests.Architecture;

/// <summary>The top level of the repository is fixed, so that nobody has to search.</summary>
public sealed class HouseTests
{
    [Fact]
    public void The_top_level_holds_exactly_what_the_design_names()
    {
        var names = Tracked().Select(p => p.Split('/')[0]).Where(n => !n.StartsWith('.')).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(["KitaPortal.sln", "README.md", "appsettings.sample.json", "src", "tests", "wwwroot"], names);
    }

    [Fact]
    public void No_lock_file_names_a_registry()
    {
        foreach (var file in Tracked().Where(p => p.EndsWith("package-lock.json", StringComparison.Ordinal)))
            Assert.DoesNotContain("\"resolved\"", File.ReadAllText(Path.Combine(Root(), file)), StringComparison.Ordinal);
    }

    [Fact]
    public void Program_cs_is_a_table_of_contents()
        => Assert.InRange(File.ReadAllLines(Path.Combine(Root(), "src/KitaPortal/Program.cs")).Length, 1, 100);

    private static string[] Tracked()
    {
        using var git = Process.Start(new ProcessStartInfo("git", "ls-files --cached --others --exclude-standard") { WorkingDirectory = Root(), RedirectStandardOutput = true })!;
        var names = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        return [.. names.Select(n => n.Trim('"'))];
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "KitaPortal.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
