using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering;

/// <summary>A first look: ranks the blocks of a shelf for a question, best first.</summary>
public delegate IReadOnlyList<int> RankBlocks(MemoryShelf shelf, string question);

/// <summary>Finds the blocks that answer a question: a first look over whole books, a second one over the best of it (design section 2).</summary>
public static class BlockSearch
{
    private const double RankOffset = 10;

    /// <summary>The first look by attention alone.</summary>
    public static RankBlocks ByAttention(LoadedModel model) => (shelf, question) => RankByScore([.. shelf.Books.SelectMany(book => FirstLook(model, book.Index!, question))]);

    /// <summary>Score of every block by the retrieval heads; the question is read alone, once.</summary>
    public static double[] FirstLook(LoadedModel model, RetrievalIndex index, string question)
    {
        using var scope = NewDisposeScope();
        return FirstLook(model, index, question, QueriesOf(model, question), weight: null);
    }

    /// <param name="queries">Of the question, as <see cref="QueriesOf"/> gave them: one reading of it serves many documents.</param>
    /// <param name="weight">How much the token at a range of the question asks; null for 1 each.</param>
    /// <inheritdoc cref="FirstLook(LoadedModel, RetrievalIndex, string)"/>
    public static double[] FirstLook(LoadedModel model, RetrievalIndex index, string question, IReadOnlyList<Tensor> queries, Func<TextRange, double>? weight)
    {
        double[]? weights = weight is null ? null : [.. QuestionPrompt.TokensOfQuestion(model, question).Select(weight)];
        // Nothing left to ask with: then every token asks.
        return index.Score(queries, model.Decoder.Rope, weights?.Any(value => value > 0) == true ? weights : null);
    }

    /// <summary>What each retrieval head asks for a question that is read alone: [T, D], before rotary embedding. The caller owns them.</summary>
    public static Tensor[] QueriesOf(LoadedModel model, string question)
    {
        using var scope = NewDisposeScope();
        (IReadOnlyList<int> ids, int prefix) = QuestionPrompt.FirstLook(model, question);
        using AttentionContext context = model.Header.NewContext(ids.Count);
        using QueryCapture queries = new(model.Heads.Heads);
        model.Decoder.Forward(tensor(ids.Select(id => (long)id).ToArray()), context, queries, model.Heads.LayersNeeded);
        return [.. Enumerable.Range(0, model.Heads.Heads.Count).Select(i => queries.Queries(i)[prefix..].clone().MoveToOuterDisposeScope())];
    }

    /// <summary>The best candidates in a new order: the question is read with all of them in memory, and the retrieval heads tell which they look at.</summary>
    /// <param name="ranked">Best first; only the first <paramref name="candidates"/> are looked at and returned.</param>
    /// <param name="asText">The candidates' text is read before the question instead of their memory, to compare with: it costs more and finds no better.</param>
    public static IReadOnlyList<int> SecondLook(LoadedModel model, MemoryShelf shelf, string question, IReadOnlyList<int> ranked, int candidates, bool asText = false)
    {
        int[] first = [.. ranked.Take(candidates)];
        int[] inOrder = [.. first.Order()];
        using var scope = NewDisposeScope();
        IReadOnlyList<double[]> attention = asText ? LookAtText(model, shelf, question, inOrder) : LookAtMemory(model, shelf, question, inOrder);
        double[][] looks = [.. attention.Select(BlockScores.DividedByDeviation)];
        int[] looked = [.. RankByScore([.. Enumerable.Range(0, inOrder.Length).Select(i => looks.Sum(head => head[i]))]).Select(i => inOrder[i])];
        double Reciprocal(int block) => 1 / (RankOffset + Array.IndexOf(first, block)) + 1 / (RankOffset + Array.IndexOf(looked, block));
        return [.. first.OrderByDescending(Reciprocal)];
    }

    /// <summary>What each retrieval head pays to each block.</summary>
    private static IReadOnlyList<double[]> LookAtMemory(LoadedModel model, MemoryShelf shelf, string question, int[] blocks)
    {
        Prompt prompt = QuestionPrompt.Build(model, question, []);
        using AttentionContext context = model.Header.NewContext(blocks.Length * KvCodec.BlockTokens + prompt.Ids.Count);
        using SpanAttention attention = new(model.Decoder.Rope, model.Heads.Heads, shelf.Append(context, model.Decoder, blocks, model.Heads.LayersNeeded));
        model.Decoder.Forward(tensor(prompt.Ids.Select(id => (long)id).ToArray()), context, attention, model.Heads.LayersNeeded);
        return attention.ByHead;
    }

    /// <inheritdoc cref="LookAtMemory"/>
    private static IReadOnlyList<double[]> LookAtText(LoadedModel model, MemoryShelf shelf, string question, int[] blocks)
    {
        Prompt prompt = QuestionPrompt.Build(model, new UserQuestion(question), Answerer.Quotations(shelf, blocks));
        using AttentionContext context = model.Header.NewContext(prompt.Ids.Count);
        int start = context.Length, behind = prompt.Quoted[^1].End;
        using SpanAttention attention = new(model.Decoder.Rope, model.Heads.Heads, [.. prompt.Quoted.Select(quoted => (quoted.Start + start, quoted.End + start))]);
        // Only the question looks, not the text itself.
        foreach ((long[] ids, IAttentionTap? tap) in ((long[], IAttentionTap?)[])[([.. prompt.Ids.Take(behind)], null), ([.. prompt.Ids.Skip(behind)], attention)])
            model.Decoder.Forward(tensor(ids), context, tap, model.Heads.LayersNeeded);
        return attention.ByHead;
    }

    /// <summary>Indices by descending score; equal scores keep their order.</summary>
    public static IReadOnlyList<int> RankByScore(IReadOnlyList<double> scores) => [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i])];
}
