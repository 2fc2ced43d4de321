using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering.Summaries.Written;

/// <summary>
/// The attention context of one section: header | its blocks | its key sentences and the instruction, read once. Writing and judging start from there,
/// as often as needed.
/// </summary>
internal sealed class SectionContext : IDisposable
{
    /// <summary>Blocks that a sentence cites at most.</summary>
    private const int CitedBlocks = 4;

    private readonly LoadedModel _model;
    private readonly int _room;
    private readonly AttentionContext _context;
    private readonly AttentionContext _closed;
    private readonly IReadOnlyList<(int Start, int End)> _spans;
    private readonly int _last;
    private readonly int _read;
    private readonly int _closedRead;

    /// <param name="room">Tokens to be written at most, with those that stand before.</param>
    public SectionContext(LoadedModel model, MemoryFile memory, SectionTask task, int room)
    {
        (_model, Task, _room) = (model, task, room);
        Prompt prompt = QuestionPrompt.Instruct(model, [.. task.Keys.Select(key => key.Text)], task.Instruction);
        Prompt bare = QuestionPrompt.Instruct(model, [], task.Instruction);
        _context = model.Header.NewContext(task.Blocks.Count * KvCodec.BlockTokens + prompt.Ids.Count + room);
        IReadOnlyList<(int Start, int End)> blocks = MemoryContext.Append(_context, model.Decoder, memory, task.Blocks);
        int start = _context.Length;
        _spans = [.. blocks, .. prompt.Quoted.Select(quoted => (quoted.Start + start, quoted.End + start))];
        _last = prompt.Ids[^1];
        Read(prompt.Ids, _context);
        _read = _context.Length;
        _closed = model.Header.NewContext(bare.Ids.Count + room);
        Read(bare.Ids, _closed);
        _closedRead = _closed.Length;
    }

    public SectionTask Task { get; }

    /// <param name="before">What stands already, as text; where that and what is to be written exceed the room, the end of it.</param>
    public string Write(string before, AnsweringOptions options, CancellationToken cancellation)
    {
        _context.Truncate(_read);
        return new Generation(_model, options).Write(_context, [_last, .. Ids(before).TakeLast(_room - options.MaxAnswerTokens)], null, null, cancellation).Text;
    }

    /// <summary>
    /// How much likelier memory and key sentences make a sentence, in nats a token, and the blocks that the citation head looked at meanwhile.
    /// </summary>
    public (double Support, IReadOnlyList<int> Blocks) Judge(string sentence)
    {
        using var scope = NewDisposeScope();
        int[] ids = [.. Ids(sentence)];
        _context.Truncate(_read);
        _closed.Truncate(_closedRead);
        using SpanAttention looks = new(_model.Decoder.Rope, [_model.Heads.CitationHead], _spans);
        double open = -AnswerLikelihood.Measure(_model, _context, [_last], ids, looks).MeanNll;
        double closed = -AnswerLikelihood.Measure(_model, _closed, [_last], ids).MeanNll;
        return (open - closed, Cited(looks.Totals));
    }

    /// <summary>The blocks most looked at, in memory or in a quotation.</summary>
    private int[] Cited(double[] totals)
    {
        Dictionary<int, double> byBlock = [];
        for (int i = 0; i < Task.Blocks.Count; i++) byBlock[Task.Blocks[i]] = totals[i];
        for (int i = 0; i < Task.Keys.Count; i++)
        {
            foreach (SummarySource source in Task.Keys[i].Sources)
                for (int block = source.FirstBlock; block <= source.LastBlock; block++) byBlock[block] = byBlock.GetValueOrDefault(block) + totals[Task.Blocks.Count + i];
        }
        return [.. byBlock.OrderByDescending(pair => pair.Value).Take(CitedBlocks).Select(pair => pair.Key).Order()];
    }

    /// <summary>All but the last id, which begins every answer.</summary>
    private void Read(IReadOnlyList<int> ids, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        _model.Decoder.Forward(tensor(ids.Take(ids.Count - 1).Select(id => (long)id).ToArray()), context);
    }

    private IEnumerable<int> Ids(string text) => text.Length == 0 ? [] : _model.Tokenizer.Encode(text).Select(token => token.Id);

    public void Dispose()
    {
        _context.Dispose();
        _closed.Dispose();
    }
}
