using KitaPortal.Platform.Web;
using Microsoft.Extensions.Options;

namespace KitaPortal.Platform.Mail;

/// <summary>Sends letters the way this installation is set up.</summary>
public sealed class Postman(IOptionsMonitor<MailOptions> mail, IOptionsMonitor<ServerOptions> server, IOptionsMonitor<TownOptions> town, IServiceProvider services, TimeProvider clock)
{
    public string From => mail.CurrentValue.From;

    public string FromName => $"{town.CurrentValue.Name} 職員ポータル";

    public async Task SendAsync(Letter letter, CancellationToken ct)
    {
        using var message = LetterPress.Print(letter, From, FromName, server.CurrentValue.PublicUrl, clock.GetUtcNow());
        await services.GetRequiredKeyedService<IMailCarrier>(mail.CurrentValue.Mode).CarryAsync(message, ct);
    }
}

public static class MailRegistration
{
    public static IServiceCollection AddMail(this IServiceCollection services)
    {
        services.AddOptions<MailOptions>().BindConfiguration("Mail").ValidateDataAnnotations()
            .Validate(m => m.Mode != MailMode.Smtp || m.Host.Length > 0, "Mail:Host がありません。Mail:Mode が Smtp のときは、メールサーバーの名前が必要です。").ValidateOnStart();
        services.AddKeyedSingleton<IMailCarrier, PickUpCarrier>(MailMode.PickUp);
        services.AddKeyedSingleton<IMailCarrier, SmtpCarrier>(MailMode.Smtp);
        return services.AddSingleton<Postman>();
    }
}
