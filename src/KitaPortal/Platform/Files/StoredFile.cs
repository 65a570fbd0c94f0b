using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Platform.Files;

/// <summary>Content that lies in the file folder under its hash; the same content is kept once, however often it was handed in.</summary>
public sealed class StoredFile
{
    private StoredFile() { }

    public StoredFile(string sha256, long size, string mediaType, DateTimeOffset createdAt)
        => (Id, Sha256, Size, MediaType, CreatedAt) = (Guid.CreateVersion7(), sha256, size, mediaType, createdAt);

    public Guid Id { get; private set; }

    /// <summary>Lower-case hex.</summary>
    public string Sha256 { get; private set; } = "";

    public long Size { get; private set; }

    public string MediaType { get; private set; } = "";

    public int? Width { get; private set; }

    public int? Height { get; private set; }

    /// <summary>WebP of at most 360 pixels; images only.</summary>
    public string? ThumbnailSha256 { get; private set; }

    /// <summary>WebP of at most 1600 pixels; images only.</summary>
    public string? ViewSha256 { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Only images that this program has made anew are shown inside pages.</summary>
    public bool IsCleanImage => ViewSha256 is not null;

    internal void IsImage(int width, int height, string thumbnailSha256, string viewSha256)
        => (Width, Height, ThumbnailSha256, ViewSha256) = (width, height, thumbnailSha256, viewSha256);
}

/// <summary>Names one use of a file.</summary>
public readonly record struct FileLinkId(Guid Value) : ITypedId<FileLinkId>
{
    public static FileLinkId New() => new(Guid.CreateVersion7());

    public static FileLinkId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>A file as one record of a feature holds it: its name there, and whose right decides who may read it.</summary>
public sealed class FileLink
{
    private FileLink() { }

    public FileLink(TakenFile taken, string ownerKind, string ownerId, StaffId uploadedBy, DateTimeOffset at)
        => (Id, FileId, OwnerKind, OwnerId, Name, UploadedBy, CreatedAt) = (FileLinkId.New(), taken.FileId, ownerKind, ownerId, taken.Name, uploadedBy, at);

    public FileLinkId Id { get; private set; }

    public Guid FileId { get; private set; }

    /// <summary>A kind registered with <see cref="FileRegistration.AddFileOwner"/>.</summary>
    public string OwnerKind { get; private set; } = "";

    public string OwnerId { get; private set; } = "";

    public string Name { get; private set; } = "";

    public StaffId UploadedBy { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public string Href => $"/files/{Id}/{Uri.EscapeDataString(Name)}";
}

/// <summary>A file that was taken in and may now be linked to a record.</summary>
public sealed record TakenFile(Guid FileId, string Name);

internal sealed class StoredFileTable : IEntityTypeConfiguration<StoredFile>
{
    public void Configure(EntityTypeBuilder<StoredFile> table)
    {
        table.ToTable("StoredFiles");
        table.Property(f => f.Id).ValueGeneratedNever();
        table.Property(f => f.Sha256).HasMaxLength(64);
        table.Property(f => f.MediaType).HasMaxLength(100);
        table.Property(f => f.ThumbnailSha256).HasMaxLength(64);
        table.Property(f => f.ViewSha256).HasMaxLength(64);
        table.HasIndex(f => f.Sha256).IsUnique();
    }
}

internal sealed class FileLinkTable : IEntityTypeConfiguration<FileLink>
{
    public void Configure(EntityTypeBuilder<FileLink> table)
    {
        table.ToTable("FileLinks");
        table.Property(l => l.Id).ValueGeneratedNever();
        table.Property(l => l.OwnerKind).HasMaxLength(40);
        table.Property(l => l.OwnerId).HasMaxLength(80);
        table.Property(l => l.Name).HasMaxLength(SafeName.Longest);
        table.HasIndex(l => new { l.OwnerKind, l.OwnerId });
        table.HasOne<StoredFile>().WithMany().HasForeignKey(l => l.FileId).OnDelete(DeleteBehavior.Restrict);
    }
}

public static class FileSets
{
    extension(PortalDb db)
    {
        public DbSet<StoredFile> StoredFiles => db.Set<StoredFile>();

        public DbSet<FileLink> FileLinks => db.Set<FileLink>();
    }

    /// <summary>The files of one record.</summary>
    public static IQueryable<FileLink> Of(this IQueryable<FileLink> links, string ownerKind, string ownerId)
        => links.Where(l => l.OwnerKind == ownerKind && l.OwnerId == ownerId);
}
