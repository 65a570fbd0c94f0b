using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Admin.Demo;

/// <summary>How it goes with a wish: used, given up before, never collected.</summary>
internal enum Fate { Used, Cancelled, NotCollected }

/// <summary>Something a person of the invented town wants to borrow.</summary>
internal sealed record Wish(DemoOrganisation.Person Who, DemoDevices.Stock Stock, DateTimeOffset AskedAt, DateTimeOffset From, DateTimeOffset To, BookingAim Aim, Fate Fate);

/// <summary>The rhythm of the office: who wants what on which day. Seeded, so every trial has the same town.</summary>
internal sealed class DemoPlan(DemoOrganisation town, DemoDevices devices, WorkCalendar calendar, Random chance, double scale)
{
    // So many devices are asked for on an open day at the end of the two years; the figures of the KGI follow from it.
    private const double PerDay = 2.75;

    private readonly List<DemoOrganisation.Person> borrowers = [.. town.People.Where(p => !p.IsHead && p.HeadId is not null && !town.Desks.ContainsValue(p.Id))];
    private static readonly string[] Branches = ["芸北支所", "大朝支所", "豊平支所"];
    private static readonly string[] Meetings = ["県との連絡会議", "広域連携の打合せ", "支所との係会議", "事業者との打合せ", "オンライン研修"];
    private static readonly string[] Minutes = ["総合計画審議会", "課内会議", "住民説明会", "地域協議会", "工程会議"];
    private static readonly string[] Trips = ["県庁", "広島市内の研修会場", "現地調査（芸北）", "近隣町との協議"];

    /// <summary>The wishes that begin on the days from first to last, in the order they begin.</summary>
    public IEnumerable<Wish> Between(DateOnly first, DateOnly last, DateOnly today)
    {
        for (var day = first; day <= last; day = day.AddDays(1))
        {
            if (!calendar.IsOpen(day)) continue;
            var growth = 1 - Math.Min(0.25, Math.Max(0, today.DayNumber - day.DayNumber) / 365.0 * 0.12);
            var season = day.Month switch { 1 or 2 => 1.15, 3 => 0.85, 4 => 0.8, 8 => 1.1, _ => 1.0 } * (day.DayOfWeek == DayOfWeek.Monday ? 1.25 : day.DayOfWeek == DayOfWeek.Friday ? 0.7 : 1.0);
            var expected = PerDay * growth * season * scale;
            var count = (int)expected + (chance.NextDouble() < expected - (int)expected ? 1 : 0);
            count = Math.Max(0, count + (chance.Next(4) == 0 ? chance.Next(-1, 2) : 0));
            for (var i = 0; i < count; i++)
                if (One(day) is { } wish) yield return wish;
        }
    }

    private Wish? One(DateOnly day)
    {
        var who = borrowers[chance.Next(borrowers.Count)];
        var kind = chance.Next(100);
        var (aim, classCode, days, from, to) = kind switch
        {
            < 50 => (Aim(Purpose.HomeWork, "資料の作成と審査", DestinationKind.Home, null), "laptop", chance.Next(1, 5), new TimeOnly(8, 30), new TimeOnly(17, 15)),
            < 70 => (Aim(Purpose.BranchWork, "居住地に近い庁舎での勤務", DestinationKind.BranchOrOutpost, Branches[chance.Next(Branches.Length)]), "laptop", chance.Next(1, 4), new TimeOnly(8, 30), new TimeOnly(17, 15)),
            < 83 => (Aim(Purpose.OnlineMeeting, Meetings[chance.Next(Meetings.Length)], DestinationKind.InBuilding, null), "tablet", 1, new TimeOnly(chance.Next(2) == 0 ? 9 : 13, 30), new TimeOnly(chance.Next(15, 18), 0)),
            < 92 => (Aim(Purpose.Minutes, Minutes[chance.Next(Minutes.Length)], DestinationKind.InBuilding, null), "recorder", 1, new TimeOnly(13, 0), new TimeOnly(16, 30)),
            < 97 => (Aim(Purpose.BusinessTrip, "出張", DestinationKind.TripDestination, Trips[chance.Next(Trips.Length)]), "laptop", chance.Next(1, 3), new TimeOnly(9, 0), new TimeOnly(17, 0)),
            _ => (Aim(Purpose.TrainingOther, "説明会での投影", DestinationKind.InBuilding, null), "extra", 1, new TimeOnly(9, 0), new TimeOnly(16, 0)),
        };
        if (aim.Purpose == Purpose.HomeWork && chance.Next(8) == 0) aim = aim with { PersonalData = true, PurposeNote = "個人情報を含む台帳の確認" };
        var last = day;
        for (var left = days - 1; left > 0 && calendar.IsOpen(last.AddDays(1)); left--) last = last.AddDays(1);
        if (FiscalYear.From(last) != FiscalYear.From(day)) last = day;

        // People borrow where they work; those of outposts at the main office.
        var near = devices.Stocks.Where(s => s.ClassCode == classCode && s.Office == who.OfficeId).ToList();
        var stocks = near.Count > 0 ? near : devices.Stocks.Where(s => s.ClassCode == classCode && s.OfficeName == "本庁").ToList();
        var stock = stocks[chance.Next(stocks.Count)];
        var asked = calendar.AddWorkingDays(day, -chance.Next(2, 8));
        var fate = chance.Next(100) switch { < 4 => Fate.Cancelled, < 5 => Fate.NotCollected, _ => Fate.Used };
        return new(who, stock, TokyoTime.At(asked, new TimeOnly(chance.Next(9, 16), chance.Next(60))), TokyoTime.At(day, from), TokyoTime.At(last, to), aim, fate);
    }

    private static BookingAim Aim(Purpose purpose, string note, DestinationKind destination, string? place) => new(purpose, note, null, destination, place, InfoClass.Class2, false);
}
