namespace KitaPortal.Features.Shared;

/// <summary>The head of a printed page.</summary>
/// <param name="Title">What it is.</param>
/// <param name="AsOf">The moment it is true for, as shown.</param>
/// <param name="By">Who printed it.</param>
/// <param name="Number">Its number in the register.</param>
/// <param name="Hash">The short hash of its content.</param>
public sealed record PrintHead(string Title, string AsOf, string By, string? Number = null, string? Hash = null);
