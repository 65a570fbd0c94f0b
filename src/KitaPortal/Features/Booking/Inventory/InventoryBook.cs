using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Devices;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Inventory;

/// <summary>台帳: devices, models and pools are registered and changed here, for pages and programs alike.</summary>
public sealed class InventoryBook(PortalDb db, Reserving reserving, TimeProvider clock)
{
    public Task<Device> RegisterAsync(DeviceId id, DeviceForm form, CancellationToken ct) => SaveAsync(id, form, isNew: true, ct);

    public Task<Device> ChangeAsync(DeviceId id, DeviceForm form, CancellationToken ct) => SaveAsync(id, form, isNew: false, ct);

    private Task<Device> SaveAsync(DeviceId id, DeviceForm form, bool isNew, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var (now, label, office, model) = (clock.GetUtcNow(), form.Label.Trim(), form.OfficeId!.Value, form.ModelId!.Value);
        await RefuseUnknownAsync(office, model, ct);
        var pool = await Transferring.PoolAtAsync(db, office, model, ct);
        // A travelling device may be promised at both offices.
        var pools = await db.Transfers.Where(t => t.DeviceId == id && (t.State == TransferState.Planned || t.State == TransferState.Sent)).Select(t => t.ToPoolId).ToListAsync(ct);
        if (!isNew) pools.Add(await db.Devices.Where(d => d.Id == id).Select(d => (PoolId?)d.PoolId).SingleOrDefaultAsync(ct) ?? throw new NotHereException());
        await reserving.OpenAsync([.. pools.Append(pool).Distinct()], now, ct);

        var device = isNew ? new Device(id, label, model, pool) : await db.Devices.SingleAsync(d => d.Id == id, ct);
        if (isNew) db.Add(device);
        else db.ChangeFrom(device, form.Version);
        var from = !isNew && device.IsLendable ? (PoolId?)device.PoolId : null;
        Demand.All(
            await db.Devices.AnyAsync(d => d.Label == label && d.Id != id, ct) ? InventoryRules.SameLabel.With(label) : null,
            device.PoolId != pool && await HasOpenLinesAsync(id, now, ct) ? DeviceRules.Elsewhere.Text.On("Form.OfficeId", device.Label, "別の庁舎") : null,
            form.Status == DeviceStatus.Retired && device.Status != DeviceStatus.Retired ? await Retiring.BrokenAsync(db, device, ct) : null);
        device.Relabel(label);
        device.MoveTo(pool, model);
        device.Identify(form.Serial, device.OtherCodes, device.SimIccid, device.PhoneNumber, form.Note);
        device.SetStatus(form.Status!.Value, "台帳の変更");
        var found = device.Compliance with { Encrypted = form.Encrypted, MdmEnrolled = form.MdmEnrolled, PatchedOn = form.PatchedOn, AntivirusOn = form.AntivirusOn };
        if (form.Checked || found != device.Compliance) device.Check(found with { CheckedAt = now, Source = "台帳" });
        await db.SaveChangesAsync(ct);
        if (from is not null && !device.IsLendable) await Settling.EmptyAsync(db, device, now, ct);
        else if (device.IsLendable && from != device.PoolId) await Settling.GiveToWaitingAsync(db, device.PoolId, now, ct);
        return device;
    }, ct);

    /// <summary>What the management of devices (MDM) found; what it does not say stays. A check older than the one that is known is refused with it.</summary>
    public Task<Device> CheckAsync(DeviceId id, CheckForm form, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var (today, at) = (TokyoTime.DayOf(now), form.CheckedAt?.ToUniversalTime() ?? now);
        Demand.All(Future("Form.PatchedOn", form.PatchedOn), Future("Form.AntivirusOn", form.AntivirusOn), at > now.AddMinutes(5) ? InventoryRules.FutureCheck.On("Form.CheckedAt", BookingWords.Moment(at)) : null);
        var device = await db.Devices.SingleOrDefaultAsync(d => d.Id == id, ct).OrNotHere();
        if (form.Version is { } seen) db.Entry(device).Property(d => d.Version).OriginalValue = seen;
        var was = device.Compliance;
        if (was.CheckedAt > at) throw new ChangedMeanwhileException(InventoryApi.Answer(was));
        device.Check(was with
        {
            Encrypted = form.Encrypted ?? was.Encrypted,
            MdmEnrolled = form.MdmEnrolled ?? was.MdmEnrolled,
            PatchedOn = form.PatchedOn ?? was.PatchedOn,
            AntivirusOn = form.AntivirusOn ?? was.AntivirusOn,
            CheckedAt = at,
            Source = string.IsNullOrWhiteSpace(form.Source) ? "MDM" : form.Source.Trim(),
        });
        await db.SaveChangesAsync(ct);
        return device;

        Broken? Future(string field, DateOnly? day) => day > today ? InventoryRules.FutureCheck.On(field, JapaneseDate.Long(day.Value)) : null;
    }, ct);

    public Task<DeviceModel> RegisterAsync(DeviceModelId id, ModelForm form, CancellationToken ct) => SaveAsync(id, form, isNew: true, ct);

    public Task<DeviceModel> ChangeAsync(DeviceModelId id, ModelForm form, CancellationToken ct) => SaveAsync(id, form, isNew: false, ct);

    private Task<DeviceModel> SaveAsync(DeviceModelId id, ModelForm form, bool isNew, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var (name, classId) = (form.Name.Trim(), form.ClassId!.Value);
        var (set, unread) = AccessoryText.Read(form.Accessories);
        BadInput.Refuse(
        [
            .. unread is null ? [] : new[] { ("Form.Accessories", $"「{unread}」を読み取れません。「ACアダプター×1 必須」のように、1行に1つ書いてください。") },
            .. await db.DeviceClasses.AnyAsync(c => c.Id == classId, ct) ? [] : new[] { ("Form.ClassId", "その区分はありません。") },
        ]);
        var model = isNew ? new DeviceModel(id, classId, name, Blank(form.Maker)) : await db.DeviceModels.Include(m => m.Accessories).SingleOrDefaultAsync(m => m.Id == id, ct).OrNotHere();
        if (isNew) db.Add(model);
        else db.ChangeFrom(model, form.Version);
        Demand.All(await db.DeviceModels.AnyAsync(m => m.ClassId == model.ClassId && m.Name == name && m.Id != id, ct) ? InventoryRules.SameModel.On("Form.Name", name) : null);
        model.Describe(name, Blank(form.Maker), Blank(form.Guide), form.RetiredOn);
        model.Pack(set);
        await db.SaveChangesAsync(ct);
        return model;
    }, ct);

    /// <summary>Makes the pool of a model at an office before there is a device in it.</summary>
    public Task<Pool> MakeAsync(PoolId id, OfficeId office, DeviceModelId model, PoolForm form, CancellationToken ct) => db.WriteAsync(async () =>
    {
        await RefuseUnknownAsync(office, model, ct);
        var pool = new Pool(id, office, model);
        db.Add(pool);
        await OpenAsync(pool, form, ct);
        await db.SaveChangesAsync(ct);
        return pool;
    }, ct);

    /// <summary>Says whom a pool is open to, with shares, and whether the desk is needed.</summary>
    public Task<Pool> OpenAsync(PoolId id, PoolForm form, CancellationToken ct) => db.WriteAsync(async () =>
    {
        await db.LockAsync<Pool>([id.Value], ct);
        var pool = await db.Pools.Include(p => p.OpenTo).SingleOrDefaultAsync(p => p.Id == id, ct).OrNotHere();
        db.ChangeFrom(pool, form.Version);
        await OpenAsync(pool, form, ct);
        await db.SaveChangesAsync(ct);
        return pool;
    }, ct);

    private async Task OpenAsync(Pool pool, PoolForm form, CancellationToken ct)
    {
        var openings = form.Openings.Where(o => !string.IsNullOrEmpty(o.Who)).Select(o => o.Read()).ToList();
        if (openings.Contains(null) || openings.Distinct().Count() < openings.Count) throw new BadInputException([("Form.Openings[0].Who", "所属または役割を、1行に1つずつ選んでください。")]);
        var departments = openings.Select(o => o!.Value.Department).OfType<DepartmentId>().ToList();
        if (await db.Departments.CountAsync(d => departments.Contains(d.Id), ct) < departments.Distinct().Count()) throw new BadInputException([("Form.Openings[0].Who", "その所属はありません。")]);
        pool.SetSelfService(form.SelfService);
        pool.OpenOnlyTo(openings.Select(o => o!.Value));
    }

    private Task RefuseUnknownAsync(OfficeId office, DeviceModelId model, CancellationToken ct) => RefuseUnknownAsync(db, office, model, null, null, ct);

    /// <summary>A page offers what there is; a program may name anything.</summary>
    internal static async Task RefuseUnknownAsync(PortalDb db, OfficeId? office, DeviceModelId? model, DeviceClassId? kind, string? kindCode, CancellationToken ct) => BadInput.Refuse(
    [
        .. office is null || await db.Offices.AnyAsync(o => o.Id == office, ct) ? [] : new[] { ("Form.OfficeId", "その庁舎はありません。") },
        .. model is null || await db.DeviceModels.AnyAsync(m => m.Id == model, ct) ? [] : new[] { ("Form.ModelId", "その機種はありません。") },
        .. kind is null || await db.DeviceClasses.AnyAsync(c => c.Id == kind, ct) ? [] : new[] { ("Form.ClassId", "その区分はありません。") },
        .. string.IsNullOrEmpty(kindCode) || await db.DeviceClasses.AnyAsync(c => c.Code == kindCode, ct) ? [] : new[] { ("Form.ClassCode", "その区分はありません。") },
    ]);

    // A device that is out or promised stays in its pool until a transfer.
    private Task<bool> HasOpenLinesAsync(DeviceId device, DateTimeOffset now, CancellationToken ct)
        => db.Occupancies.AnyAsync(o => o.DeviceId == device && o.Active && o.To > now, ct);

    internal static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>What a check of a device found; days are Tokyo days, what is empty stays as it is.</summary>
public sealed class CheckForm
{
    /// <summary>The version of the device that was read; empty writes whatever the version.</summary>
    public int? Version { get; set; }

    public bool? Encrypted { get; set; }

    public bool? MdmEnrolled { get; set; }

    public DateOnly? PatchedOn { get; set; }

    public DateOnly? AntivirusOn { get; set; }

    /// <summary>When it was checked, with its offset; empty is now.</summary>
    public DateTimeOffset? CheckedAt { get; set; }

    [StringLength(40, ErrorMessage = "40字までで入力してください。")]
    public string? Source { get; set; }
}
