using RetrievalAttention.Answering;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Arrangements;

/// <summary>Measures the gold answer of questions under every arrangement of the same found blocks (design section 3). One book at a time.</summary>
/// <param name="rank">The first look over a shelf's blocks.</param>
public sealed class ArrangementEvaluation(LoadedModel model, AnsweringOptions options, RankBlocks rank, IReadOnlyList<Arrangement> arrangements)
{
    /// <returns>One likelihood an arrangement; null for an empty answer.</returns>
    public IReadOnlyList<AnswerLikelihood>? Run(DocumentMemory memory, AnswerCase question)
    {
        int[] answer = [.. model.Tokenizer.Encode(question.Answer).Select(token => token.Id)];
        if (answer.Length == 0) return null;
        MemoryShelf shelf = new(memory);
        IReadOnlyList<int> first = rank(shelf, question.Question);
        FoundBlocks found = new(
            shelf, first, BlockSearch.SecondLook(model, shelf, question.Question, first, options.Candidates),
            new(() => BlockSearch.SecondLook(model, shelf, question.Question, first, options.Candidates, asText: true)));
        return [.. arrangements.Select(arrangement => Measure(memory, shelf, question, answer, arrangement.Lay(found)))];
    }

    private AnswerLikelihood Measure(DocumentMemory memory, MemoryShelf shelf, AnswerCase question, int[] answer, Layout layout)
    {
        using var scope = NewDisposeScope();
        IReadOnlyList<Quotation> quotations = Answerer.Quotations(shelf, layout.Quoted);
        if (layout.WholeSentences) quotations = [.. BlockRuns.Of(shelf, layout.Quoted).Select(run => new Quotation(Sentences(memory, run[0], run[^1])))];
        Prompt prompt = QuestionPrompt.Build(model, new UserQuestion(question.Question), quotations);
        IReadOnlyList<IReadOnlyList<int>> runs = BlockRuns.Of(shelf, layout.Attended);
        List<int>[] headings = layout.Headings ? HeadingsOf(memory, runs) : [.. runs.Select(_ => new List<int>())];
        int room = layout.Attended.Count * KvCodec.BlockTokens + headings.Sum(heading => heading.Count) + runs.Count * layout.Gap + prompt.Ids.Count + answer.Length;
        using AttentionContext context = model.Header.NewContext(room);
        PositionBias bias = new();
        if (layout.HeaderBias != 0) bias.Add(0, model.Header.Length, layout.HeaderBias);
        foreach ((IReadOnlyList<int> run, List<int> heading) in runs.Zip(headings))
        {
            if (layout.Gap > 0) LeaveOut(context, layout.Gap, bias);
            if (heading.Count > 0) Forward(context, heading);
            if (layout.Rerun > 0) MemoryContext.AppendRun(context, model.Decoder, memory.File, run, layout.Rerun);
            else MemoryContext.Append(context, model.Decoder, memory.File, run);
        }
        return AnswerLikelihood.Measure(model, context, prompt.Ids, answer, bias: bias.IsEmpty ? null : bias);
    }

    private void Forward(AttentionContext context, IReadOnlyList<int> ids)
    {
        using Tensor hidden = model.Decoder.Forward(tensor(ids.Select(id => (long)id).ToArray()), context);
    }

    /// <summary>Positions at which nothing stands: rows that nobody sees.</summary>
    private void LeaveOut(AttentionContext context, int positions, PositionBias bias)
    {
        DecoderConfig config = model.Weights.Config;
        using Tensor nothing = zeros([config.Layers, config.KvHeads, positions, config.HeadSize], float32, model.Decoder.Device);
        bias.Add(context.Length, context.Length + positions, double.NegativeInfinity);
        MemoryContext.AppendTokens(context, model.Decoder, nothing, nothing);
    }

    /// <summary>Ids of the heading path before each run; none where it is that of the run before.</summary>
    private List<int>[] HeadingsOf(DocumentMemory memory, IReadOnlyList<IReadOnlyList<int>> runs)
    {
        DocumentText text = new(memory.Document);
        string[] paths = [.. runs.Select(run => memory.Index!.TextRange(run[0])).Select(range => text.Locate(range.Start, range.End).Section)];
        return [.. paths.Select((path, i) => path.Length == 0 || i > 0 && paths[i - 1] == path ? [] : model.Tokenizer.Encode($"\n\n{path}\n\n").Select(token => token.Id).ToList())];
    }

    /// <summary>Text from the start of the sentence in which the first block begins to the end of that in which the last one ends.</summary>
    private static string Sentences(DocumentMemory memory, int first, int last)
    {
        Document document = memory.Document;
        int start = memory.Index!.TextRange(first).Start, end = memory.Index.TextRange(last).End;
        IReadOnlyList<TextRange> touching = Citations.SentencesThatTouch(document, start, end);
        return touching.Count == 0 ? document.Text[start..end] : document.Text[Math.Min(start, touching[0].Start)..Math.Max(end, touching[^1].End)];
    }
}

/// <summary>Adds the same to the scores of chosen positions in every layer and head.</summary>
internal sealed class PositionBias : IAttentionBias
{
    private readonly List<(int Start, int End, double Added)> _ranges = [];

    public bool IsEmpty => _ranges.Count == 0;

    public void Add(int start, int end, double added) => _ranges.Add((start, end, added));

    public Tensor? Bias(int layer, Tensor queries, AttentionContext context)
    {
        float[] added = new float[context.Length];
        foreach ((int start, int end, double value) in _ranges) Array.Fill(added, (float)value, start, end - start);
        return tensor(added, [1, 1, added.Length], device: queries.device);
    }
}
