using KitaPortal.Data;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace KitaPortal.Platform.Mail;

/// <summary>Takes a finished message out of the house.</summary>
public interface IMailCarrier
{
    Task CarryAsync(MimeMessage message, CancellationToken ct);
}

/// <summary>Hands messages to the town's mail server.</summary>
internal sealed class SmtpCarrier(IOptionsMonitor<MailOptions> options) : IMailCarrier
{
    public async Task CarryAsync(MimeMessage message, CancellationToken ct)
    {
        var mail = options.CurrentValue;
        using var smtp = new SmtpClient { Timeout = 30_000 };
        await smtp.ConnectAsync(mail.Host, mail.Port, mail.Security switch
        {
            MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
            MailSecurity.StartTls => SecureSocketOptions.StartTls,
            _ => SecureSocketOptions.None,
        }, ct);
        if (mail.User.Length > 0) await smtp.AuthenticateAsync(mail.User, mail.Password, ct);
        await smtp.SendAsync(message, ct);
        try
        {
            await smtp.DisconnectAsync(quit: true, ct);
        }
        catch (Exception e) when (e is IOException or SmtpProtocolException)
        {
            // The server has taken the message; how it hangs up changes nothing.
        }
    }
}

/// <summary>Lays messages as .eml files into a folder: for evaluation, and for a mail program that collects them.</summary>
internal sealed class PickUpCarrier(IOptions<DataOptions> data) : IMailCarrier
{
    public async Task CarryAsync(MimeMessage message, CancellationToken ct)
    {
        var folder = Directory.CreateDirectory(Path.Combine(data.Value.Folder, "mail")).FullName;
        var name = message.MessageId!.Split('@')[0];
        var work = Path.Combine(folder, $".{name}.{Guid.NewGuid():N}.tmp");
        await using (var file = File.Create(work))
        {
            await message.WriteToAsync(file, ct);
            file.Flush(flushToDisk: true);
        }
        File.Move(work, Path.Combine(folder, name + ".eml"), overwrite: true);
    }
}
