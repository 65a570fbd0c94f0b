using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NetVips;

namespace KitaPortal.Tests.Platform;

/// <summary>Files are what they say, photos tell nothing but what they show, and only who may read the record may read its files.</summary>
public sealed class FileTests
{
    [Fact]
    public async Task A_photo_loses_position_and_every_other_metadata_and_stands_upright()
    {
        await using var portal = await Start();
        var original = Photo(300, 200, withPosition: true);
        using (var before = Image.NewFromBuffer(original)) Assert.Contains(before.GetFields(), f => f.Contains("GPS", StringComparison.Ordinal));

        var link = await Keep(portal, "photo.jpg", original, FileRules.Photo);
        using var sato = await portal.As(portal.Town.Sato);
        var answer = await sato.Http.GetAsync(link.Href);

        var delivered = await answer.Content.ReadAsByteArrayAsync();
        using var after = Image.NewFromBuffer(delivered);
        Assert.DoesNotContain(after.GetFields(), f => f.StartsWith("exif", StringComparison.Ordinal) || f.StartsWith("xmp", StringComparison.Ordinal) || f.StartsWith("iptc", StringComparison.Ordinal));
        Assert.Equal((200, 300), (after.Width, after.Height));
        Assert.DoesNotContain("Exif", Encoding.Latin1.GetString(delivered), StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(portal.DataFolder, "files"), "*", SearchOption.AllDirectories), f => File.ReadAllBytes(f).AsSpan().SequenceEqual(original));
    }

    [Fact]
    public async Task A_photo_has_a_thumbnail_and_a_view_of_the_right_size()
    {
        await using var portal = await Start();
        var link = await Keep(portal, "photo.png", Png(2000, 1000), FileRules.Photo);
        using var sato = await portal.As(portal.Town.Sato);

        using var thumbnail = Image.NewFromBuffer(await sato.Http.GetByteArrayAsync(link.Href + "?size=thumbnail"));
        using var view = Image.NewFromBuffer(await sato.Http.GetByteArrayAsync(link.Href + "?size=view"));

        Assert.Equal((360, 180), (thumbnail.Width, thumbnail.Height));
        Assert.Equal((1600, 800), (view.Width, view.Height));
    }

    public static TheoryData<string, byte[]> Liars => new()
    {
        { "photo.jpg", "<html><script>alert(1)</script></html>"u8.ToArray() },
        { "photo.jpg", Png(10, 10) },
        { "photo.png", "MZ\u0090\0"u8.ToArray() },
        { "photo.exe", Photo(10, 10) },
        { "photo.jpg.html", Photo(10, 10) },
        { "photo", Photo(10, 10) },
        { "photo.heic", Photo(10, 10) },
        { "photo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"u8.ToArray() },
    };

    [Theory, MemberData(nameof(Liars))]
    public async Task A_file_whose_name_and_content_disagree_is_refused(string name, byte[] content)
    {
        await using var portal = await Start();

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Keep(portal, name, content, FileRules.Photo));

        Assert.Equal("upload.type", refused.Broken.Single().Rule.Code);
        Assert.Equal(0, await portal.ReadAsync(db => db.StoredFiles.CountAsync()));
    }

    [Fact]
    public async Task An_image_of_more_than_forty_megapixels_is_refused_before_it_is_unpacked()
    {
        await using var portal = await Start();
        var bomb = Png(10, 10);
        BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(16), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(20), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(29), Crc32(bomb.AsSpan(12, 17)));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Keep(portal, "bomb.png", bomb, FileRules.Photo));

        Assert.Equal("upload.image", refused.Broken.Single().Rule.Code);
    }

    [Fact]
    public async Task Half_an_image_is_refused()
    {
        await using var portal = await Start();
        var whole = Photo(400, 400);

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Keep(portal, "half.jpg", whole[..(whole.Length / 2)], FileRules.Photo));

        Assert.Equal("upload.image", refused.Broken.Single().Rule.Code);
    }

    [Fact]
    public async Task An_office_file_that_unpacks_without_end_is_refused_and_an_honest_one_is_taken()
    {
        await using var portal = await Start();

        await Keep(portal, "表.xlsx", Zip(("[Content_Types].xml", "<Types/>"u8.ToArray())), FileRules.Attachment);
        var bomb = await Assert.ThrowsAsync<RuleViolation>(() => Keep(portal, "表.xlsx", Zip(("[Content_Types].xml", new byte[60_000_000])), FileRules.Attachment));
        var escape = await Assert.ThrowsAsync<RuleViolation>(() => Keep(portal, "表.xlsx", Zip(("[Content_Types].xml", []), ("../../x", [])), FileRules.Attachment));

        Assert.All([bomb, escape], refused => Assert.Equal("upload.archive", refused.Broken.Single().Rule.Code));
    }

    [Fact]
    public async Task Too_large_is_said_with_the_limit_and_every_bad_file_is_named_at_once()
    {
        await using var portal = await Start();

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => portal.InScopeAsync(services => services.GetRequiredService<FileStore>()
            .TakeInAsync([Upload("大.jpg", new byte[15 * 1024 * 1024 + 1]), Upload("偽.png", "x"u8.ToArray())], FileRules.Photo, "Form.Photos", CancellationToken.None)));

        Assert.Equal(["upload.size", "upload.type"], refused.Broken.Select(b => b.Rule.Code));
        Assert.Contains("15MB", refused.Broken[0].Message, StringComparison.Ordinal);
        Assert.All(refused.Broken, b => Assert.Equal("Form.Photos", b.Field));
    }

    [Fact]
    public async Task Only_who_may_read_the_record_gets_its_file_and_nobody_without_sign_in()
    {
        await using var portal = await Start();
        var link = await Keep(portal, "報告.pdf", "%PDF-1.7 x"u8.ToArray(), FileRules.Attachment);
        using var sato = await portal.As(portal.Town.Sato);
        using var suzuki = await portal.As(portal.Town.Suzuki);
        using var nobody = portal.Anonymous();

        Assert.Equal(HttpStatusCode.OK, (await sato.Http.GetAsync(link.Href)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await suzuki.Http.GetAsync(link.Href)).StatusCode);
        Assert.DoesNotContain("%PDF", (await nobody.Get(link.Href)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await sato.Http.GetAsync($"/files/{Guid.NewGuid()}/x.pdf")).StatusCode);
    }

    [Fact]
    public async Task Documents_are_downloads_in_a_sandbox()
    {
        await using var portal = await Start();
        var link = await Keep(portal, "報告.pdf", "%PDF-1.7 x"u8.ToArray(), FileRules.Attachment);
        using var sato = await portal.As(portal.Town.Sato);

        var answer = await sato.Http.GetAsync(link.Href);

        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("報告.pdf", answer.Content.Headers.ContentDisposition.FileNameStar);
        Assert.Equal("sandbox; default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task The_same_content_is_kept_once_even_when_handed_in_at_the_same_time()
    {
        await using var portal = await Start();

        var links = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Keep(portal, $"{i}.pdf", "%PDF-1.7 same"u8.ToArray(), FileRules.Attachment)));

        Assert.Single(links.Select(l => l.FileId).Distinct());
        Assert.Equal(6, await portal.ReadAsync(db => db.FileLinks.CountAsync()));
        Assert.Empty(Directory.GetFiles(Path.Combine(portal.DataFolder, "files", "work")));
    }

    [Theory]
    [InlineData("..\\..\\etc\\passwd.txt", "passwd.txt")]
    [InlineData("a/b/写真.jpg", "写真.jpg")]
    [InlineData("CON.txt", "_CON.txt")]
    [InlineData("report\u202Egpj.exe", "reportgpj.exe")]
    [InlineData("a\r\nb.txt", "ab.txt")]
    [InlineData(" . ", "file")]
    [InlineData("カ\u3099.txt", "ガ.txt")]
    [InlineData(".htaccess", "file.htaccess")]
    public void Names_are_made_safe(string given, string safe) => Assert.Equal(safe, SafeName.Of(given));

    [Fact]
    public void A_long_name_keeps_its_extension() => Assert.Equal((SafeName.Longest, ".jpg"), (SafeName.Of(new string('あ', 300) + ".jpg").Length, Path.GetExtension(SafeName.Of(new string('あ', 300) + ".jpg"))));

    private static Task<PortalHost> Start() => PortalHost.StartAsync(null, builder => builder.Services.AddFileOwner("test",
        (services, ownerId, _) => Task.FromResult(services.GetRequiredService<KitaPortal.Features.People.Roles.CurrentStaff>().Id.ToString() == ownerId)));

    private static async Task<FileLink> Keep(PortalHost portal, string name, byte[] content, FileRules rules)
    {
        var taken = await portal.InScopeAsync(services => services.GetRequiredService<FileStore>().TakeInAsync([Upload(name, content)], rules, "Form.File", CancellationToken.None));
        return await portal.WriteAsync(db =>
        {
            var link = new FileLink(taken.Single(), "test", portal.Town.Sato.ToString(), portal.Town.Sato, portal.Clock.GetUtcNow());
            db.Add(link);
            return Task.FromResult(link);
        });
    }

    private static FormFile Upload(string name, byte[] content) => new(new MemoryStream(content), 0, content.Length, "file", name);

    private static byte[] Photo(int width, int height, bool withPosition = false)
    {
        using var plain = (Image.Gaussnoise(width, height) + new double[] { 0, 20, 40 }).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        if (!withPosition) return plain.JpegsaveBuffer();
        using var tagged = plain.Mutate(m =>
        {
            m.Set(GValue.GStrType, "exif-ifd3-GPSLatitude", "34/1 40/1 0/1 (34, 40, 0, Rational, 3 components, 24 bytes)");
            m.Set(GValue.GStrType, "exif-ifd0-Model", "Phone (Phone, ASCII, 6 components, 6 bytes)");
            m.Set(GValue.GIntType, "orientation", 6);
        });
        return tagged.JpegsaveBuffer();
    }

    private static byte[] Png(int width, int height)
    {
        using var plain = Image.Black(width, height, bands: 3);
        return plain.PngsaveBuffer();
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }
        return ~crc;
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var stream = zip.CreateEntry(name).Open();
                stream.Write(content);
            }
        }
        return memory.ToArray();
    }
}
