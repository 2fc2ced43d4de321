using RetrievalAttention.Catalog;

namespace RetrievalAttention.App.Commands;

/// <summary>Stages in the words of the command line.</summary>
internal static class StageNames
{
    public static string Of(CatalogDocument document) => document switch
    {
        { Problem: not null, Stage: DocumentStage.Queued } => "failed",
        { Problem: not null } => $"{Of(document.Stage)}, then failed",
        _ => Of(document.Stage),
    };

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
