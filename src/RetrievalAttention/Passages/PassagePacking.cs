namespace RetrievalAttention.Passages;

/// <summary>Chooses where passages end, by dynamic programming over all ways to pack a section's units.</summary>
internal static class PassagePacking
{
    // Costs, in squared shares of the target length: a passage 40 % too long costs as much as one that ends inside a paragraph.
    private const double InsideParagraph = 0.16;
    private const double HeadingInside = 0.16;
    private const double HeadingLast = 100;
    private const double TooLong = 10_000;

    /// <summary>Ranges of units that cover all of them in order, with the lowest total cost.</summary>
    public static IReadOnlyList<Range> Pack(IReadOnlyList<TextUnit> units, int target, int maximum)
    {
        double[] costs = new double[units.Count + 1];
        int[] starts = new int[units.Count + 1];
        for (int end = 1; end <= units.Count; end++)
        {
            (costs[end], starts[end]) = (double.PositiveInfinity, end - 1);
            int tokens = 0;
            double headings = 0;
            for (int start = end - 1; start >= 0; start--)
            {
                tokens += units[start].Tokens;
                if (start + 1 < end && units[start + 1].IsHeading && !units[start].IsHeading) headings += HeadingInside;
                if (tokens > maximum && start + 1 < end) break;
                double cost = costs[start] + headings + Cost(units, end, tokens, target, maximum);
                if (cost < costs[end]) (costs[end], starts[end]) = (cost, start);
            }
        }
        return Backtrack(starts);
    }

    private static double Cost(IReadOnlyList<TextUnit> units, int end, int tokens, int target, int maximum)
    {
        double deviation = (double)(tokens - target) / target;
        double cost = deviation * deviation;
        if (tokens > maximum) cost += TooLong;
        if (end == units.Count) return cost;
        if (units[end - 1].IsHeading) cost += HeadingLast;
        return units[end - 1].EndsParagraph ? cost : cost + InsideParagraph;
    }

    private static List<Range> Backtrack(int[] starts)
    {
        var ranges = new List<Range>();
        for (int end = starts.Length - 1; end > 0; end = starts[end]) ranges.Add(starts[end]..end);
        ranges.Reverse();
        return ranges;
    }
}
