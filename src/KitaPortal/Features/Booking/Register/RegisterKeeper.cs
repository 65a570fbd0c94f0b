using KitaPortal.Data;
using KitaPortal.Features.Booking.Incidents;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Register;

/// <summary>Writes the lending register in the same transaction as the act it tells of.</summary>
internal sealed class RegisterKeeper(PortalDb db, TimeProvider clock) : IHandle<HandedOver>, IHandle<TakenBack>, IHandle<LineExtended>, IHandle<IncidentReported>
{
    public async Task HandleAsync(HandedOver happened, CancellationToken ct)
    {
        var loans = happened.LoanIds;
        var rows = await (
            from loan in db.Loans
            where loans.Contains(loan.Id)
            join line in db.BookingLines on loan.LineId equals line.Id
            join device in db.Devices on loan.DeviceId equals device.Id
            join model in db.DeviceModels on device.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            join act in db.HandOvers on loan.HandOverId equals act.Id
            select new { loan, line, device, Model = model.Name, Maker = model.Maker, kind, act.ClerkId }).AsNoTracking().ToListAsync(ct);
        var booking = await db.Bookings.AsNoTracking().SingleAsync(b => b.Id == happened.BookingId, ct);
        var permission = booking.IsOutside ? await db.TakeOutPermissions.AsNoTracking().Where(p => p.BookingId == booking.Id && p.RevokedAt == null).OrderByDescending(p => p.DecidedAt).FirstOrDefaultAsync(ct) : null;
        var day = TokyoTime.DayOf(rows.Min(r => r.loan.OutAt));
        var names = await NamesAsync([booking.BorrowerId, booking.ResponsibleId, .. rows.SelectMany(r => new[] { r.ClerkId, r.loan.ReceivedBy }), .. permission?.DecidedBy is { } d ? [d] : Array.Empty<StaffId>()], ct);
        var department = booking.DepartmentId;
        var place = await (
            from term in db.DepartmentTerms.On(day)
            where term.DepartmentId == department
            select term.Name).FirstOrDefaultAsync(ct) ?? "";
        var borrower = booking.BorrowerId;
        var post = await (
            from posting in db.Postings.On(day)
            where posting.StaffId == borrower
            join p in db.Posts on posting.PostId equals p.Id
            orderby posting.Kind
            select p.Name).FirstOrDefaultAsync(ct) ?? "";
        var signatures = await (
            from signature in db.AgreementSignatures
            where signature.StaffId == borrower
            join text in db.AgreementVersions on signature.AgreementVersionId equals text.Id
            orderby signature.SignedAt descending
            select new { text.Title, text.EffectiveFrom, text.ClassCodes, signature.SignedAt }).AsNoTracking().ToListAsync(ct);
        var training = await db.TrainingRecords.Where(t => t.StaffId == borrower).OrderByDescending(t => t.LastDay).Select(t => new { t.Course, t.CompletedOn }).FirstOrDefaultAsync(ct);
        var permitted = permission?.DecidedBy is { } by ? names[by].Name : null;

        foreach (var row in rows)
        {
            var signed = row.kind.NeedsAgreement ? signatures.FirstOrDefault(s => s.ClassCodes.Length == 0 || s.ClassCodes.Contains(row.kind.Code)) : null;
            var key = new RegisterKey(row.loan.RegisterNo, row.loan.FiscalYear, row.loan.OfficeId, row.loan.RegisterSequence, row.kind.Id, department, borrower, $"{names[borrower].Name} {names[borrower].Number}");
            db.Add(new RegisterEntry(row.loan.Id, RegisterEvent.Out, row.loan.OutAt, key, new ToldOut
            {
                Label = row.device.Label,
                Serial = row.device.Serial,
                Model = $"{row.Maker} {row.Model}".Trim(),
                Class = row.kind.Name,
                Set = row.loan.SetOut,
                Borrower = names[borrower].Name,
                StaffNumber = names[borrower].Number,
                Post = post,
                Department = place,
                Responsible = names[booking.ResponsibleId].Name,
                ReceivedBy = names[row.loan.ReceivedBy].Name,
                Booking = booking.Number,
                Purpose = Joined(BookingWords.Of(booking.Purpose), booking.PurposeNote),
                Destination = Joined(BookingWords.Of(booking.DestinationKind), booking.DestinationNote),
                Information = BookingWords.Of(booking.InfoClass) + (booking.PersonalData ? "・個人情報あり" : ""),
                PlannedOut = row.line.From,
                PlannedIn = row.line.To,
                Clerk = names[row.ClerkId].Name,
                Basis = permission is not null ? BookingWords.Of(permission.Basis) : booking.IsOutside ? "許可なし" : "不要（町の施設内）",
                PermittedBy = permitted,
                PermittedAt = permission?.DecidedAt,
                Conditions = permission?.Conditions,
                Check = CheckOf(row.device.Compliance),
                Agreement = signed is null ? null : $"{signed.Title}（{JapaneseDate.Short(signed.EffectiveFrom)}版）{JapaneseDate.Short(TokyoTime.DayOf(signed.SignedAt))}",
                Training = row.kind.NeedsTraining && training is not null ? JapaneseDate.Short(training.CompletedOn) : null,
                Remarks = Remarks(booking, row.loan),
            }));
        }
    }

    public async Task HandleAsync(TakenBack happened, CancellationToken ct)
    {
        var loans = happened.LoanIds;
        var rows = await (
            from loan in db.Loans
            where loans.Contains(loan.Id)
            join act in db.TakeBacks on loan.TakeBackId equals (Guid?)act.Id
            join office in db.Offices on act.OfficeId equals office.Id
            select new { loan, act.ClerkId, Office = office.Name }).AsNoTracking().ToListAsync(ct);
        var names = await NamesAsync(rows.SelectMany(r => new[] { r.ClerkId, r.loan.ReturnedBy ?? r.loan.ReceivedBy }), ct);
        var keys = await KeysAsync(loans, ct);
        foreach (var row in rows.Where(r => keys.ContainsKey(r.loan.Id)))
        {
            db.Add(new RegisterEntry(row.loan.Id, RegisterEvent.In, row.loan.InAt!.Value, keys[row.loan.Id], new ToldIn(names[row.ClerkId].Name, names[row.loan.ReturnedBy ?? row.loan.ReceivedBy].Name, row.Office,
                row.loan.SetIn, [.. row.loan.SetOut.Except(row.loan.SetIn)], BookingWords.Of(row.loan.ConditionIn ?? DeviceCondition.Fit), row.loan.Erased, row.loan.NoteIn)));
        }
    }

    public async Task HandleAsync(LineExtended happened, CancellationToken ct)
    {
        var ids = happened.LineIds;
        var rows = await (
            from loan in db.Loans
            where ids.Contains(loan.LineId)
            join line in db.BookingLines on loan.LineId equals line.Id
            select new { loan.Id, line.To, line.Extensions }).ToListAsync(ct);
        var keys = await KeysAsync([.. rows.Select(r => r.Id)], ct);
        foreach (var row in rows.Where(r => keys.ContainsKey(r.Id)))
            db.Add(new RegisterEntry(row.Id, RegisterEvent.Extended, clock.GetUtcNow(), keys[row.Id], new ToldExtended(row.To, row.Extensions)));
    }

    public async Task HandleAsync(IncidentReported happened, CancellationToken ct)
    {
        if (happened.LoanId is not { } loan) return;
        if ((await KeysAsync([loan], ct)).TryGetValue(loan, out var key))
            db.Add(new RegisterEntry(loan, RegisterEvent.Incident, clock.GetUtcNow(), key, new ToldIncident(happened.Number, IncidentWords.Of(happened.Kind))));
    }

    // What left in the same transaction is not saved yet.
    private async Task<Dictionary<LoanId, RegisterKey>> KeysAsync(IReadOnlyList<LoanId> loans, CancellationToken ct)
        => (await db.RegisterEntries.AsNoTracking().Where(e => loans.Contains(e.LoanId) && e.Kind == RegisterEvent.Out).ToListAsync(ct))
            .Concat(db.RegisterEntries.Local.Where(e => loans.Contains(e.LoanId) && e.Kind == RegisterEvent.Out)).DistinctBy(e => e.LoanId)
            .ToDictionary(e => e.LoanId, e => new RegisterKey(e.RegisterNo, e.FiscalYear, e.OfficeId, e.Sequence, e.ClassId, e.DepartmentId, e.BorrowerId, e.Person));

    private async Task<Dictionary<StaffId, (string Name, string Number)>> NamesAsync(IEnumerable<StaffId> people, CancellationToken ct)
    {
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        return people.Distinct().ToDictionary(id => id, id => organisation.Find(id) is { } person ? (person.Name, person.StaffNumber) : ("", ""));
    }

    private static string Joined(string word, string? note) => string.IsNullOrWhiteSpace(note) ? word : $"{word}：{note.Trim().ReplaceLineEndings(" ")}";

    private static string CheckOf(Compliance found)
        => $"暗号化{(found.Encrypted ? "済" : "未確認")}・更新{(found.PatchedOn is { } patched ? JapaneseDate.Short(patched) : "未登録")}・ウイルス対策{(found.AntivirusOn is { } antivirus ? JapaneseDate.Short(antivirus) : "未登録")}";

    private static string? Remarks(Booking booking, Loan loan)
    {
        var said = new List<string>();
        if (!string.IsNullOrWhiteSpace(booking.Overrides)) said.Add("例外：" + booking.Overrides.ReplaceLineEndings("／"));
        if (!string.IsNullOrWhiteSpace(booking.TravelOrderNo)) said.Add($"出張命令 {booking.TravelOrderNo}");
        if (loan.ConditionOut == DeviceCondition.Incomplete) said.Add("付属品不足のまま引渡し");
        return said.Count == 0 ? null : string.Join("　", said);
    }
}
