using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands;

/// <param name="Books">Those that took part, best first.</param>
internal sealed record Asked(Answer Answer, IReadOnlyList<AskedBook> Books);

/// <summary>Puts questions to books. Memories that were opened stay open for the next question about the same books.</summary>
/// <param name="read">Read a book that has no memory yet; otherwise the answer comes from the text of its best passages.</param>
internal sealed class Asking(Session session, MemoryStore memories, AnsweringOptions options, bool read) : IDisposable
{
    private readonly BlockFinder _finder = new(session.Model, () => session.Embedder, session.Settings.Passages);
    private readonly Dictionary<string, DocumentMemory> _open = [];
    private readonly HashSet<string> _repaired = [], _toldUnread = [];

    /// <summary>Asks; a damaged memory is cut off at the damage, read again from there, and asked again.</summary>
    public Asked Ask(AskedBooks books, UserQuestion question, Action<string>? onText, ProgressLine progress, CancellationToken cancellation)
    {
        for (int repairs = 0; ; repairs++)
        {
            try
            {
                HashSet<string> known = [.. _open.Keys];
                MemoryShelf? shelf = Open(books, progress, cancellation);
                if (shelf is { Full: false }) _finder.Prepare(shelf, progress, cancellation);
                progress.Dispose();
                if (shelf is null) return new Asked(new TextAnswerer(session.Model, options, session.Settings.Passages).Ask(books.Best.Document, question, onText, cancellation), [books.Best]);
                Answer answer = new Answerer(session.Model, options, _finder.Rank).Ask(shelf, question, onText, cancellation);
                answer = answer with { Timings = WithReading(answer.Timings, [.. shelf.Books.Where(book => !known.Contains(book.Document.ContentHash))]) };
                return new Asked(answer, [.. books.Others.Prepend(books.Best).Where(book => _open.ContainsKey(book.Document.ContentHash))]);
            }
            catch (DamagedBlockException damage) when (repairs < MemoryStore.MostRepairs)
            {
                AskedBook damaged = books.Others.FirstOrDefault(book => memories.FilesOf(book.Document.ContentHash).Contains(damage.Path), books.Best);
                Close(damaged.Document.ContentHash);
                _repaired.Add(damaged.Document.ContentHash);
                memories.Repair(damage, damaged.Document.Title, Output.Note, cancellation);
            }
        }
    }

    public void Dispose()
    {
        _finder.Dispose();
        foreach (DocumentMemory memory in _open.Values) memory.Dispose();
    }

    /// <summary>Null when the best book has no memory and none is to be made now.</summary>
    private MemoryShelf? Open(AskedBooks books, ProgressLine progress, CancellationToken cancellation)
    {
        AskedBook[] all = [books.Best, .. books.Others];
        foreach (string gone in _open.Keys.Except(all.Select(book => book.Document.ContentHash)).ToArray()) Close(gone);
        if (OpenOne(books.Best, read, progress, cancellation) is null)
        {
            if (_toldUnread.Add(books.Best.Document.ContentHash)) Output.Note($"{books.Best.Document.Title} has no attention memory yet; answering from the text of its best passages.");
            return null;
        }
        foreach (AskedBook other in books.Others)
        {
            bool there = OpenOne(other, _repaired.Contains(other.Document.ContentHash), progress, cancellation) is not null;
            if (!there && _toldUnread.Add(other.Document.ContentHash)) Output.Note($"{other.Document.Title} has no attention memory yet and is left out. Let 'ra ingest' or 'ra worker' read it, or ask about it with --book.");
        }

        // The best book stands last, next to the question: a small model trusts what it read last.
        return new MemoryShelf([.. all.Reverse().Select(book => _open.GetValueOrDefault(book.Document.ContentHash)).OfType<DocumentMemory>()]);
    }

    private DocumentMemory? OpenOne(AskedBook book, bool mayRead, ProgressLine progress, CancellationToken cancellation)
    {
        if (_open.TryGetValue(book.Document.ContentHash, out DocumentMemory? memory)) return memory;
        memory = mayRead
            ? memories.OpenOrRead(book.Document, session.Model, MemoryStore.QuestionRoom, forceRetrieval: false, progress, Output.Note, cancellation)
            : memories.OpenIfThere(book.Document, session.Model, MemoryStore.QuestionRoom, forceRetrieval: false);
        if (memory is not null) _open[book.Document.ContentHash] = memory;
        return memory;
    }

    private void Close(string contentHash)
    {
        if (_open.Remove(contentHash, out DocumentMemory? memory)) memory.Dispose();
    }

    /// <summary>Only what was read for this question.</summary>
    private static AnswerTimings WithReading(AnswerTimings timings, IReadOnlyList<DocumentMemory> opened) =>
        timings with { ReadSeconds = opened.Sum(book => book.ReadTime.TotalSeconds), ReadTokens = opened.Sum(book => book.ReadTokens) };
}
