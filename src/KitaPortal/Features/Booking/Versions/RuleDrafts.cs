using System.ComponentModel.DataAnnotations;
using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Inventory;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Versions;

/// <summary>Drafts of rule sets, written by pages and programs alike. Publishing is another person's act.</summary>
public sealed class RuleDrafts(PortalDb db)
{
    public Task<RuleSet> DraftAsync(Guid id, DraftForm form, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var number = (await db.RuleSets.MaxAsync(r => (int?)r.Number, ct) ?? 0) + 1;
        var set = new RuleSet(number, form.EffectiveFrom!.Value, form.ClassCode, form.OfficeId, form.Role, by, form.Note!.Trim(), id);
        db.Add(set);
        return await WriteAsync(set, form, by, ct);
    }, ct);

    public Task<RuleSet> RewriteAsync(Guid id, DraftForm form, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var set = await db.RuleSets.SingleOrDefaultAsync(r => r.Id == id && r.DiscardedAt == null, ct).OrNotHere();
        db.ChangeFrom(set, form.Version);
        return await WriteAsync(set, form, by, ct);
    }, ct);

    private async Task<RuleSet> WriteAsync(RuleSet set, DraftForm form, StaffId by, CancellationToken ct)
    {
        await InventoryBook.RefuseUnknownAsync(db, form.OfficeId, null, null, form.ClassCode, ct);
        var (parameters, grades) = form.Read();
        set.Rewrite(by, form.EffectiveFrom!.Value, form.ClassCode, form.OfficeId, form.Role, form.Note!.Trim(), parameters, grades);
        await db.SaveChangesAsync(ct);
        return set;
    }
}

/// <summary>A version as it is written.</summary>
public class DraftForm
{
    /// <summary>The version that was read; empty for a new draft.</summary>
    public int? Version { get; set; }

    [Display(Name = "適用日"), Required(ErrorMessage = "適用日を入力してください。")]
    public DateOnly? EffectiveFrom { get; set; }

    [Display(Name = "区分")]
    public string? ClassCode { get; set; }

    [Display(Name = "庁舎")]
    public OfficeId? OfficeId { get; set; }

    [Display(Name = "役割")]
    public Role? Role { get; set; }

    [Display(Name = "何をなぜ変えるか"), Required(ErrorMessage = "何をなぜ変えるかを入力してください。"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? Note { get; set; }

    public Dictionary<string, string?> Parameters { get; set => field = value ?? []; } = [];

    public Dictionary<string, string?> Grades { get; set => field = value ?? []; } = [];

    [Display(Name = "対象外の職員区分を定める")]
    public bool ExcludesEmployment { get; set; }

    public List<string> Employment { get; set => field = value ?? []; } = [];

    /// <summary>Values and severities as a set keeps them. What is left empty stays as the less specific sets and the shipped values say.</summary>
    internal (Dictionary<string, string> Parameters, Dictionary<string, string> Grades) Read()
    {
        var (parameters, wrong) = (new Dictionary<string, string>(), new List<(string, string)>());
        foreach (var parameter in RuleParameter.All)
        {
            var text = Parameters.GetValueOrDefault(parameter.Name)?.Trim() ?? "";
            if (text.Length == 0) continue;
            if (!int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) || number < parameter.Least || number > parameter.Most)
                wrong.Add(($"Form.Parameters[{parameter.Name}]", $"「{parameter.Label}」は{parameter.Least}から{parameter.Most}までの数で入力してください。"));
            else parameters[parameter.Name] = number.ToString(CultureInfo.InvariantCulture);
        }
        foreach (var (name, _, _) in RuleParameter.Lists)
            if (Parameters.GetValueOrDefault(name)?.Trim() is { Length: > 0 } list) parameters[name] = string.Join('、', list.Split(['\n', '\r', ',', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        const string excluded = nameof(RulePolicy.ExcludedEmployment);
        if (ExcludesEmployment) parameters[excluded] = string.Join(',', Employment);
        else if (Parameters.GetValueOrDefault(excluded) is { } listed) parameters[excluded] = string.Join(',', listed.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        wrong.AddRange((parameters.GetValueOrDefault(excluded) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Where(word => !Enum.GetNames<EmploymentClass>().Contains(word)).Select(word => ($"Form.Parameters[{excluded}]", $"「{word}」という職員区分はありません。")));
        var known = RuleParameter.All.Select(p => p.Name).Concat(RuleParameter.Lists.Select(l => l.Name)).Append(excluded).ToHashSet();
        wrong.AddRange(Parameters.Where(p => !string.IsNullOrWhiteSpace(p.Value) && !known.Contains(p.Key)).Select(p => p.Key).Select(name => ($"Form.Parameters[{name}]", $"「{name}」という値はありません。")));
        var grades = Grades.Where(g => !string.IsNullOrEmpty(g.Value)).ToDictionary(g => g.Key, g => g.Value!);
        wrong.AddRange(grades.Where(g => BookingRules.Lending.All(r => r.Text.Code != g.Key) || !Enum.GetNames<Grade>().Contains(g.Value, StringComparer.OrdinalIgnoreCase)).Select(g => ($"Form.Grades[{g.Key}]", $"「{g.Key}」の扱い「{g.Value}」を読み取れません。")));
        if (parameters.Count + grades.Count + wrong.Count == 0) wrong.Add(("", "変える値か扱いを、ひとつ以上入力してください。"));
        BadInput.Refuse(wrong);
        return (parameters, grades);
    }

    internal static DraftForm Of(RuleSet set) => new()
    {
        Version = set.Version,
        EffectiveFrom = set.EffectiveFrom,
        ClassCode = set.ClassCode,
        OfficeId = set.OfficeId,
        Role = set.Role,
        Note = set.Note,
        Parameters = set.Parameters.ToDictionary(p => p.Key, p => (string?)p.Value),
        Grades = set.Grades.ToDictionary(g => g.Key, g => (string?)g.Value),
        ExcludesEmployment = set.Parameters.ContainsKey(nameof(RulePolicy.ExcludedEmployment)),
        Employment = [.. (set.Parameters.GetValueOrDefault(nameof(RulePolicy.ExcludedEmployment)) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)],
    };
}
