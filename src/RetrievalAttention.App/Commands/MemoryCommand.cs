using System.CommandLine;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands;

/// <summary><c>ra memory</c>: looks after memory files, one subcommand each.</summary>
internal static class MemoryCommand
{
    public static Command Create() => new("memory", SharedOptions.WithExamples(
        "Checks memory files, and makes them smaller.", "ra memory verify", "ra memory convert \"treasure island\" --format int4"))
    {
        MemoryVerifyCommand.Create(),
        MemoryConvertCommand.Create(),
    };

    /// <summary>Memory files of a book of the library, of the content of a file, or a memory file itself.</summary>
    /// <param name="what">Null for all of the library.</param>
    public static IReadOnlyList<string> Find(AllSettings settings, string? what, string? libraryName, CancellationToken cancellation)
    {
        string folder = settings.MemoryFolderOf(libraryName);
        // A library of files that were only asked about has memories and no catalog; one that is not there at all says which are.
        if (!Directory.Exists(folder) && (what is null || libraryName is not null)) settings.OpenLibrary(libraryName).Dispose();
        if (what is null) return Memories(folder, "*");
        if (File.Exists(what)) return what.EndsWith(StoredMemory.Extension, StringComparison.Ordinal) ? [Path.GetFullPath(what)] : Memories(folder, ContentHash.OfFile(what, cancellation));
        using Library library = settings.OpenLibrary(libraryName);
        return Memories(folder, library.Documents.Find(what).ContentHash);
    }

    /// <summary>Titles of the library's books by their content; empty where there is no catalog.</summary>
    public static IReadOnlyDictionary<string, string> Titles(AllSettings settings, string? libraryName)
    {
        if (!Library.IsThere(settings.Library, libraryName)) return new Dictionary<string, string>();
        using Library library = settings.OpenLibrary(libraryName);
        return library.Documents.List().ToDictionary(document => document.ContentHash, document => document.Title);
    }

    private static IReadOnlyList<string> Memories(string folder, string contentHash) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, $"{contentHash}-*{StoredMemory.Extension}").Order(StringComparer.Ordinal)]
        : [];
}
