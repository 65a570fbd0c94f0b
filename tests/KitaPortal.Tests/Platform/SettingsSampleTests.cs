using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace KitaPortal.Tests.Platform;

/// <summary>appsettings.sample.json is the list of all keys: each option class <c>XxxOptions</c> is section <c>Xxx</c>, with every key, its default and two lines of explanation.</summary>
public sealed partial class SettingsSampleTests
{
    private static readonly string Sample = Path.Combine(Root(), "appsettings.sample.json");

    private static IEnumerable<Type> OptionClasses => typeof(Portal).Assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false, IsNested: false } && t.Name.EndsWith("Options", StringComparison.Ordinal) && t.Namespace!.StartsWith("KitaPortal", StringComparison.Ordinal));

    [Fact]
    public void Every_key_of_the_program_is_in_the_sample_with_its_default_and_the_sample_has_no_other()
    {
        var sample = new ConfigurationBuilder().AddJsonFile(Sample).Build();
        var written = sample.AsEnumerable().Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!);

        var known = OptionClasses.SelectMany(type => Keys(type, type.Name[..^"Options".Length], Activator.CreateInstance(type)!)).ToDictionary();

        Assert.Contains("Mail:Port", known.Keys);
        Assert.Equal(known.Keys.Order(StringComparer.Ordinal), written.Keys.Order(StringComparer.Ordinal));
        Assert.All(known, pair => Assert.Equal(pair.Value, written[pair.Key], ignoreCase: true));
    }

    [Fact]
    public void Every_key_has_a_Japanese_and_an_English_line()
    {
        var lines = File.ReadAllLines(Sample).Select(l => l.Trim()).ToList();
        var keys = Enumerable.Range(0, lines.Count).Where(i => KeyLine().IsMatch(lines[i])).ToList();

        Assert.NotEmpty(keys);
        Assert.All(keys, i =>
        {
            Assert.Matches("^// .*[ぁ-んァ-ヶ一-龠]", lines[i - 2]);
            Assert.Matches("^// [ -~]+$", lines[i - 1]);
        });
    }

    private static IEnumerable<KeyValuePair<string, string>> Keys(Type type, string section, object instance)
        => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).SelectMany(p =>
        {
            var (key, value) = ($"{section}:{p.Name}", p.GetValue(instance));
            if (p.PropertyType.Assembly == typeof(Portal).Assembly && p.PropertyType.IsClass) return Keys(p.PropertyType, key, value!);
            return [new(key, value switch { null => "", Uri uri => uri.OriginalString, IFormattable f => f.ToString(null, System.Globalization.CultureInfo.InvariantCulture), System.Collections.IEnumerable and not string => "", _ => value.ToString()! })];
        });

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "KitaPortal.sln"))) folder = folder.Parent;
        return folder.FullName;
    }

    [GeneratedRegex("^\"[A-Za-z]+\": [^{]")]
    private static partial Regex KeyLine();
}
