using System.ComponentModel.DataAnnotations;
using System.Net.Mail;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Text;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace KitaPortal.Features.People.Roster;

/// <summary>What the roster says about a person.</summary>
public sealed class PersonForm
{
    [Display(Name = "職員番号"), Required(ErrorMessage = "職員番号を入力してください。")] public string StaffNumber { get; set; } = "";

    [Display(Name = "姓"), Required(ErrorMessage = "姓を入力してください。")] public string FamilyName { get; set; } = "";

    [Display(Name = "名"), Required(ErrorMessage = "名を入力してください。")] public string GivenName { get; set; } = "";

    [Display(Name = "せい（よみ）"), Required(ErrorMessage = "せいのよみを入力してください。")] public string FamilyYomi { get; set; } = "";

    [Display(Name = "めい（よみ）"), Required(ErrorMessage = "めいのよみを入力してください。")] public string GivenYomi { get; set; } = "";

    [Display(Name = "旧姓")] public string? FormerName { get; set; }

    [Display(Name = "仕事で旧姓を使う")] public bool UsesFormerName { get; set; }

    [Display(Name = "区分")] public EmploymentClass EmploymentClass { get; set; } = EmploymentClass.Regular;

    [Display(Name = "採用日"), Required(ErrorMessage = "採用日を入力してください。")] public DateOnly EmployedFrom { get; set; }

    [Display(Name = "退職日")] public DateOnly? LastDay { get; set; }

    [Display(Name = "メール")] public string? Mail { get; set; }

    [Display(Name = "外線")] public string? BusinessPhone { get; set; }

    [Display(Name = "勤務の始まり")] public TimeOnly? WorkFrom { get; set; }

    [Display(Name = "勤務の終わり")] public TimeOnly? WorkTo { get; set; }

    /// <summary>The version the person saw, so that a stale form is refused.</summary>
    public int Version { get; set; }

    public string? CleanMail => string.IsNullOrWhiteSpace(Mail) ? null : Mail.Nfkc().Trim().ToLowerInvariant();

    public string? CleanPhone => string.IsNullOrWhiteSpace(BusinessPhone) ? null : JapanesePhone.Read(BusinessPhone);

    /// <summary>What can be said of the fields alone.</summary>
    public void Check(ModelStateDictionary errors)
    {
        if (CleanMail is { } mail && (!MailAddress.TryCreate(mail, out var address) || address.Address != mail)) errors.AddModelError("Form.Mail", "メールアドレスを確認してください（例：name@example.jp）。");
        if (!string.IsNullOrWhiteSpace(BusinessPhone) && CleanPhone is null) errors.AddModelError("Form.BusinessPhone", "電話番号は市外局番から入力してください（例：0826-00-1234）。");
        if (WorkFrom is null != WorkTo is null || WorkTo <= WorkFrom) errors.AddModelError("Form.WorkTo", "勤務時間は、始まりと終わりの両方を順に入力してください。");
        if (EmploymentClass == EmploymentClass.External && (LastDay is null || LastDay > EmployedFrom.AddYears(1))) errors.AddModelError("Form.LastDay", "外部の人には、1年以内の終わりの日を入力してください。");
    }
}

/// <summary>A place in the organisation from a day on.</summary>
public sealed class PostingForm
{
    [Display(Name = "発令日"), Required(ErrorMessage = "発令日を入力してください。")] public DateOnly From { get; set; }

    [Display(Name = "終わりの日")] public DateOnly? LastDay { get; set; }

    [Display(Name = "区分")] public PostingKind Kind { get; set; } = PostingKind.Main;

    [Display(Name = "所属"), Required(ErrorMessage = "所属を選んでください。")] public DepartmentId? DepartmentId { get; set; }

    [Display(Name = "職名"), Required(ErrorMessage = "職名を選んでください。")] public PostId? PostId { get; set; }

    [Display(Name = "庁舎")] public OfficeId? OfficeId { get; set; }

    [Display(Name = "内線")] public string? Extension { get; set; }

    [Display(Name = "庶務担当")] public bool IsClerk { get; set; }

    public string? CleanExtension => string.IsNullOrWhiteSpace(Extension) ? null : JapanesePhone.ReadExtension(Extension);

    /// <summary>What can be said of the fields alone.</summary>
    public void Check(ModelStateDictionary errors)
    {
        if (!string.IsNullOrWhiteSpace(Extension) && CleanExtension is null) errors.AddModelError("Posting.Extension", "内線は2～6桁の数字で入力してください。");
        if (LastDay < From) errors.AddModelError("Posting.LastDay", "終わりの日は発令日より後にしてください。");
    }
}
