using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.Evaluation.Length;

/// <summary>
/// A book of any length, made by repeating the beginning of a real one, and its memory, made by copying the blocks of that beginning: what a
/// question costs depends on the length, not on the words, and a million tokens need not be read for it.
/// </summary>
public sealed class RepeatedBook
{
    private readonly Document _book;
    private readonly TextToken[] _unit;
    private readonly int _characters;

    /// <param name="tokens">Tokens of the book.</param>
    /// <param name="unit">Tokens that are repeated, at most: whole blocks, so that a copied block begins where a block begins.</param>
    public RepeatedBook(Document book, IReadOnlyList<TextToken> tokens, int unit)
    {
        int kept = Math.Min(unit, tokens.Count) / KvCodec.BlockTokens * KvCodec.BlockTokens;
        if (kept == 0)
            throw new ProblemException(ProblemKind.Document, $"{book.Path} has {tokens.Count} tokens; at least {KvCodec.BlockTokens} are needed. Give a longer text.");
        _book = book;
        _unit = [.. tokens.Take(kept)];
        _characters = _unit[^1].End;
    }

    /// <summary>Tokens that are repeated.</summary>
    public int Unit => _unit.Length;

    /// <summary>Ids and places of the first N tokens of the repeated book.</summary>
    public IReadOnlyList<TextToken> Tokens(int count) => [.. Enumerable.Range(0, count).Select(Token)];

    /// <summary>The repeated book up to its N-th token. Every repetition is a section of its own, so that no passage reaches over a seam.</summary>
    public Document Document(int count)
    {
        int repetitions = (count + Unit - 1) / Unit, end = Token(count - 1).End;
        string text = string.Concat(Enumerable.Repeat(_book.Text[.._characters], repetitions))[..end];
        IEnumerable<int> starts = Enumerable.Range(0, repetitions).Select(i => i * _characters);
        return _book with
        {
            ContentHash = MemoryStore.HashOf(text),
            Text = text,
            Sections = [.. starts.Select(start => new Section([], start, Math.Min(end, start + _characters)))],
            Paragraphs =
            [
                .. starts.SelectMany(start => _book.Paragraphs.Where(paragraph => paragraph.End <= _characters && start + paragraph.End <= end)
                    .Select(paragraph => paragraph with { Start = start + paragraph.Start, End = start + paragraph.End })),
            ],
            Pages = [],
        };
    }

    /// <summary>Fills a new memory with copies of the beginning's blocks.</summary>
    /// <param name="source">Memory of the first <see cref="Unit"/> tokens, in the same format.</param>
    /// <param name="blocks">Whole blocks to write.</param>
    public void Copy(MemoryFile source, MemoryFile target, int blocks, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        for (int first = 0; first < blocks;)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("Copying blocks", first, blocks, "blocks"));
            using var scope = TorchSharp.torch.NewDisposeScope();
            int count = Math.Min(blocks - first, source.Blocks);
            target.Append([.. Enumerable.Range(first * KvCodec.BlockTokens, count * KvCodec.BlockTokens).Select(Token)], source.ReadStored([.. Enumerable.Range(0, count)]));
            first += count;
        }
    }

    private TextToken Token(int index)
    {
        int shift = index / Unit * _characters;
        TextToken token = _unit[index % Unit];
        return token with { Start = token.Start + shift, End = token.End + shift };
    }
}
