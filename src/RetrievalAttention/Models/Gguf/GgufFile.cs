using System.Buffers.Binary;
using System.Text;

namespace RetrievalAttention.Models.Gguf;

/// <summary>A tensor's entry in the table of a GGUF file.</summary>
/// <param name="Shape">Rows outermost, as in PyTorch (the file lists the innermost dimension first).</param>
/// <param name="Offset">Bytes from the start of the file.</param>
internal sealed record GgufTensor(string Name, IReadOnlyList<long> Shape, WeightType Type, long Offset);

/// <summary>
/// The header of a GGUF version 2 or 3 file: metadata and the table of tensors, whose numbers stay in the mapped file.
/// Source: github.com/ggml-org/ggml/blob/master/docs/gguf.md.
/// </summary>
internal sealed class GgufFile
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const int DefaultAlignment = 32;
    private const int MostDimensions = 4;

    private GgufFile(MappedFile mapped, GgufMetadata metadata, IReadOnlyDictionary<string, GgufTensor> tensors)
    {
        (Mapped, Metadata, Tensors) = (mapped, metadata, tensors);
    }

    public MappedFile Mapped { get; }

    public GgufMetadata Metadata { get; }

    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; }

    /// <exception cref="ProblemException">Not a GGUF file, of another version, truncated, or with an unknown type of numbers.</exception>
    public static GgufFile Read(MappedFile mapped)
    {
        var cursor = new GgufCursor(mapped);
        CheckMagic(cursor);
        long tensors = cursor.Count(bytesEach: 24, "tensors"), pairs = cursor.Count(bytesEach: 13, "metadata entries");
        GgufMetadata metadata = ReadMetadata(cursor, pairs);
        return new GgufFile(mapped, metadata, ReadTable(cursor, tensors, metadata));
    }

    private static void CheckMagic(GgufCursor cursor)
    {
        if (cursor.UInt32() != Magic)
            throw cursor.Problem("does not begin with \"GGUF\": it is not a GGUF file. Give a .gguf file, or the folder of a Hugging Face model.");
        uint version = cursor.UInt32();
        if (version is < 2 or > 3)
        {
            string found = BinaryPrimitives.ReverseEndianness(version) is 2 or 3 ? "big-endian numbers" : $"GGUF version {version}";
            throw cursor.Problem($"has {found}; versions 2 and 3, little-endian, can be read. Convert the model again with a current llama.cpp.");
        }
    }

    private static GgufMetadata ReadMetadata(GgufCursor cursor, long pairs)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (long i = 0; i < pairs; i++)
        {
            string key = cursor.Text();
            if (!values.TryAdd(key, cursor.Value(cursor.UInt32())))
                throw cursor.Problem($"has the metadata key \"{key}\" twice: it is damaged. Fetch it again.");
        }

        return new GgufMetadata(cursor.Path, values);
    }

    private static Dictionary<string, GgufTensor> ReadTable(GgufCursor cursor, long count, GgufMetadata metadata)
    {
        var entries = new List<GgufTensor>();
        for (long i = 0; i < count; i++)
            entries.Add(ReadEntry(cursor));

        int alignment = metadata.FindCount("general.alignment") ?? DefaultAlignment;
        if (alignment < 1)
            throw cursor.Problem($"declares an alignment of {alignment} bytes: it is damaged. Fetch it again.");
        long data = (cursor.Position + alignment - 1) / alignment * alignment;
        var table = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        foreach (GgufTensor entry in entries)
        {
            CheckRange(cursor, entry, data);
            if (!table.TryAdd(entry.Name, entry with { Offset = data + entry.Offset }))
                throw cursor.Problem($"has the tensor {entry.Name} twice: it is damaged. Fetch it again.");
        }

        return table;
    }

    private static GgufTensor ReadEntry(GgufCursor cursor)
    {
        string name = cursor.Text();
        uint dimensions = cursor.UInt32();
        if (dimensions is < 1 or > MostDimensions)
            throw cursor.Problem($"gives the tensor {name} {dimensions} dimensions: it is damaged. Fetch it again.");
        var shape = new long[dimensions];
        for (int i = shape.Length - 1; i >= 0; i--)
            shape[i] = (long)cursor.UInt64();
        uint type = cursor.UInt32();
        if (!Enum.IsDefined((WeightType)type))
            throw cursor.Problem($"stores the tensor {name} as type {GgufTypeNames.For(type)}, which cannot be read; {WeightTypes.Names} can. Choose a file with one of these quantisations.");
        return new GgufTensor(name, shape, (WeightType)type, (long)cursor.UInt64());
    }

    private static void CheckRange(GgufCursor cursor, GgufTensor entry, long data)
    {
        if (entry.Shape[^1] % entry.Type.BlockLength() != 0)
            throw cursor.Problem($"stores the tensor {entry.Name} as {entry.Type} with {entry.Shape[^1]} columns, which are no multiple of {entry.Type.BlockLength()}: it is damaged. Fetch it again.");
        long bytes = WeightBytes.Of(entry.Type, entry.Shape);
        long available = cursor.Length - data;
        if (bytes < 0 || entry.Offset < 0)
            throw cursor.Problem($"gives the tensor {entry.Name} an impossible size or place: it is damaged. Fetch it again.");
        if (bytes > available || entry.Offset > available - bytes)
            throw cursor.Problem($"is truncated: the tensor {entry.Name} should end at byte {(Int128)data + entry.Offset + bytes}, and the file has {cursor.Length}. Fetch it again.");
    }
}
