using System.CommandLine;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <param name="Load">Reads it; again each time, so that a library does not have to fit into memory.</param>
internal sealed record BookToRead(Func<IProgress<WorkProgress>?, CancellationToken, Document> Load);

/// <summary>A whole book for commands that need every sentence of it: one of the library, or a file named with --from.</summary>
internal static class BookSource
{
    public static Argument<string?> Book() => new("book")
    {
        Description = "A book of the library: any unambiguous part of its title or path.", HelpName = "BOOK", Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The books and files named, or every book of the library.</summary>
    /// <exception cref="ProblemException">Nothing is named, or a name means no book or several.</exception>
    public static IReadOnlyList<BookToRead> Choose(AllSettings settings, IReadOnlyList<string> books, IReadOnlyList<string> files, bool all, string? library)
    {
        if ((books.Count > 0 ? 1 : 0) + (files.Count > 0 ? 1 : 0) + (all ? 1 : 0) != 1)
            throw new ProblemException(ProblemKind.Setting, "Name books of the library (ra list shows them), or files (--from FILE), or --library-all.");
        if (files.Count > 0) return [.. files.Select(file => new BookToRead((progress, cancellation) => Session.Read(settings, file, progress, cancellation)))];
        using Library opened = settings.OpenLibrary(library);
        CatalogDocument[] found = all ? [.. opened.Documents.List()] : [.. books.Select(opened.Documents.Find).DistinctBy(document => document.Id)];
        if (found.Length == 0) throw new ProblemException(ProblemKind.NotFound, $"The library '{opened.Name}' is empty. Add books: ra ingest FOLDER");
        return [.. found.Select(document => new BookToRead((progress, cancellation) => Load(settings, document, library, progress, cancellation)))];
    }

    /// <summary>Of several books those that are missing or cannot be read are left out.</summary>
    public static bool IsLeftOut(ProblemException problem) => problem.Kind is ProblemKind.Document or ProblemKind.NotFound;

    /// <summary>Each book's share of a summary of all of them, by its length.</summary>
    public static IReadOnlyList<SummaryBudget> Budgets(
        AllSettings settings, IReadOnlyList<BookToRead> books, SummaryLength length, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (books.Count == 1) return [SummaryBudget.Of(length)];
        long[] lengths = new long[books.Count];
        for (int i = 0; i < books.Count; i++)
        {
            progress?.Report(new WorkProgress("Measuring books", i, books.Count, "books"));
            try
            {
                lengths[i] = books[i].Load(progress, cancellation).Text.Length;
            }
            catch (ProblemException problem) when (IsLeftOut(problem))
            {
                // Told when it is summarised.
            }
        }
        return [.. lengths.Select(own => SummaryBudget.Of(length).Shared((double)own / Math.Max(1, lengths.Sum()), books.Count))];
    }

    public static Option<string?> From() => new("--from") { Description = "A file instead of a book of the library.", HelpName = "FILE" };

    /// <exception cref="ProblemException">Neither or both are named, or it cannot be read.</exception>
    public static Document Load(AllSettings settings, string? book, string? from, string? library, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (from is not null && book is null) return Session.Read(settings, from, progress, cancellation);
        if (from is not null || string.IsNullOrWhiteSpace(book))
            throw new ProblemException(ProblemKind.Setting, "Name either a book of the library (ra list shows them) or a file (--from FILE).");
        using Library opened = settings.OpenLibrary(library);
        return Load(settings, opened.Documents.Find(book), library, progress, cancellation);
    }

    /// <summary>From the library, or from its file where the library has not come to it yet.</summary>
    private static Document Load(AllSettings settings, CatalogDocument found, string? library, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (found.Stage < DocumentStage.Extracted) return Session.Read(settings, found.Path, progress, cancellation);
        using Library opened = settings.OpenLibrary(library);
        return opened.LoadDocument(found.Id);
    }

    /// <summary>Embeds every sentence; what was embedded before, or before it was stopped, is taken from beside the book's memory.</summary>
    /// <param name="sections">Indices of the sections to read; null for all.</param>
    /// <param name="model">Path of the model whose blocks are counted; null for the configured one.</param>
    /// <param name="device">Of the embedder; null for the configured one.</param>
    /// <inheritdoc cref="BookReading.Read"/>
    public static ReadBook Read(
        AllSettings settings, Document document, IReadOnlyList<int>? sections, string? library, IProgress<WorkProgress>? progress, CancellationToken cancellation, string? model = null,
        string? device = null)
    {
        string notes = Session.NotesFolder(settings);
        using IModelWeights decoder = ModelFiles.Open(model ?? settings.Model.Decoder, notes);
        TextBlocks blocks = TextBlocks.Of(document.Text, decoder.CreateTokenizer());
        using SentenceVectorFile vectors = SentenceVectorFile.Open(Path.Combine(settings.MemoryFolderOf(library), $"{document.ContentHash}-sentences.vectors"));
        using SentenceEmbedder embedder = SentenceEmbedder.Open(settings.Model.Embedder, Devices.Choose(device ?? settings.Model.Device).Device, settings.Embeddings, vectors, notes);
        return new BookReading(embedder).Read(document, blocks, sections, progress, cancellation);
    }
}
