using RetrievalAttention.Answering;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;

namespace RetrievalAttention.App.Commands;

/// <summary>A document that a question is asked of.</summary>
/// <param name="Stage">How far the library has brought it; null for a file that is asked about directly.</param>
internal sealed record AskedBook(Document Document, DocumentStage? Stage);

/// <summary>The documents that a question is asked of.</summary>
/// <param name="Best">The one that was named, or the one of the library that fits the question best.</param>
/// <param name="Others">Others of the library that may fit, best first; they take part when they are in memory already.</param>
internal sealed record AskedBooks(AskedBook Best, IReadOnlyList<AskedBook> Others)
{
    /// <summary>The file of --from or the book of --book, or those of the whole library that the question may be about.</summary>
    public static AskedBooks Find(
        AllSettings settings, string question, string? from, string? book, string? library, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        if (from is not null && book is not null) throw new ProblemException(ProblemKind.Setting, "Give --from (a file) or --book (a book of the library), not both.");
        return from is not null ? OfFile(settings, from, progress, cancellation)
            : book is not null ? OfBook(settings, book, library, progress, cancellation)
            : OfLibrary(settings, question, library, progress, cancellation);
    }

    /// <summary>
    /// A file, read directly: it needs not be in the library, and what is read of it is kept where a later 'ra ingest' of the same content finds it.
    /// </summary>
    public static AskedBooks OfFile(AllSettings settings, string path, IProgress<WorkProgress> progress, CancellationToken cancellation) =>
        new(new AskedBook(Session.Read(settings, path, progress, cancellation), null), []);

    public static AskedBooks OfBook(AllSettings settings, string book, string? libraryName, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        using Library library = settings.OpenLibrary(libraryName);
        return new AskedBooks(Load(settings, library, library.Documents.Find(book), progress, cancellation), []);
    }

    /// <exception cref="ProblemException">The library is empty, or has no book for the question.</exception>
    public static AskedBooks OfLibrary(AllSettings settings, string question, string? libraryName, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        using Library library = settings.OpenLibrary(libraryName);
        IReadOnlyList<CatalogDocument> chosen = BookChoice.Choose(library, question, settings.Answering.Books);
        return new AskedBooks(
            Load(settings, library, chosen[0], progress, cancellation),
            [.. chosen.Skip(1).Where(IsExtracted).Select(document => Load(settings, library, document, progress, cancellation))]);
    }

    private static AskedBook Load(AllSettings settings, Library library, CatalogDocument found, IProgress<WorkProgress> progress, CancellationToken cancellation) =>
        new(IsExtracted(found) ? library.LoadDocument(found.Id) : Session.Read(settings, found.Path, progress, cancellation), found.Stage);

    private static bool IsExtracted(CatalogDocument document) => document.Stage >= DocumentStage.Extracted;
}
