using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Inventory;

/// <summary>機種: what people choose, with the accessories that travel with each device. One form registers and changes.</summary>
[Authorize(Policy = BookingPolicies.Inventory)]
public sealed class ModelsPage(PortalDb db, InventoryBook inventory, TimeProvider clock) : FormPage
{
    /// <summary>The model being changed; null while a new one is registered.</summary>
    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    [BindProperty]
    public ModelForm Form { get; set; } = new();

    public IReadOnlyList<SelectListItem> Classes { get; private set; } = [];

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public DateOnly Today => clock.Today();

    /// <summary>One model of the list, with how many devices there are.</summary>
    public sealed record Row(Guid Id, string Name, string? Maker, string Class, IReadOnlyList<string> Accessories, DateOnly? RetiredOn, int Devices);

    public override async Task LoadAsync(CancellationToken ct)
    {
        Classes = [.. (await db.DeviceClasses.OrderByDescending(c => c.CountsAsMain).ThenBy(c => c.Name).Select(c => new { c.Id, c.Name }).ToListAsync(ct)).Select(c => new SelectListItem(c.Name, c.Id.ToString()))];
        var names = Classes.ToDictionary(c => c.Value!, c => c.Text);
        var devices = await db.Devices.Where(d => d.Status != DeviceStatus.Retired).GroupBy(d => d.ModelId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var models = await db.DeviceModels.AsNoTracking().Include(m => m.Accessories).OrderBy(m => m.Name).ToListAsync(ct);
        Rows = [.. models.Select(m => new Row(m.Id.Value, m.Name, m.Maker, names[m.ClassId.ToString()], [.. m.Accessories.OrderBy(a => a.SortOrder).Select(a => a.Label + (a.Required ? "（必須）" : ""))], m.RetiredOn, devices.GetValueOrDefault(m.Id)))
            .OrderBy(r => r.RetiredOn <= Today).ThenBy(r => r.Class, StringComparer.Ordinal)];
        if (Id is not { } id || !HttpMethods.IsGet(Request.Method)) return;
        var model = models.SingleOrDefault(m => m.Id == new DeviceModelId(id)).OrNotHere();
        Form = new ModelForm { Version = model.Version, ClassId = model.ClassId, Name = model.Name, Maker = model.Maker, Guide = model.Guide, RetiredOn = model.RetiredOn, Accessories = AccessoryText.Write(model.Accessories) };
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (Id is { } id) await inventory.ChangeAsync(new DeviceModelId(id), Form, ct);
        else await inventory.RegisterAsync(DeviceModelId.New(), Form, ct);
        Say($"{Form.Name}を登録しました。");
        return RedirectToPage(new { id = (Guid?)null });
    }
}

/// <summary>The form of a model.</summary>
public class ModelForm
{
    /// <summary>The version that was read; empty for a new one.</summary>
    public int? Version { get; set; }

    [Display(Name = "区分"), Required(ErrorMessage = "区分を選んでください。")]
    public DeviceClassId? ClassId { get; set; }

    [Display(Name = "機種名"), Required(ErrorMessage = "機種名を入力してください。"), StringLength(100, ErrorMessage = "100字までで入力してください。")]
    public string Name { get; set; } = "";

    [Display(Name = "メーカー"), StringLength(100, ErrorMessage = "100字までで入力してください。")]
    public string? Maker { get; set; }

    [Display(Name = "付属品"), StringLength(2000, ErrorMessage = "2000字までで入力してください。")]
    public string? Accessories { get; set; }

    [Display(Name = "使い方の案内"), StringLength(4000, ErrorMessage = "4000字までで入力してください。")]
    public string? Guide { get; set; }

    [Display(Name = "この日から貸し出さない")]
    public DateOnly? RetiredOn { get; set; }
}

/// <summary>Accessories as a person writes them: one a line, ACアダプター×1 必須.</summary>
internal static class AccessoryText
{
    public static string Write(IEnumerable<Accessory> set) => string.Join('\n', set.OrderBy(a => a.SortOrder).Select(a => a.Label + (a.Required ? " 必須" : "")));

    /// <summary>The set, or the line that cannot be read.</summary>
    public static (IReadOnlyList<(string Name, int Count, bool Required)> Set, string? Wrong) Read(string? text)
    {
        var set = new List<(string, int, bool)>();
        foreach (var line in (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var plain = line.Normalize(System.Text.NormalizationForm.FormKC);
            var required = plain.EndsWith("必須", StringComparison.Ordinal);
            if (required) plain = plain[..^2].TrimEnd(' ', '(', '、', ',');
            var parts = plain.Split('×', 'x', 'X', '*');
            var name = parts[0].Trim();
            if (parts.Length > 2 || name.Length is 0 or > 60) return ([], line);
            var count = 1;
            if (parts.Length == 2 && (!int.TryParse(parts[1].Trim(), out count) || count is < 1 or > 99)) return ([], line);
            set.Add((name, count, required));
        }
        return (set, null);
    }
}
