using RetrievalAttention.Answering;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;

namespace RetrievalAttention.App.Commands;

/// <summary>The document that a question is about.</summary>
/// <param name="Stage">How far the library has brought it; null for a file that is asked about directly.</param>
internal sealed record AskedBook(Document Document, DocumentStage? Stage)
{
    /// <summary>
    /// The file of --from, read directly: it needs not be in the library, and what is read of it is kept where a later 'ra ingest' of the same content
    /// finds it. Otherwise the book of --book, or the one of the whole library that the question is about.
    /// </summary>
    public static AskedBook Find(
        AllSettings settings, string question, string? from, string? book, string? libraryName, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        if (from is not null && book is not null) throw new ProblemException(ProblemKind.Setting, "Give --from (a file) or --book (a book of the library), not both.");
        if (from is not null) return new AskedBook(Session.Read(settings, from, progress, cancellation), null);
        using Library library = settings.OpenLibrary(libraryName);
        CatalogDocument found = book is null ? BookChoice.ByWords(library, question) : library.Documents.Find(book);
        bool extracted = found.Stage >= DocumentStage.Extracted;
        return new AskedBook(extracted ? library.LoadDocument(found.Id) : Session.Read(settings, found.Path, progress, cancellation), found.Stage);
    }
}
