using System.ComponentModel.DataAnnotations;

namespace KitaPortal.Platform.Mail;

/// <summary>Where mail goes (<c>Mail:*</c>).</summary>
public sealed class MailOptions
{
    /// <summary>PickUp writes .eml files into <c>{Data:Folder}/mail</c>; Smtp hands them to a server.</summary>
    [EnumDataType(typeof(MailMode))]
    public MailMode Mode { get; set; } = MailMode.PickUp;

    public string Host { get; set; } = "";

    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    [EnumDataType(typeof(MailSecurity))]
    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    public string User { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>The one sender of all mail.</summary>
    [Required, EmailAddress]
    public string From { get; set; } = "kitaportal@localhost.localdomain";
}

/// <summary>PickUp or Smtp.</summary>
public enum MailMode { PickUp, Smtp }

/// <summary>How the connection to the mail server is protected.</summary>
public enum MailSecurity { StartTls, Tls, None }
