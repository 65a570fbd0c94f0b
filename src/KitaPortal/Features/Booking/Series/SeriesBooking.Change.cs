using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Series;

/// <summary>A change of すべて, or of この回以降 when a day is named: other hours of the day, and days up to a later end.</summary>
public sealed record SeriesChange(SeriesId Id, DateOnly? From, TimeOnly Start, TimeOnly End)
{
    /// <summary>Another last day; null leaves it. An earlier one gives up what lies behind.</summary>
    public DateOnly? Until { get; init; }

    public IReadOnlyList<string> Acknowledged { get; init; } = [];

    public string? Reason { get; init; }
}

/// <summary>この回以降 and すべて: changing. この回以降 splits the series; each day is judged, and all are changed or none.</summary>
public sealed partial class SeriesBooking
{
    /// <summary>Changes all days still to come, or those from a day on, which then are a series of their own. Removed days stay removed.</summary>
    public Task<BookingSeries> ChangeAsync(SeriesChange act, Asker asker, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var series = await OpenAsync(act.Id, act, asker, ct);
        if (act.From is { } split)
        {
            if (series.Days.All(d => d.Day != split)) throw new NotHereException();
            if (series.Days.Any(d => d.Day < split)) series = await SplitAsync(series, split, ct);
        }
        var length = act.End > act.Start ? act.End - act.Start : act.End - act.Start + TimeSpan.FromDays(1);
        var from = TokyoTime.At(series.FirstDay, act.Start);
        var template = series.Template with { From = from, To = from + length, Acknowledged = act.Acknowledged, Reason = act.Reason };
        series.SetTemplate(template);

        var broken = new List<Broken>();
        var toAsk = new List<(Booking Booking, Judgement Judgement, BookingRequest Request)>();
        var changed = await MoveDaysAsync(series, act, length, toAsk, broken, asker, ct);
        if (act.Until is { } last && last > series.Days.Max(d => d.Day)) changed += await AddDaysAsync(series, template, last, toAsk, broken, asker, now, ct);
        Demand.All(broken);
        if (act.Until is { } end && end < series.Days.Max(d => d.Day)) changed += await ShortenAsync(series, end, asker, act.Reason, ct);
        if (changed == 0) throw new RuleViolation(SeriesRules.NothingLeft.With());

        var before = series.ApprovalRequestId;
        if (toAsk.Count > 0) await ConfirmAsync(series, toAsk, "繰り返しの予約を変更しました", asker, now, ct);
        else series.Tell("booking.changed", "繰り返しの予約を変更しました", $"{series.Recurrence.Words}　{BookingWords.Time(template.From)}～{BookingWords.Time(template.To)}");
        if (before is { } old && !await db.Bookings.AnyAsync(b => b.ApprovalRequestId == old && b.Lines.Any(l => l.Status == LineStatus.Requested), ct))
            await approvals.CloseBySubjectAsync(new ApprovalRequestId(old), "予約の変更", ct);
        await db.SaveChangesAsync(ct);
        return series;
    }, ct);

    private async Task<BookingSeries> SplitAsync(BookingSeries series, DateOnly day, CancellationToken ct)
    {
        var rest = series.SplitAt(day, SeriesId.New());
        db.Add(rest);
        foreach (var booking in await db.Bookings.Where(b => b.SeriesId == series.Id && b.OccurrenceDate >= day).ToListAsync(ct)) booking.BelongTo(rest.Id, booking.OccurrenceDate!.Value);
        await db.SaveChangesAsync(ct);
        return rest;
    }

    // Each booking still to come gets the new hours on its own day, by the rules of a change.
    private async Task<int> MoveDaysAsync(BookingSeries series, SeriesChange act, TimeSpan length, List<(Booking, Judgement, BookingRequest)> toAsk, List<Broken> broken, Asker asker, CancellationToken ct)
    {
        var changed = 0;
        var coming = await ComingAsync(series, null, ct);
        var alone = await ToldAloneAsync(series, coming, ct);
        foreach (var id in coming)
        {
            var booking = await db.Bookings.Include(b => b.Lines).SingleAsync(b => b.Id == id, ct);
            if (act.Until < booking.OccurrenceDate) continue;
            var from = TokyoTime.At(TokyoTime.DayOf(booking.From), act.Start);
            if (booking.From == from && booking.To == from + length) continue;
            try
            {
                await life.ChangeAsync(new Changing(id, from, from + length, booking.Aim) { Acknowledged = act.Acknowledged, Reason = act.Reason, IsToldElsewhere = !alone.Contains(id) }, asker, ct, (b, request, judgement) =>
                {
                    toAsk.Add((b, judgement, request));
                    return Task.CompletedTask;
                });
                changed++;
            }
            catch (RuleViolation refused)
            {
                broken.AddRange(refused.Broken.Select(b => OfDay(b, booking.OccurrenceDate!.Value)));
            }
        }
        return changed;
    }

    // Days of the rule that have no row yet; whatever was booked, skipped or removed has one and stays as it is.
    private async Task<int> AddDaysAsync(BookingSeries series, BookingRequest template, DateOnly last, List<(Booking, Judgement, BookingRequest)> toAsk, List<Broken> broken, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        series.EndOn(last);
        var whole = await template.UnpackedAsync(db, ct);
        var asked = new SeriesRequest(series.Id, template, series.Recurrence, series.Holidays);
        var days = (await DaysAsync(asked, whole, asker, now, ct)).Where(d => series.Days.All(known => known.Day != d.Day)).ToList();
        try
        {
            var made = await BookDaysAsync(series, asked, whole, days, asker, now, ct);
            toAsk.AddRange(made);
            return made.Count;
        }
        catch (RuleViolation refused)
        {
            broken.AddRange(refused.Broken);
            return 0;
        }
    }

    private async Task<int> ShortenAsync(BookingSeries series, DateOnly end, Asker asker, string? reason, CancellationToken ct)
    {
        var given = await GiveUpAsync(series, await ComingAsync(series, end.AddDays(1), ct), asker, reason, ct);
        series.EndOn(end);
        return given;
    }
}
