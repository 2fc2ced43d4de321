using System.Text.RegularExpressions;

namespace RetrievalAttention.Models.Tokenization;

/// <summary>One cut of the text into pieces: every match of a pattern is a piece.</summary>
/// <param name="KeepGaps">What lies between matches is a piece too; otherwise it is dropped.</param>
internal sealed partial record SplitStep(string Pattern, bool KeepGaps = true)
{
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    public const string Digit = @"\p{N}";
    public const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    public const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    public const string Tekken = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The pattern, compiled ahead of time where it is a known one.</summary>
    /// <exception cref="ArgumentException">Not a pattern that .NET understands.</exception>
    public Regex Regex { get; } = Pattern switch
    {
        Gpt2 => Gpt2Regex(),
        Digit => DigitRegex(),
        Llama3 => Llama3Regex(),
        Qwen2 => Qwen2Regex(),
        Tekken => TekkenRegex(),
        _ => new Regex(Pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled),
    };

    [GeneratedRegex(Gpt2, RegexOptions.CultureInvariant)]
    private static partial Regex Gpt2Regex();

    [GeneratedRegex(Digit, RegexOptions.CultureInvariant)]
    private static partial Regex DigitRegex();

    [GeneratedRegex(Llama3, RegexOptions.CultureInvariant)]
    private static partial Regex Llama3Regex();

    [GeneratedRegex(Qwen2, RegexOptions.CultureInvariant)]
    private static partial Regex Qwen2Regex();

    [GeneratedRegex(Tekken, RegexOptions.CultureInvariant)]
    private static partial Regex TekkenRegex();
}
