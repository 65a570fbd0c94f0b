using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Life;

/// <summary>取消: gives up all or some places; says before what becomes of the hours.</summary>
public sealed class CancelPage(PortalDb db, Reserving reserving, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public BookingId Id { get; set; }

    [BindProperty]
    public CancelForm Form { get; set; } = new();

    /// <summary>A line that may be given up.</summary>
    public sealed record Row(BookingLineId Id, string Model, string? Label, DateTimeOffset From, DateTimeOffset To, LineStatus Status);

    public Booking Booking { get; private set; } = null!;

    public IReadOnlyList<Row> Lines { get; private set; } = [];

    /// <summary>After the start an uncollected line is 未受取, not 取消.</summary>
    public bool IsLate { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        Booking = await db.Bookings.AsNoTracking().Include(b => b.Lines).ChangeableBy(me).SingleOrDefaultAsync(b => b.Id == Id, ct).OrNotHere();
        var ids = Booking.Lines.Where(l => l.IsComing).Select(l => l.Id).ToList();
        Lines = await (
            from line in db.BookingLines
            where ids.Contains(line.Id)
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join device in db.Devices on line.DeviceId equals device.Id into devices
            from device in devices.DefaultIfEmpty()
            orderby model.Name, device.Label
            select new Row(line.Id, model.Name, device == null ? null : device.Label, line.From, line.To, line.Status)).ToListAsync(ct);
        IsLate = Lines.Any(l => l.From <= now && l.Status is LineStatus.Approved or LineStatus.Ready);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await db.Bookings.ChangeableBy(me).Where(b => b.Id == Id).Select(b => b.Number).SingleOrDefaultAsync(ct).OrNotHere();
        await reserving.CancelAsync(Id, Form.Lines.Count > 0 ? Form.Lines : null, Asker.Of(me), Form.Reason, ct);
        Say("予約を取り消しました。");
        return Redirect($"/booking/{Id}");
    }
}

/// <summary>The form of a cancellation.</summary>
public sealed class CancelForm
{
    /// <summary>Empty: all that are coming.</summary>
    public List<BookingLineId> Lines { get; set; } = [];

    [Display(Name = "理由"), StringLength(1000, ErrorMessage = "1000字までで入力してください。")]
    public string? Reason { get; set; }
}
