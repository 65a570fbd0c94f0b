using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Chat;

/// <summary>Membership by posting: the stays of 所属 and 連絡 channels follow the postings, the coming ones too, so that the switch on 1 April needs nobody at midnight.</summary>
internal sealed class RuleStays(PortalDb db, TimeProvider clock) : IHandle<PostingsChanged>
{
    /// <summary>A posting as the rule sees it.</summary>
    private sealed record Term(DateTimeOffset From, DateTimeOffset? Until, ChannelRole Role)
    {
        public bool Covers(DateTimeOffset moment) => From <= moment && (Until is null || moment < Until);
    }

    public async Task HandleAsync(PostingsChanged happened, CancellationToken ct)
    {
        var ids = await db.Channels.Where(c => c.Kind == ChannelKind.Announcement || c.Kind == ChannelKind.Department).Select(c => c.Id).ToListAsync(ct);
        if (ids.Count == 0) return;
        await db.LockAsync<Channel>(ids.Select(i => i.Value), ct);
        await FitAsync(db, await db.Channels.Where(c => ids.Contains(c.Id)).ToListAsync(ct), happened.StaffId, clock.GetUtcNow(), ct);
    }

    /// <summary>Makes the stays of the channels, whose rows the caller holds, say what the postings say.</summary>
    /// <param name="only">One person; null everybody.</param>
    public static async Task FitAsync(PortalDb db, IReadOnlyList<Channel> channels, StaffId? only, DateTimeOffset now, CancellationToken ct)
    {
        var today = TokyoTime.DayOf(now);
        var units = (await db.DepartmentTerms.AsNoTracking().ToListAsync(ct)).ToLookup(t => t.DepartmentId);
        var postings = (await db.Postings.AsNoTracking()
            .Where(p => (only == null || p.StaffId == only) && (p.To == null || p.To > today))
            .Join(db.Posts, p => p.PostId, p => p.Id, (p, post) => new { p.StaffId, p.DepartmentId, p.From, p.To, post.IsHead }).ToListAsync(ct)).ToLookup(p => p.StaffId);
        var ids = channels.Select(c => c.Id).ToList();
        var stays = (await db.Stays.Where(s => ids.Contains(s.ChannelId) && (only == null || s.StaffId == only) && (s.Until == null || s.Until > now)).ToListAsync(ct)).ToLookup(s => (s.ChannelId, s.StaffId));
        foreach (var channel in channels)
        {
            foreach (var person in postings.Select(p => p.Key).Union(stays.Where(s => s.Key.ChannelId == channel.Id).Select(s => s.Key.StaffId)).ToList())
            {
                var terms = from posting in postings[person]
                            from span in Within(units, posting.DepartmentId, channel.DepartmentId, posting.From, posting.To)
                            let leads = posting.IsHead && posting.DepartmentId == channel.DepartmentId
                            select new Term(TokyoTime.Midnight(span.From), span.To is { } to ? TokyoTime.Midnight(to) : null, leads ? ChannelRole.Owner : ChannelRole.Member);
                Fit(db, channel, person, [.. terms], [.. stays[(channel.Id, person)]], now);
            }
        }
    }

    // The days on which a department is, or stands below, the one whose channel it is; null is the whole town.
    private static IEnumerable<(DateOnly From, DateOnly? To)> Within(ILookup<DepartmentId, DepartmentTerm> units, DepartmentId department, DepartmentId? wanted, DateOnly from, DateOnly? to)
    {
        if (wanted is null || department == wanted) return [(from, to)];
        return units[department].Where(t => t.ParentId is not null && (t.To is null || t.To > from) && (to is null || t.From < to))
            .SelectMany(t => Within(units, t.ParentId!.Value, wanted, t.From > from ? t.From : from, t.To is { } end && (to is null || end < to) ? end : to));
    }

    private static void Fit(PortalDb db, Channel channel, StaffId person, List<Term> terms, List<Stay> stays, DateTimeOffset now)
    {
        var wanted = Wanted(terms, [.. stays.Where(s => !s.ByRule)], now);
        var present = stays.SingleOrDefault(s => s.ByRule && s.Covers(now));
        foreach (var ahead in stays.Where(s => s.ByRule && s.From > now))
        {
            if (wanted.FirstOrDefault(w => w.From == ahead.From && w.Role == ahead.Role) is not { } same) db.Remove(ahead);
            else
            {
                wanted.Remove(same);
                if (ahead.Until != same.Until) ahead.End(same.Until);
            }
        }
        var goesOn = wanted.FirstOrDefault(w => w.Covers(now));
        if (present is not null && goesOn?.Role == present.Role)
        {
            wanted.Remove(goesOn);
            if (present.Until != goesOn.Until) present.End(goesOn.Until);
            goesOn = null;
        }
        else
        {
            present?.End(now);
        }
        db.AddRange(wanted.Select(w => new Stay(channel.Id, person, w.Role, true, w.From, w.Until, null)));
        if (goesOn is not null) channel.MembersChanged("channel.joined", person, goesOn.Role);
        else if (present is not null && !present.Covers(now)) channel.MembersChanged("channel.left", person, null);
    }

    /// <summary>From now on: the best role of all postings at each moment, but for times the person is here by hand.</summary>
    private static List<Term> Wanted(List<Term> terms, List<Stay> byHand, DateTimeOffset now)
    {
        var cuts = terms.SelectMany(t => new[] { t.From, t.Until }).Concat(byHand.SelectMany(s => new[] { s.From, s.Until })).OfType<DateTimeOffset>().Where(c => c > now).Append(now).Distinct().Order().ToList();
        var wanted = new List<Term>();
        foreach (var (i, from) in cuts.Index())
        {
            DateTimeOffset? until = i + 1 < cuts.Count ? cuts[i + 1] : null;
            var roles = terms.Where(t => t.Covers(from)).Select(t => t.Role).ToList();
            if (roles.Count == 0 || byHand.Any(s => s.Covers(from))) continue;
            var role = roles.Max();
            if (wanted.LastOrDefault() is { } last && last.Until == from && last.Role == role) wanted[^1] = last with { Until = until };
            else wanted.Add(new Term(from, until, role));
        }
        return wanted;
    }
}
