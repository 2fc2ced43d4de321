using System.Text;
using RetrievalAttention.Models;

namespace RetrievalAttention.Tests.Models;

/// <summary>Writes GGUF version 3 files for tests: metadata and tensors can be changed before.</summary>
internal sealed class GgufWriter
{
    private const int Alignment = 32;

    public Dictionary<string, object> Metadata { get; } = [];

    /// <summary>Shape with rows outermost; the type as its number, so that unknown ones can be written.</summary>
    public Dictionary<string, (long[] Shape, uint Type, byte[] Data)> Tensors { get; } = [];

    /// <summary>Bytes before the numbers begin, of the last file that was written.</summary>
    public int HeaderBytes { get; private set; }

    public void AddF32(string name, long[] shape, Random random)
    {
        var numbers = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = random.NextSingle() - 0.5f;
        Tensors[name] = (shape, (uint)WeightType.F32, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(numbers).ToArray());
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)Tensors.Count);
        writer.Write((ulong)Metadata.Count);
        foreach ((string key, object value) in Metadata)
        {
            WriteText(writer, key);
            WriteValue(writer, value);
        }

        ulong offset = 0;
        foreach ((string name, (long[] shape, uint type, byte[] data)) in Tensors)
        {
            WriteText(writer, name);
            writer.Write((uint)shape.Length);
            foreach (long dimension in shape.Reverse())
                writer.Write((ulong)dimension);
            writer.Write(type);
            writer.Write(offset);
            offset += (ulong)Padded(data.Length);
        }

        stream.SetLength(Padded((int)stream.Length));
        stream.Position = HeaderBytes = (int)stream.Length;
        foreach ((long[] _, uint _, byte[] data) in Tensors.Values)
        {
            writer.Write(data);
            if (data != Tensors.Values.Last().Data)
                writer.Write(new byte[Padded(data.Length) - data.Length]);
        }

        return stream.ToArray();
    }

    private static int Padded(int length) => (length + Alignment - 1) / Alignment * Alignment;

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)utf8.Length);
        writer.Write(utf8);
    }

    private static void WriteValue(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case uint number: writer.Write(4u); writer.Write(number); break;
            case float number: writer.Write(6u); writer.Write(number); break;
            case bool flag: writer.Write(7u); writer.Write(flag); break;
            case string text: writer.Write(8u); WriteText(writer, text); break;
            case string[] texts:
                writer.Write(9u); writer.Write(8u); writer.Write((ulong)texts.Length);
                foreach (string text in texts)
                    WriteText(writer, text);
                break;
            case float[] numbers:
                writer.Write(9u); writer.Write(6u); writer.Write((ulong)numbers.Length);
                foreach (float number in numbers)
                    writer.Write(number);
                break;
            case int[] numbers:
                writer.Write(9u); writer.Write(5u); writer.Write((ulong)numbers.Length);
                foreach (int number in numbers)
                    writer.Write(number);
                break;
            default: throw new ArgumentException($"No GGUF type for {value.GetType()}.", nameof(value));
        }
    }
}
