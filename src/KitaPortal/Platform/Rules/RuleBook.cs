using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Platform.Rules;

/// <summary>All rules that features registered, in the order of their numbers; the page /help/rules and refusals read the same list.</summary>
public sealed class RuleBook(IEnumerable<RuleBook.Chapter> chapters)
{
    /// <summary>The rules of one feature.</summary>
    public sealed record Chapter(string Title, IReadOnlyList<Rule> Rules);

    public IReadOnlyList<Chapter> Chapters { get; } = [.. chapters];

    public IEnumerable<Rule> All => Chapters.SelectMany(c => c.Rules);
}

/// <summary>The town's own article (条項) behind a rule, filled in by an administrator.</summary>
public sealed class RuleArticle(string code, string article)
{
    public string Code { get; private set; } = code;

    public string Article { get; private set; } = article;

    public void Cite(string article) => Article = article;
}

public static class RuleBookRegistration
{
    public static IServiceCollection AddRules(this IServiceCollection services, string title, IReadOnlyList<Rule> rules)
        => services.AddSingleton(new RuleBook.Chapter(title, rules));
}

internal sealed class RuleArticleTable : IEntityTypeConfiguration<RuleArticle>
{
    public void Configure(EntityTypeBuilder<RuleArticle> table)
    {
        table.ToTable("RuleArticles");
        table.HasKey(a => a.Code);
        table.Property(a => a.Code).HasMaxLength(60);
        table.Property(a => a.Article).HasMaxLength(200);
    }
}

public static class RuleSets
{
    extension(PortalDb db)
    {
        public DbSet<RuleArticle> RuleArticles => db.Set<RuleArticle>();
    }
}
