using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Availability;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Series;

/// <summary>One day of a series as it is judged: when it would be, what the rules say, and another way where they refuse.</summary>
public sealed record JudgedDay(DateOnly Day, DateOnly? HeldOn, string? ClosedBecause, BookingRequest? Request, Judgement? Judgement, IReadOnlyList<Broken> Refused, Pick? Alternative, BookingRequest? AlternativeRequest)
{
    /// <summary>Nothing forbids it; warnings may have to be ticked.</summary>
    public bool IsPossible => Judgement is not null && Refused.Count == 0;
}

/// <summary>Bookings that repeat: each day is judged by the full rules; all picked days are saved together or none. Page and API come through here.
/// Locks, in this order: the request for permission, the borrower, the pools.</summary>
public sealed partial class SeriesBooking(PortalDb db, Reserving reserving, LineLife life, Alternatives alternatives, ApprovalDesk approvals, TimeProvider clock)
{
    /// <summary>Each day with what would happen; writes nothing.</summary>
    public async Task<IReadOnlyList<JudgedDay>> PreviewAsync(SeriesRequest asked, Asker asker, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var template = await asked.Template.UnpackedAsync(db, ct);
        var days = await DaysAsync(asked, template, asker, now, ct);
        var judged = new List<JudgedDay>();
        foreach (var (day, held, closed) in days)
        {
            if (held is not { } on)
            {
                judged.Add(new JudgedDay(day, null, closed, null, null, [], null, null));
                continue;
            }
            var request = On(template, asked.Template, on);
            var (judgement, refused) = await JudgeAsync(request, asker, now, ct);
            var pick = refused.Count == 0 || judgement is null ? null : await AlternativeAsync(request, judgement, asker, ct);
            judged.Add(new JudgedDay(day, on, closed, request, judgement, refused, pick, pick is null ? null : Picked(request, pick)));
        }
        return judged;
    }

    /// <summary>Saves all picked days or none; one request for permission covers all. The same request sent again gives the same series.</summary>
    public Task<BookingSeries> ReserveAsync(SeriesRequest asked, Asker asker, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        await reserving.LockBorrowerAsync(asked.Template.BorrowerId, ct);
        if (await db.BookingSeries.Include(s => s.Days).SingleOrDefaultAsync(s => s.Id == asked.Id, ct) is { } earlier)
            return earlier.RequestHash == asked.Hash && (earlier.CreatedById is null || earlier.CreatedById == asker.Id || earlier.BorrowerId == asker.Id)
                ? earlier : throw BookingRules.SameIdOtherBody();

        var template = await asked.Template.UnpackedAsync(db, ct);
        var pools = (await reserving.PoolsOfAsync(template, ct)).Concat(asked.Picks.Values.Select(p => p.Pool).OfType<PoolId>()).Distinct().ToList();
        var days = await DaysAsync(asked, template, asker, now, ct);
        await reserving.OpenAsync(pools, now, ct, [.. days.Where(d => d.Held is not null).Select(d => TokyoTime.At(d.Held!.Value, TokyoTime.TimeOf(template.From)))]);
        var series = new BookingSeries(asked.Id, asked.Template, asked.Rule, days[0].Day, asked.Holidays, asked.Hash);
        var made = await BookDaysAsync(series, asked, template, days, asker, now, ct);
        db.Add(series);
        await ConfirmAsync(series, made, "繰り返しの予約が確定しました", asker, now, ct);
        await db.SaveChangesAsync(ct);
        return series;
    }, ct);

    // Every picked day is judged, also after one was refused: all that is broken comes back together, and then nothing is saved.
    private async Task<List<(Booking Booking, Judgement Judgement, BookingRequest Request)>> BookDaysAsync(BookingSeries series, SeriesRequest asked, BookingRequest template,
        IReadOnlyList<(DateOnly Day, DateOnly? Held, string? Closed)> days, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        var broken = new List<Broken>();
        var made = new List<(Booking, Judgement, BookingRequest)>();
        foreach (var (day, held, _) in days)
        {
            var pick = asked.Picks.GetValueOrDefault(day, Pick.Book);
            if (held is not { } on || pick.IsSkipped)
            {
                series.LeaveOut(day, held is null ? SeriesDayState.Closed : SeriesDayState.Skipped);
                continue;
            }
            var request = Picked(On(template, asked.Template, on), pick) with { SeriesId = series.Id };
            var (judgement, refused) = await JudgeAsync(request, asker, now, ct);
            var unticked = judgement?.Warnings.Where(w => !request.Acknowledged.Contains(w.Rule.Code)).ToList() ?? [];
            broken.AddRange(refused.Concat(unticked).Select(b => OfDay(b, day)));
            if (pick.IsAlternative && refused.Count > 0) broken.Add(SeriesRules.NoAlternative.With(JapaneseDate.Long(day)));
            if (broken.Count > 0) continue;
            var booking = await reserving.OccupyAsync(request, judgement!, asker, [], now, ct);
            booking.BelongTo(series.Id, day);
            series.Book(day, on, booking.Id);
            made.Add((booking, judgement!, request));
            await db.SaveChangesAsync(ct);
        }
        Demand.All([.. broken, broken.Count == 0 && made.Count == 0 ? SeriesRules.NoDay.With() : null]);
        return made;
    }

    private async Task ConfirmAsync(BookingSeries series, List<(Booking Booking, Judgement Judgement, BookingRequest Request)> made, string title, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        RouteCondition[] conditions = [.. new[] { RouteCondition.Head, RouteCondition.SecurityManager }.Where(c => made.Any(m => m.Judgement.Conditions.Contains(c)))];
        if (conditions.Length == 0)
        {
            foreach (var (booking, judgement, _) in made) reserving.ConfirmQuietly(booking, now);
            series.Tell("booking.confirmed", title, $"{series.Recurrence.Words}。{made.Count}回が確定しました。");
            return;
        }
        var id = ApprovalRequestId.From(Guid.CreateVersion7());
        series.AskPermission(id.Value);
        foreach (var (booking, _, _) in made) booking.AskPermission(id.Value);
        await db.SaveChangesAsync(ct);
        await reserving.SubmitAsync(id, made[0].Booking, made[0].Request, made[0].Judgement, asker, "端末持出許可申請・繰り返し", ct, made.Min(m => m.Booking.From),
            new AskedFor("series", series.Id.ToString(), PeriodText(series, made.Select(m => m.Booking)), conditions, made.SelectMany(m => m.Judgement.Grounds)));
    }

    // At most twenty days in full; the series' page has all.
    private static string PeriodText(BookingSeries series, IEnumerable<Booking> bookings)
    {
        var spans = bookings.OrderBy(b => b.From).Select(b => BookingWords.Span(b.From, b.To)).ToList();
        return $"{series.Recurrence.Words}（{spans.Count}回）\n{string.Join('\n', spans.Take(20))}{(spans.Count > 20 ? $"\nほか{spans.Count - 20}回" : "")}";
    }

    /// <summary>The days of the rule; a closed day is skipped or moved, and of days that meet on one only the day's own stays. Refuses too many (貸-801).</summary>
    private async Task<IReadOnlyList<(DateOnly Day, DateOnly? Held, string? Closed)>> DaysAsync(SeriesRequest asked, BookingRequest template, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        var first = TokyoTime.DayOf(asked.Template.From);
        var days = asked.Rule.Days(first);
        if (days.Count == 0) throw new RuleViolation(SeriesRules.NoDay.With());
        var pools = await reserving.PoolsOfAsync(template, ct);
        var facts = await Facts.LoadAsync(db, template.BorrowerId, template.ResponsibleId, pools, template.Period, asker, now, ct);
        var pool = facts.Find(pools[0]).OrNotHere();
        Demand.All(MoreWaysRules.SeriesLong.Find(facts.CaseOf(pool, Stage.Submit, now, template.Period, template.Aim) with { Occurrences = days.Count })?.Broken);

        var taken = days.Where(pool.Desk.IsOpenDay).ToHashSet();
        var found = new List<(DateOnly, DateOnly?, string?)>();
        foreach (var day in days)
        {
            if (pool.Desk.IsOpenDay(day))
            {
                found.Add((day, day, null));
                continue;
            }
            var why = pool.Desk.Calendar.ClosedBecause(day, pool.Office.Id.Value) ?? "閉庁日";
            DateOnly? moved = asked.Holidays switch
            {
                HolidayPolicy.Previous => pool.Desk.Calendar.PreviousOpen(day, pool.Office.Id.Value),
                HolidayPolicy.Next => pool.Desk.Calendar.NextOpen(day, pool.Office.Id.Value),
                _ => null,
            };
            found.Add(moved is { } to && taken.Add(to) ? (day, to, why) : (day, null, why));
        }
        return found;
    }

    // A rule that refuses before anything can be judged (absurd dates) refuses the day.
    private async Task<(Judgement? Judgement, IReadOnlyList<Broken> Refused)> JudgeAsync(BookingRequest request, Asker asker, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            var judgement = await Reserving.JudgeAsync(db, request, asker, now, ct);
            return (judgement, [.. judgement.Blocks]);
        }
        catch (RuleViolation refused)
        {
            return (null, refused.Broken);
        }
    }

    // Another device, another start, another office on the same day: the nearest that nothing forbids.
    private async Task<Pick?> AlternativeAsync(BookingRequest request, Judgement judgement, Asker asker, CancellationToken ct)
    {
        if (request is not { KitId: null, Wanted.Count: 1 }) return null;
        var found = (await alternatives.FindAsync(request, judgement, asker, ct)).FirstOrDefault(a => a.Kind <= AlternativeKind.OtherOffice && TokyoTime.DayOf(a.From) == TokyoTime.DayOf(request.From));
        return found is null ? null : new Pick(false, found.PoolId, found.From == request.From ? null : TokyoTime.TimeOf(found.From));
    }

    /// <summary>The form of the first day, on another day.</summary>
    private static BookingRequest On(BookingRequest template, BookingRequest asked, DateOnly day)
    {
        var from = TokyoTime.At(day, TokyoTime.TimeOf(asked.From));
        return template with { Id = BookingId.New(), From = from, To = from + (asked.To - asked.From) };
    }

    private static BookingRequest Picked(BookingRequest request, Pick pick)
    {
        if (!pick.IsAlternative) return request;
        var from = pick.Start is { } start ? TokyoTime.At(TokyoTime.DayOf(request.From), start) : request.From;
        return request with
        {
            From = from,
            To = from + (request.To - request.From),
            Wanted = pick.Pool is { } pool && request.Wanted.Count == 1 ? [request.Wanted[0] with { PoolId = pool, DeviceId = null }] : request.Wanted,
        };
    }

    private static Broken OfDay(Broken broken, DateOnly day)
        => broken with { Message = $"{day.Month}月{day.Day}日{JapaneseDate.Weekday(day)}：{broken.Message}", Field = $"Picks[{day:yyyy-MM-dd}]" };
}
