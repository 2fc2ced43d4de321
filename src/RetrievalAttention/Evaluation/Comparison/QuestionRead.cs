using RetrievalAttention.Answering;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>
/// <c>header | what a method chose | question</c>, as the model has read it once. Measures look at it one after the other, each as if it were the first. The question is run before
/// any answer, so that an answer chooses nothing. Lives in the caller's dispose scope.
/// </summary>
public sealed class QuestionRead : IDisposable
{
    /// <summary>Room for an answer that is written.</summary>
    private const int WrittenTokens = 64;

    private readonly AttentionContext _context;
    private readonly PlannedAttention _attention;
    private readonly Tensor _first;
    private readonly int _end;

    private QuestionRead(ComparedQuestion question, MemoryPlan plan, Prompt prompt, int room)
    {
        (Question, Plan, Prompt) = (question, plan, prompt);
        int start = question.Model.Header.Length;
        _context = question.Model.Header.NewContext(room);
        _context.Advance(plan.RowCount);
        _attention = new PlannedAttention(plan, question.Config, start, question.AskingTokens);
        _first = Read(Prompt.Ids, last: 1);
        _end = _context.Length;
    }

    public ComparedQuestion Question { get; }

    public MemoryPlan Plan { get; }

    public Prompt Prompt { get; }

    /// <inheritdoc cref="CellResult.AttendedTokens"/>
    public double AttendedTokens => Plan.RowCount * Plan.SeenShare + Prompt.Quoted.Sum(quoted => quoted.End - quoted.Start);

    /// <summary>Everything that stands before an answer: header, rows, question.</summary>
    public int ContextLength => _end;

    /// <returns>Null where the method does not apply, or would reach positions that the model was not trained on.</returns>
    public static QuestionRead? By(ComparisonMethod method, ComparedQuestion question, int budget) => method.Plan(question, budget) is { } plan ? Of(question, plan) : null;

    internal static QuestionRead? Of(ComparedQuestion question, MemoryPlan plan)
    {
        Prompt prompt = question.PromptWith(plan.QuotedBlocks);
        int room = plan.RowCount + prompt.Ids.Count + Math.Max(question.Gold.Count, WrittenTokens);
        return question.Model.Header.Length + room <= question.Config.ContextLength ? new QuestionRead(question, plan, prompt, room) : null;
    }

    /// <summary>Logarithms of the probabilities of what comes at each id when they follow the question, [A, V].</summary>
    /// <param name="ids">At least one.</param>
    public Tensor Predict(IReadOnlyList<int> ids)
    {
        _context.Truncate(_end);
        return ids.Count == 1 ? _first : cat([_first, Read([.. ids.SkipLast(1)], ids.Count - 1)], 0);
    }

    /// <summary>The likeliest tokens, one after the other, until an end token or the limit.</summary>
    /// <param name="most">At most 64.</param>
    public IReadOnlyList<int> Write(int most)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(most, WrittenTokens);
        _context.Truncate(_end);
        List<int> ids = [];
        int next = Best(_first);
        while (!Question.Model.Tokenizer.EndIds.Contains(next))
        {
            ids.Add(next);
            if (ids.Count == most) break;
            // Token by token as ra ask writes, which is several times faster, wherever a method needs nothing special.
            next = _attention.IsPlain ? Best(tensor(Question.Model.DecodeNext(next, _context, tap: null)).unsqueeze(0)) : Best(Read([next], last: 1));
        }
        return ids;
    }

    /// <summary>Tokens of the document that a layer sees as stored rows: [R] for all heads, or [G, R]; null where it sees none, or rows that stand for many tokens.</summary>
    public Tensor? TokensSeen(int layer) => _attention.Tokens(layer);

    public void Dispose()
    {
        _attention.Dispose();
        _context.Dispose();
    }

    private static int Best(Tensor scores) => (int)scores.argmax(1).item<long>();

    /// <summary>Predictions behind the last of the ids, [last, V]. Where each token chooses, the last ones are run one by one.</summary>
    private Tensor Read(IReadOnlyList<int> ids, int last)
    {
        if (!Plan.EachTokenChooses || ids.Count == 1) return Run(ids, last);
        if (ids.Count > last) Run([.. ids.SkipLast(last)], last: 1);
        return cat([.. ids.TakeLast(last).Select(id => Run([id], last: 1))], 0);
    }

    private Tensor Run(IReadOnlyList<int> ids, int last)
    {
        Decoder decoder = Question.Model.Decoder;
        Tensor hidden = decoder.Forward(tensor(ids.Select(id => (long)id).ToArray()), _context, _attention, bias: _attention);
        Tensor logits = decoder.Logits(hidden[^last..]);
        return Plan.AtOutput is null ? logits.log_softmax(1) : Plan.AtOutput.Mix(logits, _attention.LastKeys[^last..], Question.Document);
    }
}
