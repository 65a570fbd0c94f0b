using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Chat;

/// <summary>How the chat says things.</summary>
public static class ChatWords
{
    /// <summary>4月6日(月) 9:05; the script says the same.</summary>
    public static string Moment(DateTimeOffset at)
    {
        var shown = TokyoTime.Shown(at);
        return $"{shown.Month}月{shown.Day}日({"日月火水木金土"[(int)shown.DayOfWeek]}) {shown:H:mm}";
    }
}
