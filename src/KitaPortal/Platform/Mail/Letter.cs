using System.Net;
using System.Text;
using MimeKit;
using MimeKit.Text;

namespace KitaPortal.Platform.Mail;

/// <summary>One mail to one person, as the portal means it.</summary>
/// <param name="Id">The outbox row; the Message-Id is made from it, so a second sending is recognised.</param>
/// <param name="Link">Own-host path of the page that the mail is about.</param>
/// <param name="Calendar">An iCalendar text that goes along as invitation or cancellation.</param>
public sealed record Letter(Guid Id, string To, string ToName, string Subject, string Body, string Link, LetterCalendar? Calendar = null)
{
    /// <summary>Files that go along.</summary>
    public IReadOnlyList<LetterAttachment> Attachments { get; init; } = [];
}

/// <summary>A file in a mail.</summary>
public sealed record LetterAttachment(string Name, byte[] Content, string MediaType);

/// <summary>iCalendar text with its method, REQUEST or CANCEL.</summary>
public sealed record LetterCalendar(string Method, string Text);

/// <summary>Turns letters into MIME: text and simple HTML, fixed sender, nothing of a person in a header but encoded names.</summary>
public static class LetterPress
{
    public static string MessageId(Guid id, string from) => $"{id:N}@{from[(from.IndexOf('@', StringComparison.Ordinal) + 1)..]}";

    /// <summary>Makes the message. A line break or NUL in a header value is refused, never repaired.</summary>
    public static MimeMessage Print(Letter letter, string from, string fromName, Uri portal, DateTimeOffset at)
    {
        foreach (var value in (string[])[letter.To, letter.ToName, letter.Subject])
        {
            if (value.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0) throw new FormatException("A mail header must not hold a line break or NUL.");
        }
        if (!letter.Link.StartsWith('/') || letter.Link.StartsWith("//", StringComparison.Ordinal)) throw new FormatException("Mail links lead to the portal only.");

        var link = new Uri(portal, letter.Link);
        var message = new MimeMessage { Subject = letter.Subject, Date = at, MessageId = MessageId(letter.Id, from), Body = Body(letter, fromName, link) };
        message.From.Add(new MailboxAddress(Encoding.UTF8, fromName, from));
        message.To.Add(new MailboxAddress(Encoding.UTF8, letter.ToName, MailboxAddress.Parse(letter.To).Address));
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        return message;
    }

    private static MimeEntity Body(Letter letter, string fromName, Uri link)
    {
        var text = Text(letter, fromName, link);
        if (letter.Attachments.Count == 0) return text;
        var mixed = new Multipart("mixed") { text };
        foreach (var file in letter.Attachments)
            mixed.Add(new MimePart(ContentType.Parse(file.MediaType)) { Content = new MimeContent(new MemoryStream(file.Content)), ContentTransferEncoding = ContentEncoding.Base64, ContentDisposition = new ContentDisposition(ContentDisposition.Attachment), FileName = file.Name });
        return mixed;
    }

    private static MultipartAlternative Text(Letter letter, string fromName, Uri link)
    {
        const string Foot = "このメールは自動で送られています。返信はできません。";
        var text = $"{letter.ToName} 様\n\n{letter.Subject}\n\n{(letter.Body.Length > 0 ? letter.Body + "\n\n" : "")}{link.AbsoluteUri}\n\n-- \n{fromName}\n{Foot}\n";
        var html = $"""
            <!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>{Safe(letter.Subject)}</title></head><body>
            <p>{Safe(letter.ToName)} 様</p><p><strong>{Safe(letter.Subject)}</strong></p>{(letter.Body.Length > 0 ? $"<p>{Safe(letter.Body)}</p>" : "")}
            <p><a href="{Safe(link.AbsoluteUri)}">{Safe(link.AbsoluteUri)}</a></p><hr><p><small>{Safe(fromName)}<br>{Foot}</small></p></body></html>
            """;
        var body = new MultipartAlternative { new TextPart(TextFormat.Plain) { Text = text }, new TextPart(TextFormat.Html) { Text = html } };
        if (letter.Calendar is { } calendar)
        {
            var part = new TextPart("calendar") { Text = calendar.Text };
            part.ContentType.Parameters.Add("method", calendar.Method);
            body.Add(part);
        }
        return body;
    }

    private static string Safe(string text) => WebUtility.HtmlEncode(text).ReplaceLineEndings("<br>");
}
