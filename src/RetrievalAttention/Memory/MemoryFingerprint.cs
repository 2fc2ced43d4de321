using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using RetrievalAttention.Models;

namespace RetrievalAttention.Memory;

/// <summary>
/// Everything on which the content of a memory file depends. Opening compares it and names what differs: keys that were stored under
/// other settings would give silent garbage.
/// </summary>
/// <param name="Version">Of the file layout.</param>
/// <param name="TextHash">SHA-256 of the document's text.</param>
/// <param name="Tokens">N, tokens of the whole document.</param>
/// <param name="Header">Ids of the header, in hexadecimal SHA-256.</param>
/// <param name="Reading">Number type of the products while it was read. Any is good to ask questions of, but a reading goes on in the type that it began with. Null in
/// files that do not tell.</param>
/// <param name="Keys">Of the format keys: the key/value heads that are kept, such as "18.2 19.0". Null in the others.</param>
public sealed record MemoryFingerprint(
    int Version, string TextHash, int Tokens, string ModelHash, string TokenizerHash, string Rope, string Header, int Window, int Step,
    int BlockTokens, MemoryFormat Format, int Layers, int KvHeads, int HeadSize, string? Reading = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Keys = null)
{
    public const int CurrentVersion = 1;

    /// <summary>The same as (layer, key/value head).</summary>
    [JsonIgnore]
    public IReadOnlyList<(int Layer, int Group)>? KeptHeads =>
        Keys?.Split(' ').Select(head => head.Split('.')).Select(parts => (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture))).ToArray();

    /// <param name="keys">See <see cref="Keys"/>; used only for that format.</param>
    public MemoryFingerprint In(MemoryFormat format, string? keys) => this with { Format = format, Keys = format == MemoryFormat.Keys ? keys : null };

    /// <summary>Differences that matter in words, empty when there are none: "window: the file has 1024, expected 2048".</summary>
    public IReadOnlyList<string> DifferencesFrom(MemoryFingerprint expected)
    {
        List<string> differences = [];
        foreach (var property in typeof(MemoryFingerprint).GetProperties().Where(property => property.Name is not (nameof(Reading) or nameof(KeptHeads))))
        {
            object? found = property.GetValue(this), wanted = property.GetValue(expected);
            if (!Equals(found, wanted)) differences.Add($"{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}: the file has {found}, expected {wanted}");
        }
        return differences;
    }

    /// <summary>
    /// Differences in who read, and behind which header: only memories without any can stand in one context. They may be of other texts, formats and windows.
    /// </summary>
    public IReadOnlyList<string> ReaderDifferencesFrom(MemoryFingerprint other) =>
        (this with { Version = other.Version, TextHash = other.TextHash, Tokens = other.Tokens, Window = other.Window, Step = other.Step, Format = other.Format, Keys = other.Keys }).DifferencesFrom(other);

    /// <summary>One line that is equal exactly when two fingerprints are.</summary>
    public string AsKey() => JsonSerializer.Serialize(this);

    public static string HashOfRope(DecoderConfig config) => Hash(config.RopeFrequencies.ToArray());

    public static string HashOfIds(IReadOnlyList<int> ids) => Hash(ids.ToArray());

    private static string Hash<T>(T[] values) where T : unmanaged =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())))[..16];
}
