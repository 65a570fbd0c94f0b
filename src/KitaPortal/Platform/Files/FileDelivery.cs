using KitaPortal.Data;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace KitaPortal.Platform.Files;

/// <summary>Whose right decides about the files of one kind of record; registered by the feature that owns it.</summary>
/// <param name="MayRead">Asks, for the person of this request, whether they may read the record with this id. Asked on every request.</param>
public sealed record FileOwner(string Kind, Func<IServiceProvider, string, CancellationToken, Task<bool>> MayRead);

public static class FileRegistration
{
    public static IServiceCollection AddFileOwner(this IServiceCollection services, string kind, Func<IServiceProvider, string, CancellationToken, Task<bool>> mayRead)
        => services.AddSingleton(new FileOwner(kind, mayRead));

    public static IServiceCollection AddFiles(this IServiceCollection services)
        => services.AddSingleton<FileStore>().AddRules("添付ファイル", FileRules.All);

    public static void MapFiles(this IEndpointRouteBuilder app) => app.MapGet("/files/{linkId:guid}/{name}", DeliverAsync).ExcludeFromDescription();

    // The name in the address is for people; the stored one counts. Only our own re-encoded images are shown inside pages.
    private static async Task<IResult> DeliverAsync(Guid linkId, string? size, PortalDb db, FileStore store, IEnumerable<FileOwner> owners, HttpContext http, CancellationToken ct)
    {
        var id = FileLinkId.From(linkId);
        var found = (await (from link in db.FileLinks where link.Id == id join file in db.StoredFiles on link.FileId equals file.Id select new { Link = link, File = file })
            .AsNoTracking().SingleOrDefaultAsync(ct)).OrNotHere();
        var owner = owners.SingleOrDefault(o => o.Kind == found.Link.OwnerKind).OrNotHere();
        if (!await owner.MayRead(http.RequestServices, found.Link.OwnerId, ct)) throw new NotHereException();

        var smaller = size switch { "thumbnail" => found.File.ThumbnailSha256, "view" => found.File.ViewSha256, _ => null };
        var disposition = new ContentDispositionHeaderValue(found.File.IsCleanImage ? "inline" : "attachment");
        disposition.SetHttpFileName(found.Link.Name);
        var headers = http.Response.Headers;
        headers.ContentDisposition = disposition.ToString();
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "private, no-cache";
        var sha256 = smaller ?? found.File.Sha256;
        return Results.Stream(store.Open(sha256), smaller is null ? found.File.MediaType : "image/webp",
            entityTag: new EntityTagHeaderValue($"\"{sha256}\""), enableRangeProcessing: true);
    }
}
