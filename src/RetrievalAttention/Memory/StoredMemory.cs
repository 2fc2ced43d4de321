namespace RetrievalAttention.Memory;

/// <summary>What stands in a memory file, for a person.</summary>
/// <param name="Fingerprint">Null when the first page is damaged or of another version.</param>
/// <param name="Tokens">Tokens that are there.</param>
/// <param name="Bytes">Of the memory and its index.</param>
public sealed record StoredMemory(string Path, MemoryFingerprint? Fingerprint, int Tokens, bool Complete, long Bytes)
{
    public const string Extension = ".memory";

    public double BytesPerToken => Tokens == 0 ? 0 : (double)Bytes / Tokens;

    /// <summary>Looks at every memory among the files of a document.</summary>
    public static IReadOnlyList<StoredMemory> Examine(IEnumerable<string> files) =>
        [.. files.Where(file => file.EndsWith(Extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Examine)];

    private static StoredMemory Examine(string path)
    {
        FileInfo index = new(RetrievalIndex.PathFor(path));
        long bytes = new FileInfo(path).Length + (index.Exists ? index.Length : 0);
        if (MemoryFile.FindFingerprint(path) is not { } fingerprint) return new StoredMemory(path, null, 0, false, bytes);
        using MemoryFile file = MemoryFile.OpenAsMade(path);
        return new StoredMemory(path, fingerprint, file.Tokens, file.Complete, bytes);
    }
}
