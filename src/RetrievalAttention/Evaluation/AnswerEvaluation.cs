using RetrievalAttention.Answering;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Evaluation;

/// <summary>NLL (nats per token) and token accuracy of the gold answer, by what the model may look at.</summary>
/// <param name="HybridText">Usual hybrid RAG: the text of the best blocks by words and embeddings with equal reciprocal ranks.</param>
public sealed record AnswerConditions<T>(T Closed, T GoldText, T GoldMemory, T FoundMemory, T FoundMemoryQuoted, T FoundText, T HybridText);

/// <summary>Result of one question.</summary>
/// <param name="FirstLook">The 16 best blocks of the first look.</param>
/// <param name="Found">Blocks after the second look, best first.</param>
/// <param name="GoldRank">Rank from 1 of the first gold block in the first look; null when there is no evidence.</param>
/// <param name="SecondLookRank">The same after the second look; null when it is not among the candidates.</param>
public sealed record AnswerResult(
    string Id, IReadOnlyList<int> GoldBlocks, IReadOnlyList<int> FirstLook, IReadOnlyList<int> Found, int? GoldRank, int? SecondLookRank,
    AnswerConditions<AnswerLikelihood?> Likelihood);

/// <summary>
/// Measures the gold answer of questions about one document under seven conditions (design section 3), with the document read into memory.
/// </summary>
/// <param name="rank">The first look over a shelf's blocks.</param>
/// <param name="hybrid">Usual hybrid retrieval, to compare with.</param>
public sealed class AnswerEvaluation(LoadedModel model, AnsweringOptions options, RankBlocks rank, RankBlocks hybrid)
{
    public AnswerResult Run(DocumentMemory memory, AnswerCase question)
    {
        RetrievalIndex index = memory.Index!;
        MemoryShelf shelf = new(memory);
        int[] gold = [.. question.Evidence.SelectMany(evidence => BlocksOf(index, evidence)).Distinct().Order()];
        IReadOnlyList<int> goldAndNeighbours = BlockRuns.Around(shelf, gold, before: 1, after: 1);
        IReadOnlyList<int> first = rank(shelf, question.Question);
        IReadOnlyList<int> second = BlockSearch.SecondLook(model, shelf, question.Question, first, options.Candidates);
        int[] found = [.. second.Take(options.MemoryBlocks).Order()];
        IReadOnlyList<int> attended = Answerer.Attended(shelf, second, options);
        IReadOnlyList<int> quoted = Answerer.Quoted(shelf, second, options);

        AnswerLikelihood? Measure(IReadOnlyList<int> inMemory, IReadOnlyList<int> asText) =>
            AnswerLikelihood.Measure(model, shelf, new UserQuestion(question.Question), inMemory, asText, question.Answer);
        bool hasGold = gold.Length > 0;
        return new AnswerResult(question.Id, gold, [.. first.Take(16)], [.. second.Take(options.MemoryBlocks)],
            RankOf(first, gold), RankOf(second, gold),
            new AnswerConditions<AnswerLikelihood?>(
                Closed: Measure([], []),
                GoldText: hasGold ? Measure([], goldAndNeighbours) : null,
                GoldMemory: hasGold ? Measure(goldAndNeighbours, []) : null,
                FoundMemory: Measure(attended, []),
                FoundMemoryQuoted: Measure(attended, quoted),
                FoundText: Measure([], found),
                HybridText: Measure([], [.. hybrid(shelf, question.Question).Take(options.MemoryBlocks).Order()])));
    }

    private static int? RankOf(IReadOnlyList<int> ranked, int[] gold)
    {
        int rank = Enumerable.Range(0, ranked.Count).FirstOrDefault(i => gold.Contains(ranked[i]), -1);
        return rank < 0 ? null : rank + 1;
    }

    internal static IEnumerable<int> BlocksOf(RetrievalIndex index, TextRange evidence)
    {
        (int first, int last) = index.BlocksOf(evidence.Start, evidence.End);
        return Enumerable.Range(first, last - first + 1);
    }
}
