using System.Text.Json.Serialization;

namespace RetrievalAttention.Benchmarks.Reporting;

/// <summary>One measured quantity of this program beside that of a reference, from the same run on the same machine.</summary>
/// <param name="Ours">Null where only the reference was measured.</param>
/// <param name="Reference">Null where nothing is compared with.</param>
/// <param name="Better">Whether higher or lower values are better.</param>
public sealed record Row(string Name, string Unit, double? Ours, double? Reference, Better Better = Better.Higher)
{
    /// <summary>How many times as good as the reference: above 1 is better, whichever way the quantity points.</summary>
    public double? Ratio => Better == Better.Higher ? Ours / Reference : Reference / Ours;
}

[JsonConverter(typeof(JsonStringEnumConverter<Better>))]
public enum Better
{
    Higher,
    Lower,
}
