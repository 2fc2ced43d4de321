using System.CommandLine;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <summary>A whole book for commands that need every sentence of it: one of the library, or a file named with --from.</summary>
internal static class BookSource
{
    public static Argument<string?> Book() => new("book")
    {
        Description = "A book of the library: any unambiguous part of its title or path.", HelpName = "BOOK", Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<string?> From() => new("--from") { Description = "A file instead of a book of the library.", HelpName = "FILE" };

    /// <exception cref="ProblemException">Neither or both are named, or it cannot be read.</exception>
    public static Document Load(AllSettings settings, string? book, string? from, string? library, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (from is not null && book is null) return Session.Read(settings, from, progress, cancellation);
        if (from is not null || string.IsNullOrWhiteSpace(book))
            throw new ProblemException(ProblemKind.Setting, "Name either a book of the library (ra list shows them) or a file (--from FILE).");
        using Library opened = settings.OpenLibrary(library);
        return opened.LoadDocument(opened.Documents.Find(book).Id);
    }

    /// <summary>Embeds every sentence; what was embedded before, or before it was stopped, is taken from beside the book's memory.</summary>
    /// <param name="sections">Indices of the sections to read; null for all.</param>
    /// <inheritdoc cref="BookReading.Read"/>
    public static ReadBook Read(
        AllSettings settings, Document document, IReadOnlyList<int>? sections, string? library, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string notes = Session.NotesFolder(settings);
        using IModelWeights decoder = ModelFiles.Open(settings.Model.Decoder, notes);
        TextBlocks blocks = TextBlocks.Of(document.Text, decoder.CreateTokenizer());
        using SentenceVectorFile vectors = SentenceVectorFile.Open(Path.Combine(settings.MemoryFolderOf(library), $"{document.ContentHash}-sentences.vectors"));
        using SentenceEmbedder embedder = SentenceEmbedder.Open(settings.Model.Embedder, Devices.Choose(settings.Model.Device).Device, settings.Embeddings, vectors, notes);
        return new BookReading(embedder).Read(document, blocks, sections, progress, cancellation);
    }
}
