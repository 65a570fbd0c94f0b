using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.Booking;

/// <summary>The test town with devices: laptops and iPads at 本庁, a laptop at 芸北; everybody has signed and is trained unless a test says otherwise.</summary>
public sealed class BookingTown
{
    public static readonly BookingAim InBuilding = new(Purpose.OnlineMeeting, null, null, DestinationKind.InBuilding, null, InfoClass.Class2, false);
    public static readonly BookingAim AtHome = new(Purpose.HomeWork, null, null, DestinationKind.Home, null, InfoClass.Class2, false);

    private readonly PortalHost portal;

    private BookingTown(PortalHost portal) => this.portal = portal;

    public Features.People.OfficeId OfficeId => portal.Town.MainOffice;

    public DeviceModelId Laptop { get; } = DeviceModelId.New();

    public DeviceModelId Tablet { get; } = DeviceModelId.New();

    public PoolId Laptops { get; } = PoolId.New();

    public PoolId Tablets { get; } = PoolId.New();

    public PoolId GeihokuLaptops { get; } = PoolId.New();

    public List<DeviceId> LaptopIds { get; } = [];

    public List<DeviceId> TabletIds { get; } = [];

    public static async Task<BookingTown> SeedAsync(PortalHost portal, int laptops = 3, int tablets = 1)
    {
        var town = new BookingTown(portal);
        await portal.WriteAsync(db => town.AddDevicesAsync(db, laptops, tablets));
        return town;
    }

    public static DateTimeOffset At(string tokyo) => DateTimeOffset.Parse(tokyo + "+09:00", System.Globalization.CultureInfo.InvariantCulture);

    public BookingRequest Request(StaffId borrower, string from, string to, PoolId? pool = null, DeviceId? device = null, BookingAim? aim = null, int count = 1, params string[] acknowledged) => new()
    {
        Id = BookingId.New(),
        BorrowerId = borrower,
        Wanted = [new WantedDevice(device is null ? pool ?? Tablets : pool, device, count)],
        From = At(from),
        To = At(to),
        Aim = aim ?? InBuilding,
        Acknowledged = acknowledged,
    };

    public Task<Features.Booking.Booking> Reserve(BookingRequest request, StaffId? by = null)
        => portal.InScopeAsync(async services =>
        {
            var asker = await AskerAsync(services.GetRequiredService<PortalDb>(), by ?? request.BorrowerId);
            return await services.GetRequiredService<Reserving>().ReserveAsync(request, asker, CancellationToken.None);
        });

    public Task<Judgement> Preview(BookingRequest request, StaffId? by = null)
        => portal.InScopeAsync(async services =>
        {
            var asker = await AskerAsync(services.GetRequiredService<PortalDb>(), by ?? request.BorrowerId);
            return await services.GetRequiredService<Reserving>().PreviewAsync(request, asker, CancellationToken.None);
        });

    public Task<T> AtDesk<T>(Func<DeskActs, Asker, Task<T>> act, StaffId? clerk = null)
        => portal.InScopeAsync(async services =>
            await act(services.GetRequiredService<DeskActs>(), await AskerAsync(services.GetRequiredService<PortalDb>(), clerk ?? portal.Town.Desk)));

    public Task Cancel(BookingId id, StaffId by) => portal.InScopeAsync(async services =>
    {
        var asker = await AskerAsync(services.GetRequiredService<PortalDb>(), by);
        await services.GetRequiredService<Reserving>().CancelAsync(id, null, asker, null, CancellationToken.None);
        return true;
    });

    /// <summary>These people too have signed and are trained.</summary>
    public Task LetAllBorrowAsync(IEnumerable<StaffId> people) => portal.WriteAsync(async db =>
    {
        var agreement = await db.AgreementVersions.SingleAsync();
        foreach (var person in people)
        {
            db.Add(agreement.SignedBy(person, portal.Clock.GetUtcNow()));
            db.Add(new TrainingRecord(person, "情報セキュリティ研修", new DateOnly(2026, 4, 1), new DateOnly(2027, 3, 31)));
        }
    });

    public Task<BookingLine> Line(BookingId id) => portal.ReadAsync(db => db.BookingLines.AsNoTracking().SingleAsync(l => l.BookingId == id));

    public Task<Asker> AskerAsync(StaffId person) => portal.ReadAsync(db => AskerAsync(db, person));

    private async Task<Asker> AskerAsync(PortalDb db, StaffId person)
    {
        var facts = await Features.People.Roles.CurrentStaff.LoadAsync(db, person, "", DateOnly.FromDateTime(portal.Clock.GetUtcNow().ToOffset(TimeSpan.FromHours(9)).DateTime), CancellationToken.None);
        return new Asker(person, facts.Roles);
    }

    private async Task AddDevicesAsync(PortalDb db, int laptops, int tablets)
    {
        var classes = await db.DeviceClasses.ToDictionaryAsync(c => c.Code, c => c.Id);
        var laptop = new DeviceModel(Laptop, classes["laptop"], "持出用ノートPC", "メーカーA");
        laptop.Pack(("ACアダプター", 1, true), ("マウス", 1, false));
        db.AddRange(laptop, new DeviceModel(Tablet, classes["tablet"], "会議用iPad"));
        db.AddRange(new Pool(Laptops, portal.Town.MainOffice, Laptop), new Pool(Tablets, portal.Town.MainOffice, Tablet), new Pool(GeihokuLaptops, portal.Town.Geihoku, Laptop));
        for (var i = 1; i <= laptops; i++) LaptopIds.Add(Add(db, $"PC-{i:000}", Laptop, Laptops));
        for (var i = 1; i <= tablets; i++) TabletIds.Add(Add(db, $"iPad-{i:000}", Tablet, Tablets));
        Add(db, "PC-901", Laptop, GeihokuLaptops);

        var agreement = new AgreementVersion("端末持出誓約書", "次のことを守ります。", ["laptop"], null, new DateOnly(2026, 4, 1));
        db.Add(agreement);
        foreach (var person in new[] { portal.Town.Sato, portal.Town.Suzuki, portal.Town.GeneralHead, portal.Town.Tanaka })
        {
            db.Add(agreement.SignedBy(person, portal.Clock.GetUtcNow()));
            db.Add(new TrainingRecord(person, "情報セキュリティ研修", new DateOnly(2026, 4, 1), new DateOnly(2027, 3, 31)));
        }
    }

    public static DeviceId Add(PortalDb db, string label, DeviceModelId model, PoolId pool)
    {
        var device = new Device(DeviceId.New(), label, model, pool);
        device.Check(new Compliance(true, new DateOnly(2026, 4, 1), new DateOnly(2026, 4, 5), true, At("2026-04-01T09:00"), "窓口"));
        db.Add(device);
        return device.Id;
    }
}
