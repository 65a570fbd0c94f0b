using System.Text;

namespace KitaPortal.Platform.Sheets;

/// <summary>Bytes to characters, strictly: what does not fit is refused with its line and byte, never replaced.</summary>
public static class TextDecoding
{
    static TextDecoding() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Shift_JIS as Windows writes it, throwing on anything that does not fit; for writing.</summary>
    public static Encoding StrictCp932 { get; } = CodePage932();

    private static Encoding CodePage932()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        return Encoding.GetEncoding(932, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    public static (string Text, SheetEncoding Used) Decode(byte[] file, SheetEncoding chosen)
    {
        var bytes = file.AsSpan();
        if (chosen is SheetEncoding.Auto)
        {
            if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) chosen = SheetEncoding.Utf8Bom;
            else if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])) chosen = SheetEncoding.Utf16Le;
            else if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) chosen = SheetEncoding.Utf16Be;
            else if (Utf16WithoutBom(bytes) is { } utf16) chosen = utf16;
        }
        switch (chosen)
        {
            case SheetEncoding.Utf8 or SheetEncoding.Utf8Bom: return (Strict(StrictUtf8, file, "UTF-8"), chosen);
            case SheetEncoding.Utf16Le: return (Strict(new UnicodeEncoding(false, false, true), file, "UTF-16"), chosen);
            case SheetEncoding.Utf16Be: return (Strict(new UnicodeEncoding(true, false, true), file, "UTF-16"), chosen);
            case SheetEncoding.Cp932: return (Cp932(file), chosen);
            default:
                try { return (Strict(StrictUtf8, file, "UTF-8"), SheetEncoding.Utf8); }
                catch (SheetRefusedException) { return (Cp932(file), SheetEncoding.Cp932); }
        }
    }

    // Neither UTF-8 nor CP932 text holds a NUL; UTF-16 has one in every comma, digit and line break.
    private static SheetEncoding? Utf16WithoutBom(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % 2 != 0) return null;
        var (even, odd) = (0, 0);
        for (var i = 0; i < bytes.Length; i++)
            if (bytes[i] == 0) { if (i % 2 == 0) even++; else odd++; }
        return even + odd == 0 ? null : odd >= even ? SheetEncoding.Utf16Le : SheetEncoding.Utf16Be;
    }

    private static string Strict(Encoding encoding, byte[] file, string name)
    {
        try
        {
            var text = encoding.GetString(file);
            return text.Length > 0 && text[0] == '\uFEFF' ? text[1..] : text;
        }
        catch (DecoderFallbackException e) { throw Refused(file, Math.Max(0, e.Index), name, encoding is UnicodeEncoding); }
    }

    // Byte by byte over a table: .NET's strict decoder refuses the second codes that Excel writes for 髙 and its like (NEC-selected characters).
    private static string Cp932(byte[] file)
    {
        var text = new StringBuilder(file.Length);
        for (var i = 0; i < file.Length; i++)
        {
            var (first, second) = (file[i], i + 1 < file.Length ? file[i + 1] : (byte)0);
            if (first < 0x80) text.Append((char)first);
            else if (first is >= 0xA1 and <= 0xDF) text.Append((char)(first - 0xA1 + 0xFF61));
            else if (Pairs.Value[first << 8 | second] is var c and not '\0') (_, i) = (text.Append(c), i + 1);
            else throw Refused(file, i, "UTF-8・シフトJIS（CP932）");
        }
        return text.ToString();
    }

    private static readonly Lazy<char[]> Pairs = new(() =>
    {
        var decoder = Encoding.GetEncoding(932);
        var pairs = new char[0x10000];
        for (var first = 0x81; first <= 0xFC; first++)
            for (var second = 0x40; second <= 0xFC; second++)
            {
                if (first is >= 0xA0 and <= 0xDF || second == 0x7F) continue;
                var text = decoder.GetString([(byte)first, (byte)second]);
                var undefined = text.Length != 1 || text[0] == '\uFFFD' || text[0] == '・' && (first, second) != (0x81, 0x45);
                if (!undefined) pairs[first << 8 | second] = text[0];
            }
        return pairs;
    });

    private static SheetRefusedException Refused(byte[] file, int at, string name, bool wide = false)
    {
        var (line, start) = (1, 0);
        for (var i = 0; i < at && i < file.Length; i++)
            if (file[i] == '\n') (line, start) = (line + 1, i + 1 + (wide ? 1 : 0));
        var shown = string.Join(' ', file.Skip(at).Take(2).Select(b => $"{b:X2}"));
        return new($"{line}行目の{at - start + 1}バイト目（{shown}）を{name}の文字として読めません。文字コードを選び直すか、UTF-8で保存し直してください。");
    }
}
