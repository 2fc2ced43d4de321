using System.Buffers.Binary;
using System.Text.Json;

namespace RetrievalAttention.Models.HuggingFace;

/// <summary>
/// A file of tensors: eight bytes with the length of a JSON header, the header, the numbers. Source: github.com/huggingface/safetensors, "Format".
/// </summary>
internal static class SafetensorsFile
{
    private const int LengthBytes = 8;

    /// <summary>The tensors of a mapped file, in any order.</summary>
    /// <exception cref="ProblemException">Truncated, damaged, or with numbers of a type that cannot be read.</exception>
    public static IEnumerable<WeightTensor> Read(MappedFile file)
    {
        ProblemException Problem(string sentence, Exception? inner = null) => new(ProblemKind.Model, $"The model file {file.Path} {sentence}", inner);

        if (file.Length < LengthBytes)
            throw Problem($"is truncated: it has {file.Length} bytes. Fetch it again.");
        ulong header = BinaryPrimitives.ReadUInt64LittleEndian(file.Span(0, LengthBytes));
        if (header > (ulong)(file.Length - LengthBytes) || header > int.MaxValue)
            throw Problem($"is truncated or no safetensors file: its header should have {header} bytes, and the file has {file.Length}. Fetch it again.");

        JsonElement entries;
        try
        {
            var reader = new Utf8JsonReader(file.Span(LengthBytes, (int)header));
            entries = JsonElement.ParseValue(ref reader);
        }
        catch (JsonException e)
        {
            throw Problem($"has a header that is no JSON: {e.Message} It is damaged; fetch it again.", e);
        }

        if (entries.ValueKind != JsonValueKind.Object)
            throw Problem("has a header that is no JSON object. It is damaged; fetch it again.");
        long data = LengthBytes + (long)header;
        return [.. entries.EnumerateObject().Where(e => e.Name != "__metadata__").Select(e => ReadEntry(file, data, e, Problem))];
    }

    private static WeightTensor ReadEntry(MappedFile file, long data, JsonProperty entry, Func<string, Exception?, ProblemException> problem)
    {
        Entry parsed;
        try
        {
            parsed = entry.Value.Deserialize<Entry>(JsonSerializerOptions.Web) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw problem($"describes the tensor {entry.Name} in a way that cannot be understood: {e.Message} It is damaged; fetch it again.", e);
        }

        WeightType type = parsed.Dtype switch
        {
            "F32" => WeightType.F32,
            "F16" => WeightType.F16,
            "BF16" => WeightType.BF16,
            _ => throw problem($"stores the tensor {entry.Name} as {parsed.Dtype}, which cannot be read; F32, F16 and BF16 can. Choose a file with one of these, or a .gguf file for a quantised model.", null),
        };
        if (parsed.Shape is null or [] || parsed.Data_Offsets is not [long start, long end])
            throw problem($"describes the tensor {entry.Name} without a shape and two offsets: it is damaged. Fetch it again.", null);
        long bytes = WeightBytes.Of(type, parsed.Shape);
        if (bytes < 0 || start < 0 || end < start || end - start != bytes)
            throw problem($"gives the tensor {entry.Name} of the shape [{string.Join(", ", parsed.Shape)}] the bytes {start} to {end}: it is damaged. Fetch it again.", null);
        if (end > file.Length - data)
            throw problem($"is truncated: the tensor {entry.Name} should end at byte {(Int128)data + end}, and the file has {file.Length}. Fetch it again.", null);
        return new WeightTensor(entry.Name, file, data + start, type, parsed.Shape, interleavedHeads: 0);
    }

    private sealed record Entry(string? Dtype, long[]? Shape, long[]? Data_Offsets);
}
