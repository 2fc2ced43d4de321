using RetrievalAttention.App.Settings;

namespace RetrievalAttention.App.Commands.Chat;

/// <summary>What a conversation is about: a file, a book of the library, or all of the library.</summary>
/// <param name="libraryName">Null for the default one.</param>
internal sealed class ChatBooks(AllSettings settings, string? libraryName)
{
    private AskedBooks? _fixed;

    /// <summary>Title of the one book, or null for the library.</summary>
    public string? Title => _fixed?.Best.Document.Title;

    /// <exception cref="ProblemException">The file cannot be read.</exception>
    public void UseFile(string path, IProgress<WorkProgress> progress, CancellationToken cancellation) => _fixed = AskedBooks.OfFile(settings, path, progress, cancellation);

    /// <exception cref="ProblemException">No book or more than one has that name, or it cannot be read.</exception>
    public void UseBook(string name, IProgress<WorkProgress> progress, CancellationToken cancellation) => _fixed = AskedBooks.OfBook(settings, name, libraryName, progress, cancellation);

    /// <exception cref="ProblemException">There is no such library.</exception>
    public void UseLibrary()
    {
        settings.OpenLibrary(libraryName).Dispose();
        _fixed = null;
    }

    /// <summary>What a question is asked of.</summary>
    /// <param name="search">What is searched for.</param>
    /// <exception cref="ProblemException">The library has no book for it.</exception>
    public AskedBooks For(string search, IProgress<WorkProgress> progress, CancellationToken cancellation) =>
        _fixed ?? AskedBooks.OfLibrary(settings, search, libraryName, progress, cancellation);
}
