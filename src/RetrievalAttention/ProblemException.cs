namespace RetrievalAttention;

/// <summary>What a problem is about; the program turns each into its exit code.</summary>
public enum ProblemKind
{
    /// <summary>A document cannot be read: damaged, empty, encrypted, of an unknown type.</summary>
    Document,

    /// <summary>A model file is missing, damaged or of an unsupported kind.</summary>
    Model,

    /// <summary>A file under indexes/ is damaged or was made with other settings.</summary>
    Index,

    /// <summary>What the user named (a book, a library, a section) does not exist or is ambiguous.</summary>
    NotFound,

    /// <summary>A setting or an argument is outside its range.</summary>
    Setting,

    /// <summary>The machine refuses: disk full, no permission, device missing.</summary>
    Environment,
}

/// <summary>
/// A problem that the user can act on. The message is complete sentences: what was found, what was expected, where, and what to do.
/// Cancellation is never a problem.
/// </summary>
public sealed class ProblemException(ProblemKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    public ProblemKind Kind { get; } = kind;
}
