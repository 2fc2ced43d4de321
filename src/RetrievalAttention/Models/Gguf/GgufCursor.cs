using System.Runtime.InteropServices;
using System.Text;

namespace RetrievalAttention.Models.Gguf;

/// <summary>Reads the header of a GGUF file from front to back; every step checks that the file is long enough.</summary>
internal sealed class GgufCursor(MappedFile file)
{
    private const int DeepestArray = 4;

    public string Path => file.Path;

    public long Length => file.Length;

    public long Position { get; private set; }

    public uint UInt32() => Number<uint>();

    public ulong UInt64() => Number<ulong>();

    /// <summary>A 64-bit count, checked against what the rest of the file could hold.</summary>
    public long Count(int bytesEach, string what)
    {
        ulong count = UInt64();
        if (count > (ulong)((Length - Position) / bytesEach))
            throw Problem($"is truncated or damaged: it announces {count} {what} at byte {Position - 8}, more than its {Length} bytes can hold. Fetch it again.");
        return (long)count;
    }

    public string Text()
    {
        long length = Count(1, "characters");
        return Encoding.UTF8.GetString(Take(length));
    }

    /// <summary>Numbers as long, double or bool; text as string; arrays as string[], long[], double[], bool[] or object[] (nested).</summary>
    public object Value(uint type, int depth = 0) => type switch
    {
        0 => (long)Number<byte>(),
        1 => (long)Number<sbyte>(),
        2 => (long)Number<ushort>(),
        3 => (long)Number<short>(),
        4 => (long)Number<uint>(),
        5 => (long)Number<int>(),
        6 => (double)Number<float>(),
        7 => Number<byte>() != 0,
        8 => Text(),
        9 when depth < DeepestArray => Array(depth + 1),
        10 => (long)Math.Min(Number<ulong>(), long.MaxValue),
        11 => Number<long>(),
        12 => Number<double>(),
        _ => throw Problem($"has a metadata value of unknown type {type} at byte {Position}: it is damaged or newer than this reader. Fetch it again."),
    };

    public ProblemException Problem(string sentence) => new(ProblemKind.Model, $"The model file {Path} {sentence}");

    private object Array(int depth)
    {
        uint type = UInt32();
        long count = Count(type switch { 8 => 8, 9 => 12, 4 or 5 or 6 => 4, 2 or 3 => 2, 10 or 11 or 12 => 8, _ => 1 }, "array elements");
        return type switch
        {
            6 or 12 => Fill(new double[count], type, depth),
            7 => Fill(new bool[count], type, depth),
            8 => Fill(new string[count], type, depth),
            9 => Fill(new object[count], type, depth),
            _ => Fill(new long[count], type, depth),
        };
    }

    private T[] Fill<T>(T[] array, uint type, int depth)
    {
        for (int i = 0; i < array.Length; i++)
            array[i] = (T)Value(type, depth);
        return array;
    }

    private T Number<T>() where T : unmanaged
    {
        unsafe
        {
            return MemoryMarshal.Read<T>(Take(sizeof(T)));
        }
    }

    private ReadOnlySpan<byte> Take(long bytes)
    {
        if (bytes > int.MaxValue || bytes > Length - Position)
            throw Problem($"is truncated: its header goes on after byte {Length}, where the file ends. Fetch it again.");
        ReadOnlySpan<byte> taken = file.Span(Position, (int)bytes);
        Position += bytes;
        return taken;
    }
}
