using System.ComponentModel.DataAnnotations;
using KitaPortal.Features.Shared;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;

namespace KitaPortal.Features.Home;

/// <summary>Every building block of the portal's pages on one page, for those who make pages. Only in evaluation.</summary>
[AllowAnonymous]
public sealed class DesignPage(IHostEnvironment surroundings) : PageModel
{
    /// <summary>The sample form.</summary>
    public SampleForm Form { get; private set; } = new();

    /// <summary>Sample choices.</summary>
    public IReadOnlyList<SelectListItem> Pools { get; } =
    [
        new("本庁 共用ノートPC（残り 4台）", "1"), new("芸北支所 共用ノートPC（残り 2台）", "2"), new("大朝支所 モバイルルーター（残り 0台）", "3"),
    ];

    /// <summary>Sample goal.</summary>
    public Ring Ring { get; } = new(62, "令和8年度の使用予約時間は4,337時間で、目標7,000時間の62％です。", IdealPercent: 65);

    /// <summary>Sample goal that was passed.</summary>
    public Ring Passed { get; } = new(223, "令和5年度の使用予約時間は6,153時間で、目標2,750時間の223％でした。");

    public IActionResult OnGet(bool wrong)
    {
        if (!surroundings.IsEnvironment("Evaluation") && !surroundings.IsDevelopment()) return NotFound();
        if (!wrong) return Page();
        ModelState.AddModelError("Form.Purpose", "使用目的を入力してください。");
        ModelState.AddModelError("Form.From", "開始日が過ぎています。今日（令和8年11月25日）以降を選んでください。");
        ModelState.AddModelError("", "予-204　貸出期間は14日までです。期間を短くするか、長期貸出を申請してください。");
        return Page();
    }

    /// <summary>Fields of every kind.</summary>
    public sealed class SampleForm
    {
        [Display(Name = "使用目的")]
        public string Purpose { get; set; } = "";

        [Display(Name = "貸出場所")]
        public int Pool { get; set; } = 2;

        [Display(Name = "開始日")]
        public DateOnly From { get; set; } = new(2026, 12, 1);

        [Display(Name = "開始時刻")]
        public TimeOnly At { get; set; } = new(8, 30);

        [Display(Name = "台数")]
        public int Count { get; set; } = 1;

        [Display(Name = "持出しの理由")]
        public string Reason { get; set; } = "大朝支所で行う住民説明会の資料を投影し、質疑をその場で記録するため。";

        [Display(Name = "付属品")]
        public string[] Accessories { get; set; } = ["充電器"];

        [Display(Name = "使う場所")]
        public string Where { get; set; } = "支所";

        [Display(Name = "情報の取扱いの決まりを読み、守ります")]
        public bool Agreed { get; set; }

        [Display(Name = "資料")]
        public IFormFile? File { get; set; }
    }
}
