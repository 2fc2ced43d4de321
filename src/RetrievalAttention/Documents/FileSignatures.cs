namespace RetrievalAttention.Documents;

/// <summary>First bytes of well-known kinds of files that hold no readable text, so that a refusal can say what was given.</summary>
internal static class FileSignatures
{
    private static readonly (byte[] Bytes, int Offset, string Name)[] Known =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], 0, "a PNG image"),
        ([0xFF, 0xD8, 0xFF], 0, "a JPEG image"),
        ([.. "GIF8"u8], 0, "a GIF image"),
        ([.. "II*\0"u8], 0, "a TIFF image"),
        ([.. "MM\0*"u8], 0, "a TIFF image"),
        ([.. "WEBP"u8], 8, "a WebP image"),
        ([.. "RIFF"u8], 0, "a RIFF file (sound or video)"),
        ([.. "OggS"u8], 0, "an Ogg sound or video"),
        ([.. "ID3"u8], 0, "an MP3 sound"),
        ([.. "fLaC"u8], 0, "a FLAC sound"),
        ([.. "ftyp"u8], 4, "an MP4 video or sound"),
        ([0x1A, 0x45, 0xDF, 0xA3], 0, "a Matroska video"),
        ([0x1F, 0x8B], 0, "a gzip archive"),
        ([.. "BZh"u8], 0, "a bzip2 archive"),
        ([0xFD, .. "7zXZ"u8], 0, "an xz archive"),
        ([0x28, 0xB5, 0x2F, 0xFD], 0, "a Zstandard archive"),
        ([.. "7z"u8, 0xBC, 0xAF], 0, "a 7-Zip archive"),
        ([.. "Rar!"u8], 0, "a RAR archive"),
        ([.. "ustar"u8], 257, "a tar archive"),
        ([0x7F, .. "ELF"u8], 0, "a program (ELF)"),
        ([.. "MZ"u8, 0x90, 0], 0, "a Windows program"),
        ([0xCA, 0xFE, 0xBA, 0xBE], 0, "a Java class or macOS program"),
        ([0, .. "asm"u8], 0, "a WebAssembly module"),
        ([.. "SQLite format 3\0"u8], 0, "an SQLite database"),
        ([.. "GGUF"u8], 0, "a model file (GGUF)"),
        ([0xD0, 0xCF, 0x11, 0xE0], 0, "an old Microsoft Office file (.doc, .xls, .ppt); save it as .docx"),
        ([.. @"{\rtf"u8], 0, "a Rich Text file; save it as .docx"),
        ([.. "%!PS"u8], 0, "a PostScript file; convert it to PDF"),
        ([.. "wOFF"u8], 0, "a font"),
        ([.. "BOOKMOBI"u8], 60, "a Mobipocket or Kindle book; convert it to EPUB"),
    ];

    /// <summary>What the bytes look like ("a PNG image"), or null when no signature matches.</summary>
    public static string? Name(ReadOnlySpan<byte> head)
    {
        foreach ((byte[] bytes, int offset, string name) in Known)
            if (head.Length >= offset + bytes.Length && head.Slice(offset, bytes.Length).SequenceEqual(bytes)) return name;
        return null;
    }
}
