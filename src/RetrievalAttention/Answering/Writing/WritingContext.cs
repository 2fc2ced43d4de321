using System.Diagnostics;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering.Writing;

/// <summary>
/// What the layers see while a text is written: <c>header | blocks of the book | blocks of the draft | prompt | last tokens of the text</c>, packed, so that no
/// position exceeds the trained length. Every few tokens the retrieval heads look again and the blocks are exchanged (design section 4); the text itself is never run again. Its
/// oldest tokens fall out of the local window into the <see cref="DraftMemory"/>.
/// </summary>
public sealed class WritingContext : IDisposable
{
    private const int BlockTokens = KvCodec.BlockTokens;

    /// <summary>Fewer local tokens make no text.</summary>
    private const int FewestLocal = 2 * BlockTokens;

    private readonly LoadedModel _model;
    private readonly DocumentMemory _memory;
    private readonly WritingOptions _options;
    private readonly BookLook _look;
    private readonly AttentionContext _context;
    private readonly RecentQueries _recent;
    private readonly DraftMemory _draft;
    private readonly int _draftRuns;
    private readonly Dictionary<int, double> _attention = [];
    private SpanAttention _looks;
    private IReadOnlyList<int> _bookBlocks = [];
    private IReadOnlyList<int> _draftBlocks = [];
    private int _memoryEnd;
    private int _textStart;
    private int _sinceLook;

    /// <param name="prompt">What stands before the text all the time, such as an instruction; may be empty. Read twice: to look, and with what was found.</param>
    /// <exception cref="ProblemException">The prompt leaves no room in the model's trained length.</exception>
    public WritingContext(LoadedModel model, DocumentMemory memory, WritingOptions options, BookLook look, IReadOnlyList<int> prompt)
    {
        (_model, _memory, _options, _look) = (model, memory, options, look);
        int room = model.Weights.Config.ContextLength - model.Header.Length - prompt.Count;
        MemoryTokens = Math.Min(Math.Max(2 * options.BookRuns, options.StyleBlocks) + 2 * options.DraftRuns, room / 2 / BlockTokens) * BlockTokens;
        LocalTokens = Math.Min(options.LocalTokens, room - MemoryTokens);
        if (LocalTokens < FewestLocal)
        {
            throw new ProblemException(ProblemKind.Setting,
                $"The model {model.Weights.Name} was trained on {model.Weights.Config.ContextLength} tokens; its header takes {model.Header.Length} and the instruction {prompt.Count}, which leaves fewer than the {2 * FewestLocal} that writing needs. Shorten the instruction, or use a model with a longer context.");
        }
        _draftRuns = Math.Min(options.DraftRuns, MemoryTokens / BlockTokens / 3);
        _context = model.Header.NewContext(MemoryTokens + prompt.Count + LocalTokens);
        _recent = new RecentQueries(model.Heads.Heads, options.LookTokens);
        _draft = new DraftMemory(model, memory.File.Codec);
        _looks = NewLooks([]);
        _memoryEnd = _textStart = _context.Length;
        if (prompt.Count > 0) ReadPrompt(prompt);
    }

    /// <summary>Most tokens of book and draft.</summary>
    public int MemoryTokens { get; }

    /// <summary>Most tokens of the text that are attended to in full.</summary>
    public int LocalTokens { get; }

    /// <summary>Scores [V] of the next token after what was read last; empty before anything was.</summary>
    public float[] Scores { get; private set; } = [];

    /// <summary>How often the heads looked.</summary>
    public int Looks { get; private set; }

    /// <summary>What all looks took.</summary>
    public TimeSpan LookTime { get; private set; }

    /// <summary>Tokens that are attended to now; also the next position.</summary>
    public int Length => _context.Length;

    /// <summary>In document order.</summary>
    public IReadOnlyList<int> BookBlocks => _bookBlocks;

    public IReadOnlyList<int> DraftBlocks => _draftBlocks;

    public DraftMemory Draft => _draft;

    /// <summary>How much the citation head attended to each block of the book while tokens were written (not read), unnormalised.</summary>
    public IReadOnlyDictionary<int, double> Attention
    {
        get
        {
            CountAttention();
            return _attention;
        }
    }

    /// <summary>Reads text that exists already, in steps, looking again before each.</summary>
    /// <param name="step">Tokens a step; at most half of <see cref="LocalTokens"/> are taken at once.</param>
    /// <param name="onStep">Given the first token's index and the hidden states [T, E] of each step.</param>
    public void Read(IReadOnlyList<int> ids, int step, CancellationToken cancellation, Action<int, Tensor>? onStep = null)
    {
        step = Math.Min(step, LocalTokens / 2);
        for (int first = 0; first < ids.Count; first += step)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            int count = Math.Min(step, ids.Count - first);
            MakeRoom(count);
            if (_sinceLook > 0 || Looks == 0) Look();
            Tensor hidden = Forward([.. ids.Skip(first).Take(count)]);
            onStep?.Invoke(first, hidden);
            Scores = ScoresOf(hidden);
        }
    }

    /// <summary>Appends a token that was written, and gives the scores of the next.</summary>
    public float[] Next(int id)
    {
        MakeRoom(1);
        if (_sinceLook >= _options.LookEvery || Looks == 0) Look();
        _sinceLook++;
        return Scores = _model.DecodeNext(id, _context, new AttentionTaps(_recent, _looks));
    }

    public void Dispose()
    {
        _looks.Dispose();
        _draft.Dispose();
        _recent.Dispose();
        _context.Dispose();
    }

    private void ReadPrompt(IReadOnlyList<int> prompt)
    {
        using var scope = NewDisposeScope();
        Forward(prompt);
        _context.Truncate(_memoryEnd);
        Look();
        Scores = ScoresOf(Forward(prompt));
        _textStart = _context.Length;
    }

    private Tensor Forward(IReadOnlyList<int> ids)
    {
        _sinceLook += ids.Count;
        return _model.Decoder.Forward(tensor(ids.Select(id => (long)id).ToArray()), _context, _recent);
    }

    private float[] ScoresOf(Tensor hidden) => _model.Decoder.Logits(hidden[^1..])[0].cpu().data<float>().ToArray();

    /// <summary>The text's oldest blocks leave, so that it stays within the window.</summary>
    private void MakeRoom(int tokens)
    {
        while (_context.Length - _textStart + tokens > LocalTokens)
        {
            using var scope = NewDisposeScope();
            (Tensor keys, Tensor values) = MemoryContext.Copy(_context, _model.Decoder, _textStart, BlockTokens);
            _draft.Add(keys, values);
            MemoryContext.Replace(_context, _model.Decoder, _textStart, _textStart + BlockTokens, 0, () => { });
        }
    }

    private void Look()
    {
        _sinceLook = 0;
        if (_recent.All.Count == 0) return;
        long started = Stopwatch.GetTimestamp();
        Looks++;
        IReadOnlyList<int> draft = _draft.Find(_recent.All, _draftRuns);
        IReadOnlyList<int> book = [.. _look(_recent.All).Take(MemoryTokens / BlockTokens - draft.Count)];
        if (!book.SequenceEqual(_bookBlocks) || !draft.SequenceEqual(_draftBlocks)) Exchange(book, draft);
        LookTime += Stopwatch.GetElapsedTime(started);
    }

    private void Exchange(IReadOnlyList<int> book, IReadOnlyList<int> draft)
    {
        CountAttention();
        _looks.Dispose();
        (_bookBlocks, _draftBlocks) = (book, draft);
        int tokens = _bookBlocks.Sum(_memory.File.TokensOf) + _draftBlocks.Count * BlockTokens;
        int start = _model.Header.Length, end = start + tokens;
        IReadOnlyList<(int Start, int End)> spans = [];
        MemoryContext.Replace(_context, _model.Decoder, start, _memoryEnd, tokens, () =>
        {
            spans = MemoryContext.Append(_context, _model.Decoder, _memory.File, _bookBlocks);
            foreach (int block in _draftBlocks) AppendDraft(block);
        });
        _textStart += end - _memoryEnd;
        _memoryEnd = end;
        _looks = NewLooks(spans);
    }

    private void AppendDraft(int block)
    {
        using var scope = NewDisposeScope();
        (Tensor keys, Tensor values) = _draft.Read(block);
        MemoryContext.AppendTokens(_context, _model.Decoder, keys, values);
    }

    private SpanAttention NewLooks(IReadOnlyList<(int Start, int End)> spans) => new(_model.Decoder.Rope, spans.Count == 0 ? [] : [_model.Heads.CitationHead], spans);

    private void CountAttention()
    {
        foreach ((int block, double total) in _bookBlocks.Zip(_looks.Totals)) _attention[block] = _attention.GetValueOrDefault(block) + total;
        _looks.Clear();
    }
}
