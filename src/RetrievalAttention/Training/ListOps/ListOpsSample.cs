namespace RetrievalAttention.Training.ListOps;

/// <summary>One expression of ListOps.</summary>
/// <param name="Tokens">[T]: 0 to 9 are digits, the rest stands in <see cref="ListOpsTokens"/>.</param>
/// <param name="Values">[T]: where a list closes its value, elsewhere <see cref="NoValue"/>. At the end stands the value of the whole.</param>
public sealed record ListOpsSample(IReadOnlyList<int> Tokens, IReadOnlyList<int> Values)
{
    public const int NoValue = -1;

    public int Answer => Values[^1];
}

/// <summary>The vocabulary of ListOps.</summary>
public static class ListOpsTokens
{
    public const int Digits = 10;
    public const int Close = Digits + 4;
    public const int End = Close + 1;
    public const int Padding = End + 1;
    public const int Count = Padding + 1;

    private static readonly string[] Operators = ["[MAX", "[MIN", "[MED", "[SM"];

    /// <summary>"[MAX 2 9 [MIN 4 7 ] 0 ] =". The end, like the class token of Long Range Arena's models, is where the answer is told.</summary>
    public static string Text(IEnumerable<int> tokens) => string.Join(' ', tokens.Select(token => token switch
    {
        < Digits => $"{token}",
        Close => "]",
        End => "=",
        Padding => "_",
        _ => Operators[token - Digits],
    }));
}
