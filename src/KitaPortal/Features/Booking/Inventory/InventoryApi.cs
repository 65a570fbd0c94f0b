using KitaPortal.Data;
using KitaPortal.Features.Booking.Devices;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Inventory;

/// <summary>Devices, models and pools as JSON: read by everybody, written by whoever keeps the inventory. Bodies are the forms of the pages.</summary>
internal static class InventoryApi
{
    internal sealed class DeviceBody : DeviceForm
    {
        public new bool? Encrypted { get; set; }

        public new bool? MdmEnrolled { get; set; }

        /// <summary>Without a word about the security check it stays as it was found.</summary>
        public void Keep(Compliance was)
        {
            if (Encrypted is null && MdmEnrolled is null && PatchedOn is null && AntivirusOn is null) (PatchedOn, AntivirusOn) = (was.PatchedOn, was.AntivirusOn);
            (base.Encrypted, base.MdmEnrolled) = (Encrypted ?? was.Encrypted, MdmEnrolled ?? was.MdmEnrolled);
        }

        /// <summary>Made by the client; with PUT the address names the device.</summary>
        public Guid? Id { get; set; }
    }

    internal sealed class ModelBody : ModelForm
    {
        public Guid? Id { get; set; }
    }

    /// <summary>One department or role a pool is open to; <c>share</c> counts devices at a time, empty is no limit.</summary>
    internal sealed record OpeningBody(DepartmentId? DepartmentId = null, Role? Role = null, int? Share = null);

    internal sealed record PoolBody(Guid? Id = null, int? Version = null, OfficeId? OfficeId = null, DeviceModelId? ModelId = null, bool? SelfService = null, IReadOnlyList<OpeningBody>? OpenTo = null)
    {
        public PoolForm ToForm()
        {
            var form = new PoolForm { Version = Version, SelfService = SelfService, Openings = [.. (OpenTo ?? []).Select(o => new OpeningForm { Who = o.DepartmentId is { } d ? $"d{d}" : $"r{o.Role}", Share = o.Share })] };
            BadInput.Refuse(
            [
                .. (OpenTo ?? []).Where(o => o.DepartmentId is null == o.Role is null).Select(_ => ("Form.OpenTo", "departmentId か role のどちらか1つを入力してください。")).Distinct(),
                .. form.Openings.Where(o => o.Share is < 1 or > 999).Select(_ => ("Form.OpenTo", "share は1から999までの数を入力してください。")).Distinct(),
            ]);
            return form;
        }
    }

    /// <summary>How a device stands with the security rules; days are Tokyo days.</summary>
    internal sealed record ComplianceAnswer(bool Encrypted, bool MdmEnrolled, DateOnly? PatchedOn, DateOnly? AntivirusOn, DateTimeOffset? CheckedAt, string? Source);

    /// <param name="IsOut">It is with a borrower now.</param>
    /// <param name="Note">Told to the administrator only.</param>
    internal sealed record DeviceAnswer(DeviceId Id, int Version, string Label, DeviceModelId ModelId, string Model, PoolId PoolId, OfficeId OfficeId, string Office, string? Serial, string Status, string? RecallReason, bool IsOut, ComplianceAnswer Compliance, string? Note);

    internal sealed record AccessoryAnswer(string Name, int Count, bool Required);

    /// <param name="RetiredOn">From this Tokyo day on it is not lent any more.</param>
    internal sealed record ModelAnswer(DeviceModelId Id, int Version, DeviceClassId ClassId, string Name, string? Maker, string? Guide, DateOnly? RetiredOn, IReadOnlyList<AccessoryAnswer> Accessories);

    /// <param name="SelfService">Null: as the class says.</param>
    /// <param name="OpenTo">Empty: everybody.</param>
    internal sealed record PoolAnswer(PoolId Id, int Version, OfficeId OfficeId, DeviceModelId ModelId, bool? SelfService, IReadOnlyList<OpeningBody> OpenTo);

    public static void Map(RouteGroupBuilder booking)
    {
        booking.MapGet("/devices", async (PortalDb db, CurrentStaff me, CancellationToken ct, string? q = null, Guid? pool = null, int? limit = null, int? cursor = null)
            => await DevicesAsync(db, me, db.Devices.Where(d => (q == null || d.Label.Contains(q) || (d.Serial != null && d.Serial.Contains(q))) && (pool == null || d.PoolId == new PoolId(pool.Value))), new Part(limit, cursor), ct))
            .WithSummary("Devices in the order of their labels.").WithDescription("q finds parts of label and serial number. At most limit (50, up to 200) after the first cursor ones.");
        booking.MapGet("/devices/{id:guid}", (Guid id, PortalDb db, CurrentStaff me, CancellationToken ct) => DeviceAsync(db, me, id, ct)).WithSummary("One device with its state and security check.");
        booking.MapPost("/devices", RegisterDeviceAsync).RequireAuthorization(Policies.Admin).Produces<DeviceAnswer>(StatusCodes.Status201Created)
            .WithSummary("Registers a device.").WithDescription("The id is made by the client: the same sent again gives the same device (200), with another body 409. Days are Tokyo days.");
        booking.MapPut("/devices/{id:guid}", ChangeDeviceAsync).RequireAuthorization(Policies.Admin)
            .WithSummary("Changes a device by the version that was read.").WithDescription("Writes all fields but the security check, which stays when nothing is said of it. An older version is 409 with the device as it stands now. Out of service its bookings get other devices.");
        booking.MapPut("/devices/{id:guid}/compliance", CheckAsync).RequireAuthorization(BookingPolicies.Compliance)
            .WithSummary("Writes down what a check of a device found, as the management of devices (MDM) sends it.").WithDescription("What is left out stays. Days are Tokyo days; checkedAt carries its offset and is now when left out. A check older than the known one is 409 with the known one; version may be left out. A desk does it for the devices of its office.");
        booking.MapGet("/models", async (PortalDb db, CancellationToken ct) => (await db.DeviceModels.AsNoTracking().Include(m => m.Accessories).OrderBy(m => m.Name).ThenBy(m => m.Id).ToListAsync(ct)).Select(Answer)).WithSummary("All models with what travels with each device.");
        booking.MapPost("/models", RegisterModelAsync).RequireAuthorization(BookingPolicies.Inventory).Produces<ModelAnswer>(StatusCodes.Status201Created)
            .WithSummary("Registers a model.").WithDescription("accessories is text, one a line: ACアダプター×1 必須. The id is made by the client.");
        booking.MapPut("/models/{id:guid}", ChangeModelAsync).RequireAuthorization(BookingPolicies.Inventory).WithSummary("Changes a model by the version that was read.").WithDescription("Writes all fields; the class stays. An older version is 409 with the model as it stands now.");
        booking.MapGet("/pools", async (PortalDb db, CancellationToken ct, Guid? office = null)
            => (await db.Pools.AsNoTracking().Include(p => p.OpenTo).Where(p => office == null || p.OfficeId == new OfficeId(office.Value)).OrderBy(p => p.Id).ToListAsync(ct)).Select(Answer)).WithSummary("The pools: the devices of one model at one office, and whom they are open to.");
        booking.MapPost("/pools", MakePoolAsync).RequireAuthorization(BookingPolicies.Inventory).Produces<PoolAnswer>(StatusCodes.Status201Created)
            .WithSummary("Makes the pool of a model at an office.").WithDescription("The id is made by the client. Registering a device makes its pool by itself.");
        booking.MapPut("/pools/{id:guid}", OpenPoolAsync).RequireAuthorization(BookingPolicies.Inventory).WithSummary("Says whom a pool is open to, by the version that was read.").WithDescription("openTo empty is everybody; share counts devices at a time. An older version is 409 with the pool as it stands now.");
    }

    private static async Task<IResult> RegisterDeviceAsync(DeviceBody body, PortalDb db, InventoryBook inventory, CurrentStaff me, CancellationToken ct)
    {
        var id = Writing.Id(body.Id);
        BadInput.Check(body);
        body.Keep(new Compliance());
        return await db.WriteAsync(async () =>
        {
            if (await db.Devices.AnyAsync(d => d.Id == new DeviceId(id), ct))
                return await DeviceAsync(db, me, id, ct) is var there && (there.Label, there.ModelId, there.OfficeId, there.Serial, there.Status, there.Note) == (body.Label.Trim(), body.ModelId, body.OfficeId, body.Serial, $"{body.Status}", body.Note) ? Results.Ok(there) : throw BookingRules.SameIdOtherBody();
            await inventory.RegisterAsync(new DeviceId(id), body, ct);
            return Results.Created($"/api/v1/booking/devices/{id}", await DeviceAsync(db, me, id, ct));
        }, ct);
    }

    private static Task<DeviceAnswer> ChangeDeviceAsync(Guid id, DeviceBody body, PortalDb db, InventoryBook inventory, CurrentStaff me, CancellationToken ct) => db.OrPresentAsync(async () =>
    {
        BadInput.Check(body, Writing.Missing(body.Version));
        body.Keep((await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == new DeviceId(id), ct).OrNotHere()).Compliance);
        await inventory.ChangeAsync(new DeviceId(id), body, ct);
        return await DeviceAsync(db, me, id, ct);
    }, () => DeviceAsync(db, me, id, ct));

    private static Task<DeviceAnswer> CheckAsync(Guid id, CheckForm body, PortalDb db, InventoryBook inventory, CurrentStaff me, HttpContext http, IAuthorizationService rights, CancellationToken ct) => db.OrPresentAsync(async () =>
    {
        if (!(await rights.AuthorizeAsync(http.User, BookingPolicies.Eligibility)).Succeeded && !me.IsDeskOf((await DeviceAsync(db, me, id, ct)).OfficeId)) throw new NotHereException();
        BadInput.Check(body);
        await inventory.CheckAsync(new DeviceId(id), body, ct);
        return await DeviceAsync(db, me, id, ct);
    }, () => DeviceAsync(db, me, id, ct));

    private static async Task<IResult> RegisterModelAsync(ModelBody body, PortalDb db, InventoryBook inventory, CancellationToken ct)
    {
        var id = new DeviceModelId(Writing.Id(body.Id));
        BadInput.Check(body);
        return await db.WriteAsync(async () =>
        {
            if (await db.DeviceModels.AsNoTracking().Include(m => m.Accessories).SingleOrDefaultAsync(m => m.Id == id, ct) is { } there)
                return (there.ClassId, there.Name, there.Maker, there.Guide, there.RetiredOn) == (body.ClassId, body.Name.Trim(), InventoryBook.Blank(body.Maker), InventoryBook.Blank(body.Guide), body.RetiredOn)
                    && there.Accessories.OrderBy(a => a.SortOrder).Select(a => (a.Name, a.Count, a.Required)).SequenceEqual(AccessoryText.Read(body.Accessories).Set) ? Results.Ok(Answer(there)) : throw BookingRules.SameIdOtherBody();
            return Results.Created($"/api/v1/booking/models/{id}", Answer(await inventory.RegisterAsync(id, body, ct)));
        }, ct);
    }

    private static Task<ModelAnswer> ChangeModelAsync(Guid id, ModelBody body, PortalDb db, InventoryBook inventory, CancellationToken ct) => db.OrPresentAsync(async () =>
    {
        BadInput.Check(body, Writing.Missing(body.Version));
        return Answer(await inventory.ChangeAsync(new DeviceModelId(id), body, ct));
    }, async () => Answer(await db.DeviceModels.AsNoTracking().Include(m => m.Accessories).SingleAsync(m => m.Id == new DeviceModelId(id), ct)));

    private static async Task<IResult> MakePoolAsync(PoolBody body, PortalDb db, InventoryBook inventory, CancellationToken ct)
    {
        var id = new PoolId(Writing.Id(body.Id));
        BadInput.Refuse([.. body.OfficeId is null ? [("Form.OfficeId", "庁舎を選んでください。")] : Array.Empty<(string, string)>(), .. body.ModelId is null ? [("Form.ModelId", "機種を選んでください。")] : Array.Empty<(string, string)>()]);
        var form = body.ToForm();
        return await db.WriteAsync(async () =>
        {
            if (await db.Pools.AsNoTracking().Include(p => p.OpenTo).SingleOrDefaultAsync(p => p.Id == id, ct) is { } there)
                return (there.OfficeId, there.ModelId, there.SelfService) == (body.OfficeId, body.ModelId, body.SelfService) && there.OpenTo.Select(o => new OpeningBody(o.DepartmentId, o.Role, o.ShareDevices)).ToHashSet().SetEquals(body.OpenTo ?? []) ? Results.Ok(Answer(there)) : throw BookingRules.SameIdOtherBody();
            return Results.Created($"/api/v1/booking/pools/{id}", Answer(await inventory.MakeAsync(id, body.OfficeId!.Value, body.ModelId!.Value, form, ct)));
        }, ct);
    }

    private static Task<PoolAnswer> OpenPoolAsync(Guid id, PoolBody body, PortalDb db, InventoryBook inventory, CancellationToken ct) => db.OrPresentAsync(async () =>
    {
        BadInput.Refuse([.. Writing.Missing(body.Version), .. body.OpenTo is null ? [("Form.OpenTo", "貸出先を付けてください。だれでも借りられるときは、空の一覧にします。")] : Array.Empty<(string, string)>()]);
        return Answer(await inventory.OpenAsync(new PoolId(id), body.ToForm(), ct));
    }, async () => Answer(await db.Pools.AsNoTracking().Include(p => p.OpenTo).SingleAsync(p => p.Id == new PoolId(id), ct)));

    private static async Task<DeviceAnswer> DeviceAsync(PortalDb db, CurrentStaff me, Guid id, CancellationToken ct)
        => (await DevicesAsync(db, me, db.Devices.Where(d => d.Id == new DeviceId(id)), new Part(1, 0), ct)).SingleOrDefault().OrNotHere();

    private static async Task<IReadOnlyList<DeviceAnswer>> DevicesAsync(PortalDb db, CurrentStaff me, IQueryable<Device> devices, Part part, CancellationToken ct)
    {
        var loans = db.Loans.Where(l => l.InAt == null);
        var rows = await (
            from device in devices.AsNoTracking()
            join pool in db.Pools on device.PoolId equals pool.Id
            join model in db.DeviceModels on device.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            orderby device.Label
            select new { device, Model = model.Name, pool.OfficeId, Office = office.Name, IsOut = loans.Any(l => l.DeviceId == device.Id) }).Skip(part.Skip).Take(part.Take).ToListAsync(ct);
        return [.. rows.Select(r => new DeviceAnswer(r.device.Id, r.device.Version, r.device.Label, r.device.ModelId, r.Model, r.device.PoolId, r.OfficeId, r.Office, r.device.Serial,
            r.device.Status.ToString(), r.device.RecallReason, r.IsOut, Answer(r.device.Compliance), me.Is(Role.Admin) ? r.device.Note : null))];
    }

    internal static ComplianceAnswer Answer(Compliance c) => new(c.Encrypted, c.MdmEnrolled, c.PatchedOn, c.AntivirusOn, c.CheckedAt, c.Source);

    private static ModelAnswer Answer(DeviceModel m) => new(m.Id, m.Version, m.ClassId, m.Name, m.Maker, m.Guide, m.RetiredOn, [.. m.Accessories.OrderBy(a => a.SortOrder).Select(a => new AccessoryAnswer(a.Name, a.Count, a.Required))]);

    private static PoolAnswer Answer(Pool p) => new(p.Id, p.Version, p.OfficeId, p.ModelId, p.SelfService, [.. p.OpenTo.Select(o => new OpeningBody(o.DepartmentId, o.Role, o.ShareDevices))]);
}
