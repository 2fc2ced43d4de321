using System.CommandLine;
using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands;

/// <summary>Everything the library knows about one book.</summary>
internal static class ShowCommand
{
    private const int SectionsShown = 60;

    public static Command Create()
    {
        Argument<string> book = SharedOptions.Book();
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("show", SharedOptions.WithExamples(
            "Shows one book: sections, pages, tokens, stage, sizes on disk, warnings.", "ra show \"treasure island\"", "ra show frankenstein --json"))
        {
            book, library, json,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(book), parsed.GetValue(library), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string book, string? name, bool json)
    {
        using Library library = AllSettings.Load().OpenLibrary(name);
        CatalogDocument document = library.Documents.Find(book);
        IReadOnlyList<Section> sections = library.Documents.Sections(document.Id);
        IReadOnlyList<string> paths = library.Files.PathsOf(document.Id);
        SizesOnDisk sizes = library.SizesOf(document);
        IReadOnlyList<StoredMemory> memories = StoredMemory.Examine(library.FilesOf(document.ContentHash));
        if (json)
        {
            Output.WriteJson(new
            {
                document.Id,
                document.Title,
                document.Author,
                document.Language,
                document.Format,
                document.Path,
                paths,
                document.ContentHash,
                document.Stage,
                document.Problem,
                document.Pages,
                document.Tokens,
                document.Characters,
                document.AddedAt,
                document.Warnings,
                sections = sections.Select(s => new { title = s.Title, s.HeadingPath, s.Start, s.End }),
                bytes = new { file = document.Size, text = sizes.Text, passages = sizes.Passages, embeddings = sizes.Embeddings, memory = sizes.Memory },
                memory = memories.Select(m => new { m.Fingerprint?.Format, m.Tokens, ofTokens = m.Fingerprint?.Tokens, m.Complete, m.Bytes, m.BytesPerToken, m.Fingerprint?.Window, m.Path }),
            });
        }
        else
        {
            Write(document, sections, paths, sizes, memories);
        }
        return ExitCodes.Success;
    }

    private static void Write(CatalogDocument document, IReadOnlyList<Section> sections, IReadOnlyList<string> paths, SizesOnDisk sizes, IReadOnlyList<StoredMemory> memories)
    {
        Table facts = new("Book", document.Title);
        if (document.Author is not null) facts.Add("Author", document.Author);
        foreach (string path in paths) facts.Add("File", File.Exists(path) ? path : $"{path} (not there now; the library does not need it)");
        facts.Add("Format", $"{document.Format?.ToString() ?? "not read yet"}{(document.Language is null ? "" : $", language {document.Language}")}");
        facts.Add("Stage", StageNames.Of(document));
        if (document.Problem is not null) facts.Add("Problem", document.Problem);
        facts.Add("Length", $"{Number(document.Characters)} characters, {Number(document.Tokens ?? 0)} tokens{(document.Pages > 0 ? $", {Number(document.Pages)} pages" : "")}");
        facts.Add("On disk", $"text {Size(sizes.Text)}, passages {Size(sizes.Passages)}, embeddings {Size(sizes.Embeddings)}, memory {Size(sizes.Memory)}");
        foreach (StoredMemory memory in memories) facts.Add("Memory", MemoryInWords(memory));
        foreach (string warning in document.Warnings) facts.Add("Warning", warning);
        facts.Write();
        foreach (Section section in sections.Take(SectionsShown))
            Console.Out.WriteLine($"  {new string(' ', 2 * Math.Max(0, section.HeadingPath.Count - 1))}{Table.Printable(section.Title.Length == 0 ? "(before the first heading)" : section.Title)}");
        if (sections.Count > SectionsShown) Console.Out.WriteLine($"  and {sections.Count - SectionsShown} more sections (all with --json)");
    }

    private static string MemoryInWords(StoredMemory memory) => memory.Fingerprint is { } made
        ? $"{made.Format.ToString().ToLowerInvariant()}, {Number(memory.Tokens)}{(memory.Complete ? "" : $" of {Number(made.Tokens)}")} tokens, {Number((long)memory.BytesPerToken)} bytes a token, {Size(memory.Bytes)}"
        : $"{Path.GetFileName(memory.Path)} is damaged";

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes switch
    {
        0 => "none",
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:0.#} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0.#} MB"),
    };
}
