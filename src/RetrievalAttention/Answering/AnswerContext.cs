using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.Answering;

/// <summary>Blocks that a question is answered with.</summary>
/// <param name="Attended">In the order in which they are packed: book by book.</param>
/// <param name="Quoted">In the order of the shelf; among the attended, or all there is where nothing can be attended to.</param>
/// <param name="Ranked">Those that were found, best first; where nothing was chosen, none.</param>
internal sealed record AnswerBlocks(IReadOnlyList<int> Attended, IReadOnlyList<int> Quoted, IReadOnlyList<int> Ranked);

/// <summary>
/// What the layers see while an answer is written: <c>header | blocks | prompt | answer</c>, packed. Every <see cref="AnsweringOptions.LookAgain"/> tokens of the answer the
/// retrieval heads look again over the whole books with the last tokens' queries, and half of the blocks make room for what they find (design section 4). Adds up what the
/// citation head attends to.
/// </summary>
internal sealed class AnswerContext : IDisposable
{
    /// <summary>Last tokens whose queries look (design section 4).</summary>
    private const int LookTokens = 64;

    private readonly LoadedModel _model;
    private readonly MemoryShelf _shelf;
    private readonly AnsweringOptions _options;
    private readonly AnswerBlocks _blocks;
    private readonly IReadOnlyList<(int Start, int End)> _quoted;
    private readonly RecentQueries? _recent;
    private readonly Dictionary<int, double> _attention = [];
    private readonly SortedSet<int> _seen;
    private IReadOnlyList<int> _attended;
    private SpanAttention _watch;
    private int _memoryEnd;
    private int _sinceLook;

    public AnswerContext(LoadedModel model, MemoryShelf shelf, AnsweringOptions options, AnswerBlocks blocks, Prompt prompt)
    {
        (_model, _shelf, _options, _blocks, _attended, _quoted) = (model, shelf, options, blocks, blocks.Attended, prompt.Quoted);
        _seen = [.. blocks.Attended, .. blocks.Quoted];
        Context = model.Header.NewContext(MostBlocks(shelf, blocks, options) * KvCodec.BlockTokens + prompt.Ids.Count + options.MaxAnswerTokens);
        _watch = NewWatch(Append(_attended));
        if (options.LookAgain > 0 && blocks.Ranked.Count > 0) _recent = new RecentQueries(model.Heads.Heads, LookTokens);
    }

    public AttentionContext Context { get; }

    /// <summary>Most blocks that are attended to while the answer is written.</summary>
    public static int MostBlocks(MemoryShelf shelf, AnswerBlocks blocks, AnsweringOptions options) =>
        options.LookAgain == 0 || blocks.Ranked.Count == 0 ? blocks.Attended.Count : Math.Min(shelf.Blocks, Math.Max(blocks.Attended.Count, options.MostAttended));

    /// <summary>Watches the prompt; null for nothing to watch.</summary>
    public IAttentionTap? OfPrompt => _recent;

    /// <summary>Watches the next token of the answer.</summary>
    public IAttentionTap OfToken => _recent is null ? _watch : new AttentionTaps(_recent, _watch);

    /// <summary>Blocks that were attended to or quoted at any time, in the order of the shelf.</summary>
    public IEnumerable<int> Seen => _seen;

    /// <summary>How much the citation head attended to each block, in memory and quoted together, unnormalised.</summary>
    public IReadOnlyDictionary<int, double> Attention
    {
        get
        {
            CountAttention();
            return _attention;
        }
    }

    /// <summary>Call before each token of the answer is read.</summary>
    public void LookWhenDue()
    {
        if (_recent is null || ++_sinceLook <= _options.LookAgain) return;
        _sinceLook = 1;
        double[] scores = [.. _shelf.Books.SelectMany(book => book.Index!.Score(_recent.All, _model.Decoder.Rope))];
        IReadOnlyList<int> found = BlockRuns.Best(scores, _options.MemoryBlocks / 4);
        IReadOnlyList<int> kept = Answerer.Attended(_shelf, _blocks.Ranked, _options with { MemoryBlocks = _options.MemoryBlocks / 2 });
        int[] next = [.. found.Concat(kept.Except(found)).Take(MostBlocks(_shelf, _blocks, _options)).Order()];
        if (found.Count > 0 && !next.SequenceEqual(_attended)) Exchange(next);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _recent?.Dispose();
        Context.Dispose();
    }

    private void Exchange(int[] blocks)
    {
        CountAttention();
        _watch.Dispose();
        _attended = blocks;
        _seen.UnionWith(blocks);
        int tokens = blocks.Sum(_shelf.TokensOf);
        IReadOnlyList<(int Start, int End)> spans = [];
        MemoryContext.Replace(Context, _model.Decoder, _model.Header.Length, _memoryEnd, tokens, () => spans = Append(blocks));
        _watch = NewWatch(spans);
    }

    private IReadOnlyList<(int Start, int End)> Append(IReadOnlyList<int> blocks)
    {
        if (_options.Rerun == 0 || _blocks.Ranked.Count == 0) return _shelf.Append(Context, _model.Decoder, blocks);
        return
        [
            .. BlockRuns.Of(_shelf, blocks).SelectMany(run => MemoryContext.AppendRun(
                Context, _model.Decoder, _shelf.Books[_shelf.Locate(run[0]).Book].File, [.. run.Select(block => _shelf.Locate(block).Block)], _options.Rerun)),
        ];
    }

    private SpanAttention NewWatch(IReadOnlyList<(int Start, int End)> spans)
    {
        _memoryEnd = spans.Count == 0 ? _model.Header.Length : spans[^1].End;
        return new SpanAttention(
            _model.Decoder.Rope, _shelf.HasIndex ? [_model.Heads.CitationHead] : [], [.. spans, .. _quoted.Select(quoted => (quoted.Start + _memoryEnd, quoted.End + _memoryEnd))]);
    }

    private void CountAttention()
    {
        foreach ((int block, double total) in _attended.Concat(_blocks.Quoted).Zip(_watch.Totals)) _attention[block] = _attention.GetValueOrDefault(block) + total;
        _watch.Clear();
    }
}
