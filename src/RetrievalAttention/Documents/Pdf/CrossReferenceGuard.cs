using System.Buffers.Text;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Refuses cross-reference streams with absurd field widths. PdfPig 0.1.16 reserves such a field on the stack, which ends the whole process
/// and cannot be caught. Found with bad-redhat-1531897.pdf (a field 166,666,666,666,666 bytes wide).
/// </summary>
internal static class CrossReferenceGuard
{
    /// <summary>A field holds an offset, a generation or an index: eight bytes are more than any file needs.</summary>
    private const int WidestField = 8;

    /// <summary>Bytes before and after "/XRef" that may belong to its dictionary.</summary>
    private const int DictionaryReach = 2048;

    /// <exception cref="ProblemException">A field is wider than eight bytes.</exception>
    public static void Check(ReadOnlySpan<byte> file, string name)
    {
        int at = 0;
        while (file[at..].IndexOf("/XRef"u8) is >= 0 and var found)
        {
            at += found;
            CheckDictionary(Dictionary(file, at), name);
            at += "/XRef"u8.Length;
        }
    }

    /// <summary>The bytes around <paramref name="at"/> from the object's start to its stream.</summary>
    private static ReadOnlySpan<byte> Dictionary(ReadOnlySpan<byte> file, int at)
    {
        int start = Math.Max(0, at - DictionaryReach);
        int objectStart = file[start..at].LastIndexOf("obj"u8);
        if (objectStart >= 0) start += objectStart;
        ReadOnlySpan<byte> rest = file[at..Math.Min(file.Length, at + DictionaryReach)];
        int stream = rest.IndexOf("stream"u8);
        return file[start..(at + (stream >= 0 ? stream : rest.Length))];
    }

    private static void CheckDictionary(ReadOnlySpan<byte> dictionary, string name)
    {
        int at = 0;
        while (dictionary[at..].IndexOf("/W"u8) is >= 0 and var found)
        {
            at += found + "/W"u8.Length;
            ReadOnlySpan<byte> value = dictionary[at..].TrimStart(" \r\n\t\f\0"u8);
            if (value.IsEmpty || value[0] != '[') continue;
            int end = value.IndexOf((byte)']');
            CheckWidths(end < 0 ? value[1..] : value[1..end], name);
        }
    }

    private static void CheckWidths(ReadOnlySpan<byte> widths, string name)
    {
        foreach (Range range in widths.SplitAny(" \r\n\t\f\0"u8))
        {
            ReadOnlySpan<byte> width = widths[range];
            if (width.IsEmpty || (Utf8Parser.TryParse(width, out int value, out int used) && used == width.Length && value is >= 0 and <= WidestField)) continue;
            throw new ProblemException(
                ProblemKind.Document,
                $"{name} is a damaged PDF. Its cross-reference stream declares a field of {System.Text.Encoding.Latin1.GetString(width)} bytes; "
                + $"at most {WidestField} were expected. Opening it in a PDF viewer and saving it to a new file often repairs it.");
        }
    }
}
