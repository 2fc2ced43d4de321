using RetrievalAttention.Documents;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>Local and global patterns: where to look is fixed by the distance, whatever is asked.</summary>
internal static class PatternMethods
{
    private const int OpeningTokens = 8;

    public static IReadOnlyList<ComparisonMethod> All { get; } =
    [
        new("strided", MethodFamily.Pattern, "Child et al. 2019, Sparse Transformer", "half the budget the last tokens, half every k-th before them",
            "All heads have both patterns.",
            (question, budget) => Filled(question, budget, Even(question.Tokens - budget / 2, budget - budget / 2))) { BecomesFull = true },
        new("bigbird", MethodFamily.Pattern, "Zaheer et al. 2020, BigBird", "half the budget the last tokens, a quarter the first, a quarter by chance",
            "Single tokens, not blocks, by chance; global tokens are only looked at.",
            (question, budget) =>
            {
                Random chance = question.Chance(budget);
                IEnumerable<int> random = Enumerable.Range(0, budget / 4).Select(_ => chance.Next(question.Tokens));
                return Filled(question, budget, Enumerable.Range(0, Math.Min(budget / 4, question.Tokens)).Concat(random));
            })
        { BecomesFull = true },
        new("paragraphs", MethodFamily.Pattern, "Ainslie et al. 2020, ETC; Mohtashami and Jaggi 2023, landmark tokens", $"half the budget the last tokens, half the first {OpeningTokens} tokens of paragraphs spread evenly",
            "No trained landmark tokens: the openings themselves.",
            (question, budget) => Filled(question, budget, Openings(question, budget / 2))) { BecomesFull = true },
    ];

    /// <summary>Chosen tokens and the last ones, until the budget is full.</summary>
    private static MemoryPlan Filled(ComparedQuestion question, int budget, IEnumerable<int> chosen)
    {
        HashSet<int> tokens = [.. chosen.Where(token => token >= 0 && token < question.Tokens).Distinct().Take(budget)];
        for (int last = question.Tokens - 1; last >= 0 && tokens.Count < budget; last--) tokens.Add(last);
        return StoredRows.Of(question, tokens);
    }

    private static IEnumerable<int> Even(int among, int count) =>
        Enumerable.Range(0, Math.Clamp(among, 0, count)).Select(i => (int)((long)i * among / Math.Min(among, count)));

    private static IEnumerable<int> Openings(ComparedQuestion question, int budget)
    {
        List<int> starts = [];
        int token = 0;
        foreach (Paragraph paragraph in question.Memory.Document.Paragraphs)
        {
            while (token < question.Tokens && question.Document.Text[token].End <= paragraph.Start) token++;
            if (token == question.Tokens) break;
            starts.Add(token);
        }
        return Even(starts.Count, budget / OpeningTokens).SelectMany(i => Enumerable.Range(starts[i], OpeningTokens));
    }
}
