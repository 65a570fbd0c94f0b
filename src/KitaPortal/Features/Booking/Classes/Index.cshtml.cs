using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Classes;

/// <summary>区分の設定: what the town demands of whoever borrows a device of the class, and how it is lent.</summary>
[Authorize(Policy = Policies.Admin)]
public sealed class IndexPage(PortalDb db) : FormPage
{
    [BindProperty]
    public ClassForm Form { get; set; } = new();

    public IReadOnlyList<DeviceClass> Classes { get; private set; } = [];

    public IReadOnlyDictionary<DeviceClassId, int> Devices { get; private set; } = new Dictionary<DeviceClassId, int>();

    public override async Task LoadAsync(CancellationToken ct)
    {
        Classes = await db.DeviceClasses.AsNoTracking().OrderByDescending(c => c.CountsAsMain).ThenBy(c => c.Name).ToListAsync(ct);
        Devices = await (from device in db.Devices where device.Status != DeviceStatus.Retired join model in db.DeviceModels on device.ModelId equals model.Id group device by model.ClassId into g select new { g.Key, Count = g.Count() })
            .ToDictionaryAsync(g => g.Key, g => g.Count, ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            var code = Form.Code?.Trim().ToLowerInvariant() ?? "";
            DeviceClass kind;
            if (Form.Id is { } id)
            {
                kind = await db.DeviceClasses.SingleOrDefaultAsync(c => c.Id == id, ct).OrNotHere();
                db.Entry(kind).Property(c => c.Version).OriginalValue = Form.Version;
            }
            else
            {
                Demand.All(code.Length is < 2 or > 20 || !code.All(char.IsAsciiLetterLower) ? ClassRules.Code.With()
                    : await db.DeviceClasses.AnyAsync(c => c.Code == code, ct) ? ClassRules.Known.With(code) : null);
                kind = db.Add(new DeviceClass(DeviceClassId.New(), code, Form.Name.Trim(), Form.CountsAsMain)).Entity;
            }
            kind.Rename(Form.Name.Trim());
            kind.Demand(Form.NeedsAgreement, Form.NeedsTraining, Form.NeedsComplianceGate, Form.NeedsErasure).Lend(Form.SelfService, Form.DeemedPermission, Form.TurnaroundMinutes);
        }, ct);
        Say($"区分「{Form.Name}」を登録しました。");
        return RedirectToPage();
    }

    /// <summary>The flags of a class.</summary>
    public sealed class ClassForm
    {
        public DeviceClassId? Id { get; set; }

        public int Version { get; set; }

        [Display(Name = "略号")]
        public string? Code { get; set; }

        [Display(Name = "区分の名前"), Required(ErrorMessage = "区分の名前を入力してください。"), StringLength(60, ErrorMessage = "60字までで入力してください。")]
        public string Name { get; set; } = "";

        [Display(Name = "台数と時間を数える（主な端末）")]
        public bool CountsAsMain { get; set; }

        [Display(Name = "誓約書が要る")]
        public bool NeedsAgreement { get; set; }

        [Display(Name = "研修が要る")]
        public bool NeedsTraining { get; set; }

        [Display(Name = "引渡し前に安全を確かめる")]
        public bool NeedsComplianceGate { get; set; }

        [Display(Name = "返却時にデータを消す")]
        public bool NeedsErasure { get; set; }

        [Display(Name = "窓口を通さずに受け取れる")]
        public bool SelfService { get; set; }

        [Display(Name = "許可の申請を要らないものとする（みなし許可）")]
        public bool DeemedPermission { get; set; }

        [Display(Name = "次の貸出までの間隔"), Range(0, 1440, ErrorMessage = "0から1440までの分数を入力してください。")]
        public int TurnaroundMinutes { get; set; }
    }
}

/// <summary>What a new class must keep.</summary>
public static class ClassRules
{
    public static readonly Rule Code = new("貸-941", "booking.class-code", "略号は2文字から20文字までの英小文字です。", "例：projector", "Form.Code");
    public static readonly Rule Known = new("貸-942", "booking.class-known", "略号「{略号}」の区分はもうあります。", "別の略号にしてください。", "Form.Code");

    public static IReadOnlyList<Rule> All { get; } = [Code, Known];
}
