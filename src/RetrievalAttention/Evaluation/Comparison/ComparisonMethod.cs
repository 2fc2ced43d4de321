namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>The families of the literature, and what they are held against.</summary>
public enum MethodFamily
{
    /// <summary>Nothing, what is known to be right, and everything.</summary>
    Reference,

    /// <summary>Recurrence and compressed state.</summary>
    Recurrence,

    /// <summary>Matrix algebra: the far part of the softmax is approximated.</summary>
    Algebra,

    /// <summary>Local and global patterns.</summary>
    Pattern,

    /// <summary>Dropped parts: layers, heads, or tokens by chance.</summary>
    Dropped,

    /// <summary>Retrieval of what the question asks for.</summary>
    Retrieval,
}

/// <summary>What makes a method too dear for some measures.</summary>
public enum Dear
{
    Nothing,

    /// <summary>It makes a summary of the whole document first, whatever is asked.</summary>
    EachDocument,

    /// <summary>It searches the whole document for each token that is predicted.</summary>
    EachToken,
}

/// <summary>What a method lets the model attend to for one question, within a budget of tokens; null where it does not apply (no evidence, too long a document).</summary>
/// <param name="budget">Most tokens that a layer may attend to besides header, question and answer.</param>
public delegate MemoryPlan? PlanMemory(ComparedQuestion question, int budget);

/// <summary>One kind of long-context attention: the same decoder and weights, another choice of what it attends to. A row of the comparison.</summary>
/// <param name="Name">As given to --methods.</param>
/// <param name="Paper">The paper that it follows.</param>
/// <param name="Parameters">Those that are fixed here.</param>
/// <param name="Departs">Where it departs from the paper.</param>
public sealed record ComparisonMethod(string Name, MethodFamily Family, string Paper, string Parameters, string Departs, PlanMemory Plan)
{
    /// <summary>Part of every cell's fingerprint: raise it when the method computes something else than before.</summary>
    public int Version { get; init; } = 1;

    /// <summary>With a budget of the whole document it is full attention over the stored memory (up to rounding).</summary>
    public bool BecomesFull { get; init; }

    public Dear Dear { get; init; }

    /// <summary>Its cost follows the budget. The others are measured once.</summary>
    public bool HasBudget { get; init; } = true;
}
