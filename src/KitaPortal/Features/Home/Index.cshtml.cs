using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Home;

/// <summary>The first page: what waits for this person today.</summary>
public sealed class IndexPage(CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>Whose page this is.</summary>
    public CurrentStaff Me => me;

    /// <summary>Today in Tokyo.</summary>
    public DateOnly Today { get; } = clock.Today();
}
