using RetrievalAttention.Catalog;

namespace RetrievalAttention.Ingestion;

/// <summary>How ingesting a file ended.</summary>
public enum FileOutcome
{
    Added,
    Unchanged,
    Updated,
    Moved,
    Duplicate,
    Failed,
}

/// <param name="Document">Null when the file could not be registered.</param>
/// <param name="Note">Why it failed, or where else the content is or was; null when there is nothing to say.</param>
public sealed record FileResult(string Path, FileOutcome Outcome, CatalogDocument? Document, string? Note);

/// <summary>One line for each file of an ingestion.</summary>
public static class IngestionReport
{
    /// <param name="scanned">What the scan met, before the queue was drained.</param>
    public static IReadOnlyList<FileResult> Of(Library library, IReadOnlyList<ScannedFile> scanned)
    {
        Dictionary<long, CatalogDocument> documents = library.Documents.List().Concat(library.Documents.ListPendingVersions()).ToDictionary(d => d.Id);
        return [.. scanned.Select(file => ResultOf(file, file.Document is { } id ? documents.GetValueOrDefault(id) : null))];
    }

    private static FileResult ResultOf(ScannedFile file, CatalogDocument? document) => (file.Change, document) switch
    {
        (null, _) => new FileResult(file.Path, FileOutcome.Failed, null, file.Note),
        (_, null) => new FileResult(file.Path, FileOutcome.Failed, null, "It was removed from the library while it was ingested."),
        (_, { Stage: < DocumentStage.Searchable, Problem: { } problem }) => new FileResult(file.Path, FileOutcome.Failed, document, document.Path == file.Path ? problem : $"It has the same content as '{document.Path}': {problem}"),
        ({ } change, _) => new FileResult(file.Path, OutcomeOf(change), document, document.Problem ?? file.Note),
    };

    private static FileOutcome OutcomeOf(FileChange change) => change switch
    {
        FileChange.Added => FileOutcome.Added,
        FileChange.Unchanged => FileOutcome.Unchanged,
        FileChange.Updated => FileOutcome.Updated,
        FileChange.Moved => FileOutcome.Moved,
        FileChange.Duplicate => FileOutcome.Duplicate,
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "Not a change of a file."),
    };
}
