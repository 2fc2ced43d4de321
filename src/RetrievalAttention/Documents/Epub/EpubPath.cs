namespace RetrievalAttention.Documents.Epub;

/// <summary>References inside an EPUB, resolved to names of its archive.</summary>
internal static class EpubPath
{
    /// <summary>The name that a reference in <paramref name="from"/> means, without its fragment; null for one that leads to the web.</summary>
    /// <exception cref="ProblemException">The reference leads out of the archive.</exception>
    public static string? Resolve(string from, string reference, DocumentArchive archive)
    {
        string path = reference.Split('#')[0];
        if (IsRemote(path)) return null;
        if (path.Length == 0) return from;
        path = Uri.UnescapeDataString(path).Replace('\\', '/');
        if (path.StartsWith('/') || (path.Length > 1 && path[1] == ':')) throw Outside(reference, archive);
        List<string> parts = [.. from.Split('/')[..^1]];
        foreach (string part in path.Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            else throw Outside(reference, archive);
        }
        return string.Join('/', parts);
    }

    /// <summary>What follows '#'; empty where there is nothing.</summary>
    public static string Fragment(string reference) => reference.IndexOf('#') is var at and >= 0 ? Uri.UnescapeDataString(reference[(at + 1)..]) : "";

    private static bool IsRemote(string path) => path.Contains("://", StringComparison.Ordinal) || path.StartsWith("//", StringComparison.Ordinal)
        || path.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || path.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase);

    private static ProblemException Outside(string reference, DocumentArchive archive) =>
        archive.Problem($"refers to '{reference}', which points outside of the archive, as made to do harm");
}
