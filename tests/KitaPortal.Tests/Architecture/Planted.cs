// Two planted violations that FloorTests must find, so that a silent rule is noticed.
namespace KitaPortal.Planted.Features.Booking
{
    public sealed class PlantedBooking
    {
        public static int Answer() => 42;
    }
}

namespace KitaPortal.Planted.Features.People
{
    public sealed class PeopleLookingUp
    {
        public static int Ask() => Booking.PlantedBooking.Answer();
    }
}

namespace KitaPortal.Planted.Features.Chat
{
    public sealed class ChatLookingSideways
    {
        public Booking.PlantedBooking? Neighbour { get; init; }
    }
}
