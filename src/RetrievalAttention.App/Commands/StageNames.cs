using RetrievalAttention.Catalog;

namespace RetrievalAttention.App.Commands;

/// <summary>Stages in the words of the command line.</summary>
internal static class StageNames
{
    /// <summary>In place of a stage: nothing of the document could be read.</summary>
    public const string Failed = "failed";

    public static string Of(CatalogDocument document) => document switch
    {
        { Problem: not null, Stage: DocumentStage.Queued } => Failed,
        { Problem: not null } => $"{Of(document.Stage)}, then failed",
        _ => Of(document.Stage),
    };

    /// <summary>The stage that was reached; "failed" where that is none.</summary>
    public static string Reached(CatalogDocument document) => document is { Problem: not null, Stage: DocumentStage.Queued } ? Failed : Of(document.Stage);

    public static string Of(DocumentStage stage) => stage.ToString().ToLowerInvariant();

    /// <summary>What the queue does to bring a document there.</summary>
    public static string WorkTowards(DocumentStage goal) => goal switch
    {
        DocumentStage.Extracted => "reading the file",
        DocumentStage.Searchable => "splitting into passages",
        DocumentStage.Embedded => "embedding",
        DocumentStage.Remembered => "reading into memory",
        _ => throw new ArgumentOutOfRangeException(nameof(goal), goal, "No job leads to this stage."),
    };
}
