using System.Globalization;
using System.Text.Encodings.Web;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Html;

namespace KitaPortal.Features.Booking.Availability;

/// <summary>How much of the timeline is shown at once.</summary>
public enum TimelineView { Day, Week, Month }

/// <summary>The timeline as a table: one row per device grouped by pool, every free span a link that fills the form. Written straight to the answer, for a week of many devices has thousands of them.</summary>
public sealed class TimelineTable(Timeline timeline, TimelineView view, StaffId reader, string rest, DateTimeOffset now) : IHtmlContent
{
    private readonly FreeTime free = new(timeline, now);
    private readonly string rest = rest.Replace("&", "&amp;", StringComparison.Ordinal);
    private readonly List<Period> spans = [];

    /// <summary>What the table is about, for its caption.</summary>
    public string Caption => $"{timeline.Office.Name}　{JapaneseDate.Long(timeline.First)}{view switch { TimelineView.Day => "", TimelineView.Week => "から1週間", _ => "から1か月" }}の空き";

    public void WriteTo(TextWriter writer, HtmlEncoder encoder)
    {
        var to = writer;
        to.Write(view switch
        {
            TimelineView.Day => "<table class=\"table table--cards twin\"><caption class=\"sr-only\">",
            TimelineView.Week => "<table class=\"table table--grid table--dense table--first-sticky table--cards twin twin--week\"><caption class=\"sr-only\">",
            _ => "<table class=\"table table--grid table--dense table--first-sticky twin twin--month\"><caption class=\"sr-only\">",
        });
        encoder.Encode(to, Caption);
        to.Write("</caption><thead><tr><th scope=\"col\">端末");
        if (view == TimelineView.Day) to.Write("<th scope=\"col\">状態<th scope=\"col\">空いている時間<th scope=\"col\">予約");
        else foreach (var day in free.Days) WriteHead(to, encoder, day);
        to.Write("</thead>");
        foreach (var pool in timeline.Pools)
        {
            to.Write("<tbody><tr class=\"twin__pool\"><th scope=\"rowgroup\" colspan=\"");
            Write(to, view == TimelineView.Day ? 4 : timeline.Days + 1);
            to.Write("\"><span class=\"twin__model\">");
            encoder.Encode(to, pool.Model);
            to.Write("</span> <span class=\"muted\">");
            encoder.Encode(to, pool.ClassName);
            to.Write("　");
            Write(to, pool.Devices.Count);
            to.Write(pool.IsRestricted ? "台　使える所属・役割が決まっています</span>" : "台</span>");
            foreach (var device in pool.Devices) WriteRow(to, encoder, pool, device);
            to.Write("</tbody>");
        }
        to.Write("</table>");
    }

    private void WriteHead(TextWriter to, HtmlEncoder encoder, TimelineDay day)
    {
        to.Write(day.ClosedBecause is null ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"twin__closed\" title=\"");
        if (day.ClosedBecause is { } reason)
        {
            encoder.Encode(to, reason);
            to.Write("\">");
        }
        if (view == TimelineView.Week) to.Write($"{day.Date.Month}/{day.Date.Day}{JapaneseDate.Weekday(day.Date)}");
        else to.Write($"{day.Date.Day}<br>{JapaneseDate.Weekday(day.Date)[1]}");
    }

    private void WriteRow(TextWriter to, HtmlEncoder encoder, TimelinePool pool, TimelineDevice device)
    {
        var label = Uri.EscapeDataString(device.Label);
        to.Write("<tr><th scope=\"row\">");
        encoder.Encode(to, device.Label);
        if (!device.IsLendable && view != TimelineView.Day)
        {
            to.Write("<span class=\"sub\">");
            to.Write(device.IsRecalled ? "使用停止" : BookingWords.Of(device.Status));
            to.Write("</span>");
        }
        var next = 0;
        foreach (var day in free.Days)
        {
            while (next < device.Bars.Count && device.Bars[next].Period.To <= day.Whole.From) next++;
            free.SpansOf(pool, device, day, next, spans);
            if (view == TimelineView.Day) WriteDay(to, encoder, device, label, day, next);
            else if (view == TimelineView.Week) WriteWeekCell(to, encoder, device, label, day, next);
            else WriteMonthCell(to, device, label, day, next);
        }
    }

    private void WriteDay(TextWriter to, HtmlEncoder encoder, TimelineDevice device, string label, TimelineDay day, int next)
    {
        var (look, word) = device switch
        {
            { IsRecalled: true } => ("hold", "使用停止"),
            { Status: not DeviceStatus.InService } => ("hold", BookingWords.Of(device.Status)),
            _ when day.Open is null => ("done", "閉庁"),
            _ when spans.Count > 0 => ("free", "空きあり"),
            _ => ("stop", "空きなし"),
        };
        to.Write("<td data-label=\"状態\"><span class=\"state state--");
        to.Write(look);
        to.Write("\">");
        to.Write(word);
        to.Write("</span><td data-label=\"空いている時間\">");
        WriteSpans(to, label);
        to.Write("<td data-label=\"予約\">");
        WriteBars(to, encoder, device, day, next);
    }

    private void WriteWeekCell(TextWriter to, HtmlEncoder encoder, TimelineDevice device, string label, TimelineDay day, int next)
    {
        to.Write(day.Open is null ? "<td class=\"twin__closed\" data-label=\"" : "<td data-label=\"");
        Write(to, day.Date.Day);
        to.Write(JapaneseDate.Weekday(day.Date));
        to.Write("\">");
        WriteSpans(to, label);
        WriteBars(to, encoder, device, day, next);
        if (spans.Count == 0 && !HasBars(device, day, next)) to.Write(day.Open is null ? "<span class=\"muted\">閉庁</span>" : "<span class=\"muted\">－</span>");
    }

    // One word: the whole day, a part of it, nothing, closed.
    private void WriteMonthCell(TextWriter to, TimelineDevice device, string label, TimelineDay day, int next)
    {
        to.Write(day.Open is null ? "<td class=\"twin__closed\" data-label=\"" : "<td data-label=\"");
        Write(to, day.Date.Day);
        to.Write("\">");
        if (spans.Count == 0) to.Write(day.Open is null ? "休" : HasBars(device, day, next) ? "<b class=\"twin__full\">満</b>" : "－");
        else if (!HasBars(device, day, next)) WriteLink(to, label, spans[0], "空");
        else
        {
            to.Write($"<a class=\"twin__part\" href=\"/booking?office={timeline.Office.Id}&amp;day={day.Date:yyyy-MM-dd}\">一部</a>");
        }
    }

    private void WriteSpans(TextWriter to, string label)
    {
        foreach (var span in spans) WriteLink(to, label, span, null);
    }

    private void WriteLink(TextWriter to, string label, Period span, string? word)
    {
        to.Write("<a class=\"free\" href=\"/booking/reserve?d=");
        to.Write(label);
        to.Write("&amp;t=");
        to.Write(ReserveLink.Time(span));
        to.Write(rest);
        to.Write("\">");
        if (word is not null) to.Write(word);
        else
        {
            WriteTime(to, span.From);
            to.Write('～');
            WriteTime(to, span.To);
        }
        to.Write("</a>");
    }

    private static bool HasBars(TimelineDevice device, TimelineDay day, int next)
        => next < device.Bars.Count && device.Bars[next].Period.From < (day.Open ?? day.Whole).To && device.Bars.Skip(next).Any(b => b.Period.Overlaps(day.Open ?? day.Whole));

    private void WriteBars(TextWriter to, HtmlEncoder encoder, TimelineDevice device, TimelineDay day, int next)
    {
        for (var i = next; i < device.Bars.Count && device.Bars[i].Period.From < day.Whole.To; i++)
        {
            var bar = device.Bars[i];
            if (bar.Period.To <= day.Whole.From) continue;
            to.Write("<span class=\"tk tk--");
            to.Write(bar.Look);
            to.Write("\">");
            var (before, after) = (bar.Period.From < day.Whole.From, bar.Period.To > day.Whole.To);
            if (before && after) to.Write("終日");
            else
            {
                if (!before) WriteTime(to, bar.Period.From);
                to.Write('～');
                if (!after) WriteTime(to, bar.Period.To);
            }
            to.Write(' ');
            to.Write(bar.Word);
            if (bar.Who.Length > 0) WriteWho(to, encoder, bar);
            to.Write("</span>");
        }
    }

    private void WriteWho(TextWriter to, HtmlEncoder encoder, TimelineBar bar)
    {
        to.Write(' ');
        var mine = bar.BorrowerId == reader && bar.BookingId is not null;
        if (mine) to.Write($"<a href=\"/booking/{bar.BookingId}\">");
        encoder.Encode(to, bar.Who);
        if (mine) to.Write("</a>");
    }

    private static void WriteTime(TextWriter to, DateTimeOffset moment)
    {
        var minutes = (int)((moment.UtcTicks / TimeSpan.TicksPerMinute) + 540) % 1440;
        Write(to, minutes / 60);
        to.Write(':');
        if (minutes % 60 < 10) to.Write('0');
        Write(to, minutes % 60);
    }

    private static void Write(TextWriter to, int number)
    {
        Span<char> digits = stackalloc char[11];
        number.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        to.Write(digits[..length]);
    }
}
