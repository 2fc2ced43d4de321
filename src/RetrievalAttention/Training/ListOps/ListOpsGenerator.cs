namespace RetrievalAttention.Training.ListOps;

/// <summary>
/// Draws expressions as Long Range Arena does (Tay et al. 2021, after Nangia and Bowman 2018): an element is a list with probability 1/4 up to the greatest depth, a
/// list has 2 to 10 elements and one of four operators, and expressions outside the wanted lengths are drawn again. Long Range Arena wants 500 to 2000 tokens.
/// </summary>
/// <param name="shortest">Fewest tokens of an expression.</param>
/// <param name="longest">Most tokens of an expression.</param>
public sealed class ListOpsGenerator(int shortest, int longest)
{
    private const double ListShare = 0.25;
    private const int GreatestDepth = 10;
    private const int MostElements = 10;

    public ListOpsSample Next(Random random)
    {
        while (true)
        {
            List<int> tokens = [], values = [];
            if (AddList(tokens, values, depth: 1, random) is not { } answer || tokens.Count + 1 < shortest) continue;
            return new ListOpsSample([.. tokens, ListOpsTokens.End], [.. values, answer]);
        }
    }

    /// <summary>Appends a list; its value, or null once the expression is too long.</summary>
    private int? AddList(List<int> tokens, List<int> values, int depth, Random random)
    {
        int operation = random.Next(4);
        Add(ListOpsTokens.Digits + operation, ListOpsSample.NoValue);
        int[] elements = new int[random.Next(2, MostElements + 1)];
        for (int i = 0; i < elements.Length; i++)
        {
            if (tokens.Count + elements.Length - i >= longest) return null;
            bool isList = depth < GreatestDepth && random.NextDouble() < ListShare;
            if ((isList ? AddList(tokens, values, depth + 1, random) : AddDigit()) is not { } element) return null;
            elements[i] = element;
        }
        int value = Evaluate(operation, elements);
        Add(ListOpsTokens.Close, value);
        return tokens.Count < longest ? value : null;

        void Add(int token, int known)
        {
            tokens.Add(token);
            values.Add(known);
        }

        int AddDigit()
        {
            int digit = random.Next(ListOpsTokens.Digits);
            Add(digit, ListOpsSample.NoValue);
            return digit;
        }
    }

    /// <param name="operation">0 MAX, 1 MIN, 2 MEDIAN (the mean of both middle ones, rounded down), 3 SUM_MOD (10).</param>
    internal static int Evaluate(int operation, IReadOnlyList<int> elements)
    {
        int[] ordered = [.. elements.Order()];
        return operation switch
        {
            0 => ordered[^1],
            1 => ordered[0],
            2 => (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2,
            _ => ordered.Sum() % ListOpsTokens.Digits,
        };
    }
}
