using KitaPortal.Data;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>The questions of 端末持出許可申請 that Booking answers; times and devices are written out as people read them.</summary>
public static class TakeOutForm
{
    public const string Code = "take-out";

    /// <summary>機器: one line per device.</summary>
    public const string Devices = "devices";

    /// <summary>期間: from and to with time.</summary>
    public const string Period = "period";

    public const string Purpose = "purpose";

    /// <summary>持出先.</summary>
    public const string Destination = "destination";

    /// <summary>取り扱う情報: class of the information taken along.</summary>
    public const string Information = "information";

    /// <summary>個人情報: はい when personal data is taken along.</summary>
    public const string PersonalData = "personal-data";

    /// <summary>管理責任者: who answers for the devices outside.</summary>
    public const string Responsible = "responsible";

    /// <summary>理由: why, when a rule asks for it.</summary>
    public const string Reason = "reason";

    /// <summary>許可が要る理由: the rules that ask for the permission, one per line.</summary>
    public const string Grounds = "grounds";
}

/// <summary>The forms that come with the portal, there from the first start.</summary>
public sealed class ShippedForms(PortalDb db, TimeProvider clock) : IStartupWork
{
    private static readonly FormDefinition TakeOut = new("持出",
    [
        new(TakeOutForm.Devices, FieldKind.Text, "機器") { Required = true },
        new(TakeOutForm.Period, FieldKind.Line, "持出期間") { Required = true },
        new(TakeOutForm.Purpose, FieldKind.Text, "使用目的") { Required = true },
        new(TakeOutForm.Destination, FieldKind.Line, "持出先") { Required = true },
        new(TakeOutForm.Information, FieldKind.Line, "取り扱う情報"),
        new(TakeOutForm.PersonalData, FieldKind.Check, "個人情報を取り扱う"),
        new(TakeOutForm.Responsible, FieldKind.Line, "管理責任者"),
        new(TakeOutForm.Reason, FieldKind.Text, "理由"),
        new(TakeOutForm.Grounds, FieldKind.Text, "許可が要る理由"),
    ], [new("所属長", StepWho.Head)])
    { SheetsPerRequest = 2, SubjectKind = "booking" };

    private static readonly FormDefinition General = new("伺い",
    [
        new("guide", FieldKind.Note, "次のとおりでよいか伺います。個人番号は書かないでください。"),
        new("body", FieldKind.Text, "伺いの内容") { Required = true, Help = "何を、なぜ、どうしたいかを書いてください。" },
        new("level", FieldKind.Choice, "決裁区分") { Required = true, Choices = ["所属長決裁", "上位の所属長決裁"], Help = "所属の専決事項のときは所属長決裁です。" },
        new("period", FieldKind.Period, "実施期間"),
        new("day", FieldKind.Day, "回答の希望日"),
        new("cost", FieldKind.Number, "見込額") { Unit = "円", Min = 0, Max = 1_000_000_000 },
        new("contact", FieldKind.Person, "連絡担当者") { Help = "職員番号か氏名を入力してください。" },
        new("checked", FieldKind.Check, "関係する例規と予算を確認しました") { Required = true },
    ], [new("所属長", StepWho.Head), new("上位の所属長", StepWho.NextHead, "level", "上位の所属長決裁")]);

    public Task RunAsync(CancellationToken ct) => EnsureAsync(db, ct);

    /// <summary>Adds the shipped forms that are missing; never touches one that is there.</summary>
    public Task EnsureAsync(PortalDb portal, CancellationToken ct) => portal.WriteAsync(async () =>
    {
        var there = await portal.Forms.Select(f => f.Code).ToListAsync(ct);
        Add(TakeOutForm.Code, "端末持出許可申請", "機器", "端末・機器を庁外へ持ち出すための許可。機器の予約から作られます。", TakeOut);
        Add("general", "汎用伺い", "一般", "ほかに様式のない伺いに使います。", General);

        void Add(string code, string name, string category, string description, FormDefinition definition)
        {
            if (there.Contains(code)) return;
            var form = new Form(FormId.New(), code, name, category, description);
            form.Publish(definition, "初期の様式", clock.GetUtcNow());
            portal.Add(form);
        }
    }, ct);
}
