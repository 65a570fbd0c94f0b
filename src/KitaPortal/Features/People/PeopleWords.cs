namespace KitaPortal.Features.People;

/// <summary>How the kinds of people, postings, departments and offices are called.</summary>
public static class PeopleWords
{
    public static string Label(this EmploymentClass kind) => kind switch
    {
        EmploymentClass.Special => "特別職",
        EmploymentClass.Regular => "正職員",
        EmploymentClass.Reemployed => "再任用",
        EmploymentClass.FiscalYear => "会計年度任用",
        EmploymentClass.Seconded => "派遣・出向",
        _ => "外部",
    };

    public static string Label(this PostingKind kind) => kind switch { PostingKind.Main => "本務", PostingKind.Additional => "兼務", _ => "事務取扱" };

    public static string Label(this DepartmentKind kind) => kind switch
    {
        DepartmentKind.Division => "部",
        DepartmentKind.Section => "課",
        DepartmentKind.Room => "室",
        DepartmentKind.Unit => "係",
        DepartmentKind.Branch => "支所",
        _ => "委員会",
    };

    public static string Label(this OfficeKind kind) => kind switch { OfficeKind.Main => "本庁", OfficeKind.Branch => "支所", _ => "出先" };
}
