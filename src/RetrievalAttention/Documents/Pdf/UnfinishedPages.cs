using System.Security.Cryptography;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>
/// Pages that were read, kept on disk until the document is done, so that reading goes on there after a kill. A file holds some pages, or the
/// words that were recognised on one; it is written whole or not at all, and read only by the program that wrote it.
/// </summary>
/// <param name="folder">Null to keep nothing.</param>
/// <param name="contentHash">Of the document; the names of its files begin with it.</param>
internal sealed class UnfinishedPages(string? folder, string contentHash)
{
    /// <summary>Pages in a file: at most this many are read again.</summary>
    public const int Batch = 16;

    private static readonly byte[] Version = typeof(UnfinishedPages).Module.ModuleVersionId.ToByteArray();

    /// <summary>The pages from the first one on, and the state of the fonts after them.</summary>
    public IReadOnlyList<GlyphPage> Load(FontTable fonts)
    {
        List<GlyphPage> pages = [];
        while (Find(NameFrom(pages.Count)) is { } found)
        {
            using BinaryReader reader = new(found);
            for (int i = 0; i < Batch; i++) pages.Add(GlyphPage.ReadFrom(reader, fonts));
            fonts.ReadFrom(reader);
        }
        return pages;
    }

    /// <param name="pages">The next <see cref="Batch"/> pages.</param>
    public void Keep(IReadOnlyList<GlyphPage> pages, FontTable fonts) => Write(NameFrom(pages[0].Number - 1), writer =>
    {
        foreach (GlyphPage page in pages) page.WriteTo(writer);
        fonts.WriteTo(writer);
    });

    /// <summary>What was recognised on a scanned page; null when it is not kept.</summary>
    public string? Recognised(int page)
    {
        if (Find(NameOfScan(page)) is not { } found) return null;
        using BinaryReader reader = new(found);
        return reader.ReadString();
    }

    public void KeepRecognised(int page, string table) => Write(NameOfScan(page), writer => writer.Write(table));

    private static string NameFrom(int page) => $"pages-{page}";

    private static string NameOfScan(int page) => $"scan-{page}";

    private string PathOf(string name) => Path.Combine(folder!, $"{contentHash}.{name}");

    /// <summary>The content of a file that is whole and was written by this version; null otherwise.</summary>
    private MemoryStream? Find(string name)
    {
        if (folder is null || !File.Exists(PathOf(name))) return null;
        byte[] bytes = File.ReadAllBytes(PathOf(name));
        int start = Version.Length + SHA256.HashSizeInBytes;
        bool whole = bytes.Length >= start && bytes.AsSpan(0, Version.Length).SequenceEqual(Version)
            && bytes.AsSpan(Version.Length, SHA256.HashSizeInBytes).SequenceEqual(SHA256.HashData(bytes.AsSpan(start)));
        return whole ? new MemoryStream(bytes, start, bytes.Length - start) : null;
    }

    private void Write(string name, Action<BinaryWriter> write)
    {
        if (folder is null) return;
        using MemoryStream content = new();
        using (BinaryWriter writer = new(content, System.Text.Encoding.UTF8, leaveOpen: true)) write(writer);
        try
        {
            Directory.CreateDirectory(folder);
            string temporary = $"{PathOf(name)}.{Environment.ProcessId}.new";
            using (FileStream file = File.Create(temporary))
            {
                file.Write(Version);
                file.Write(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)));
                content.WriteTo(file);
            }
            File.Move(temporary, PathOf(name), overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A full disk costs the chance to go on from here, not the document.
        }
    }
}
