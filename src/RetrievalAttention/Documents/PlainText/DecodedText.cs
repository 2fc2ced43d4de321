using System.Globalization;
using System.Text;
using UtfUnknown;

namespace RetrievalAttention.Documents.PlainText;

/// <summary>
/// A file's bytes as text, the byte order mark removed. Order of trust: byte order mark, valid UTF-8, UTF-16 and UTF-32 by their zero
/// bytes, UTF-8 with a few damaged bytes, a legacy code page found by statistics. Every guess is told in <see cref="Warnings"/>.
/// </summary>
public sealed record DecodedText(string Text, IReadOnlyList<string> Warnings)
{
    /// <summary>Damaged UTF-8 is still UTF-8 when it holds at least this many well-formed sequences for each damaged place.</summary>
    private const int WellFormedPerDamaged = 4;

    /// <summary>Share of control characters from which bytes are not text.</summary>
    private const double BinaryShare = 0.005;

    /// <summary>Bytes given to the statistics: more does not change their verdict.</summary>
    private const int DetectionBytes = 1 << 20;

    static DecodedText() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <param name="path">For messages.</param>
    /// <exception cref="ProblemException">The bytes are not text; the message says what they look like.</exception>
    public static DecodedText From(ReadOnlySpan<byte> bytes, string path)
    {
        DecodedText? decoded = ByMark(bytes) ?? ByValidUtf8(bytes) ?? ByZeroBytes(bytes);
        decoded ??= bytes.Contains((byte)0) ? null : ByDamagedUtf8(bytes) ?? ByStatistics(bytes);
        if (decoded is null || ShareOfControls(decoded.Text) > BinaryShare)
        {
            string looks = FileSignatures.Name(bytes) ?? "binary data of an unknown kind";
            throw new ProblemException(ProblemKind.Document,
                $"'{path}' is not a text: it looks like {looks}. Readable are text, Markdown, HTML, PDF, EPUB and DOCX.");
        }
        return decoded;
    }

    /// <summary>Decodes as a declared encoding says; null when the name is unknown or the bytes do not follow it.</summary>
    public static DecodedText? FromDeclared(ReadOnlySpan<byte> bytes, string encodingName)
    {
        Encoding encoding;
        try
        {
            encoding = Encoding.GetEncoding(encodingName, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException)
        {
            return null;
        }
        return Strict(encoding, bytes) is { } text ? new DecodedText(text, []) : null;
    }

    private static DecodedText? ByMark(ReadOnlySpan<byte> bytes)
    {
        foreach (Encoding encoding in Unicode())
        {
            ReadOnlySpan<byte> mark = encoding.Preamble;
            if (mark.Length == 0 || !bytes.StartsWith(mark)) continue;
            ReadOnlySpan<byte> rest = bytes[mark.Length..];
            return Strict(encoding, rest) is { } text ? new DecodedText(text, []) : Replacing(encoding, rest);
        }
        return null;
    }

    private static DecodedText? ByValidUtf8(ReadOnlySpan<byte> bytes)
    {
        // UTF-16 of plain English is also valid UTF-8, full of zero characters.
        if (bytes.Contains((byte)0)) return null;
        return Strict(new UTF8Encoding(false, true), bytes) is { } text ? new DecodedText(text, []) : null;
    }

    private static DecodedText? ByZeroBytes(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.Contains((byte)0)) return null;
        (Encoding Encoding, string Text, int Spaces)? best = null;
        foreach (Encoding encoding in Unicode())
        {
            if (encoding is UTF8Encoding || Strict(encoding, bytes) is not { Length: > 0 } text) continue;
            if (ShareOfControls(text) > BinaryShare) continue;
            // Read in the wrong byte order, spaces and line breaks become rare letters: the right reading has the most of them.
            int spaces = text.AsSpan().Count(' ') + text.AsSpan().Count('\n');
            if (best is null || spaces > best.Value.Spaces) best = (encoding, text, spaces);
        }
        if (best is not { Spaces: > 0 } found) return null;
        return new DecodedText(found.Text,
            [$"The file has no byte order mark and was read as {found.Encoding.WebName}, which its zero bytes point to."]);
    }

    private static DecodedText? ByDamagedUtf8(ReadOnlySpan<byte> bytes)
    {
        int wellFormed = 0, damaged = 0;
        bool inDamage = false;
        for (ReadOnlySpan<byte> rest = bytes; rest.Length > 0;)
        {
            bool valid = Rune.DecodeFromUtf8(rest, out _, out int consumed) == System.Buffers.OperationStatus.Done;
            if (!valid && !inDamage) damaged++;
            else if (valid && consumed > 1) wellFormed++;
            inDamage = !valid;
            rest = rest[consumed..];
        }
        return wellFormed >= WellFormedPerDamaged * damaged ? Replacing(new UTF8Encoding(false), bytes) : null;
    }

    private static DecodedText ByStatistics(ReadOnlySpan<byte> bytes)
    {
        DetectionDetail? detected = CharsetDetector.DetectFromBytes(bytes[..Math.Min(bytes.Length, DetectionBytes)].ToArray()).Detected;
        (Encoding encoding, string how) = detected is { Encoding: { } found, Confidence: >= 0.5f }
            ? (found, string.Create(CultureInfo.InvariantCulture, $"found from the statistics of its bytes (confidence {100 * detected.Confidence:0} %)"))
            : (Encoding.GetEncoding(1252), "assumed, because nothing more likely was found");
        string text = encoding.GetString(bytes);
        return new DecodedText(text,
            [$"The file is not valid UTF-8 and was read as {encoding.WebName}, {how}. If letters look wrong, convert it to UTF-8."]);
    }

    private static DecodedText Replacing(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        Encoding lenient = Encoding.GetEncoding(encoding.CodePage, EncoderFallback.ReplacementFallback, DecoderFallback.ReplacementFallback);
        string text = lenient.GetString(bytes);
        int count = text.AsSpan().Count('\uFFFD');
        int line = 1 + text.AsSpan(0, Math.Max(0, text.IndexOf('\uFFFD'))).Count('\n');
        return new DecodedText(text,
            [$"The file is {encoding.WebName} with {count:N0} damaged characters, the first in line {line:N0}; each was read as '\uFFFD'."]);
    }

    private static string? Strict(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Strict Unicode encodings with their marks; UTF-32 before UTF-16, whose mark is a prefix of its own.</summary>
    private static Encoding[] Unicode() =>
    [
        new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true),
        new UTF32Encoding(bigEndian: true, byteOrderMark: true, throwOnInvalidCharacters: true),
        new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true),
        new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
    ];

    private static double ShareOfControls(string text)
    {
        int controls = 0;
        foreach (char c in text)
            if (char.IsControl(c) && c is not ('\t' or '\n' or '\r' or '\f' or '\v' or '\u0085' or '\u001A')) controls++;
        return text.Length == 0 ? 0 : (double)controls / text.Length;
    }
}
