namespace RetrievalAttention.Models;

/// <summary>Frequencies of the rotary position embedding: angle per position of each pair of dimensions, [D/2].</summary>
internal static class Rope
{
    /// <summary>What models mean that do not say.</summary>
    public const double DefaultBase = 10000;

    public static double[] Plain(double frequencyBase, int headSize) =>
        [.. Enumerable.Range(0, headSize / 2).Select(i => Math.Pow(frequencyBase, -2.0 * i / headSize))];

    /// <summary>Positions divided by a factor (kaiokendev's interpolation).</summary>
    public static double[] Linear(double[] frequencies, double factor) => [.. frequencies.Select(f => f / factor)];

    /// <summary>
    /// Llama 3.1: wavelengths longer than the first trained context are stretched by the factor, short ones stay, those between are blended.
    /// </summary>
    /// <param name="originalContext">Trained context before the stretch, in tokens.</param>
    public static double[] Llama3(double[] frequencies, double factor, double lowFactor, double highFactor, double originalContext) =>
    [
        .. frequencies.Select(frequency =>
        {
            double turns = originalContext * frequency / (2 * Math.PI);
            double keep = Math.Clamp((turns - lowFactor) / (highFactor - lowFactor), 0, 1);
            return (1 - keep) * frequency / factor + keep * frequency;
        }),
    ];
}
