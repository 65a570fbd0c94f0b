using System.Text.Json;
using System.Text.Json.Serialization;
using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Platform.Api;

/// <summary>Somebody changed the record after the program had read it; answered as 409 with the record as it stands now.</summary>
public sealed class ChangedMeanwhileException(object present) : Exception("Changed meanwhile.")
{
    public object Present { get; } = present;
}

/// <summary>What every write of a program keeps: ids are made by the client, changes name the version they were made from.</summary>
public static class Writing
{
    /// <summary>The id the client made.</summary>
    public static Guid Id(Guid? id) => id is { } known && known != Guid.Empty ? known : throw new BadInputException([("Form.Id", "id を付けてください。送る側で作るので、2回送っても1件になります。")]);

    /// <summary>The version the client has seen.</summary>
    public static int Version(int? version) => version ?? throw new BadInputException([.. Missing(version)]);

    /// <summary>What is wrong when a change does not name its version.</summary>
    public static IEnumerable<(string, string)> Missing(int? version) => version is null ? [("Form.Version", "読み取ったときの version を付けてください。")] : [];

    /// <summary>The record is changed as it was read in this version; a change of its parts alone counts as well.</summary>
    public static void ChangeFrom<T>(this PortalDb db, T record, int? version) where T : Entity
    {
        var seen = db.Entry(record).Property(r => r.Version);
        (seen.OriginalValue, seen.IsModified) = (Version(version), true);
    }

    /// <summary>Changes a record; when somebody was faster the refusal carries it as it stands now.</summary>
    public static async Task<T> OrPresentAsync<T>(this PortalDb db, Func<Task<T>> change, Func<Task<T>> present) where T : notnull
    {
        try
        {
            return await change();
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            throw new ChangedMeanwhileException(await present());
        }
    }
}

/// <summary>Part of a list: <c>limit</c> rows (1 to 200, 50 unless said), after the first <c>cursor</c> ones.</summary>
public readonly record struct Part(int? Limit, int? Cursor)
{
    public int Take => Math.Clamp(Limit ?? 50, 1, 200);

    public int Skip => Math.Clamp(Cursor ?? 0, 0, 1_000_000);
}

/// <summary>What addresses say.</summary>
public static class Asking
{
    /// <summary>A moment in an address, with its offset as in a body; empty when nothing is said.</summary>
    public static DateTimeOffset? Moment(string field, string? text)
        => string.IsNullOrEmpty(text) ? null
            : DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var at) && MomentJson.HasOffset(text) ? at.ToUniversalTime()
            : throw new BadInputException([($"Form.{field}", "日時を、2026-04-07T09:00:00+09:00 のように時差を付けて入力してください。")]);
}

/// <summary>Moments of programs carry their offset: one without could be read on any clock, so it is refused.</summary>
internal sealed class MomentJson : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        var moment = reader.GetDateTimeOffset();
        var text = reader.GetString()!;
        return HasOffset(text) ? moment : throw new JsonException("A moment needs its offset: 2026-04-07T09:00:00+09:00.");
    }

    public static bool HasOffset(string text) => text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10;

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
