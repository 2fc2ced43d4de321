namespace RetrievalAttention.Catalog;

/// <summary>How far a document has come. Each stage is reached by one job of the queue, in this order; the numbers are stored.</summary>
public enum DocumentStage
{
    /// <summary>Registered; its text is not read yet.</summary>
    Queued = 0,

    /// <summary>Its text, sections and pages are in the library.</summary>
    Extracted = 1,

    /// <summary>Its passages are there and can be found by their words.</summary>
    Searchable = 2,

    /// <summary>Every passage has its embedding.</summary>
    Embedded = 3,

    /// <summary>The attention memory of the whole document is on disk.</summary>
    Remembered = 4,
}
