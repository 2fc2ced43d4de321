using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using RetrievalAttention.Models;
using TorchSharp;

namespace RetrievalAttention.Tests.Models;

/// <summary>Writes tensors of an opened model in safetensors format.</summary>
internal static class SafetensorsWriter
{
    public static void Write(string path, IModelWeights model, IEnumerable<(string Name, long[] Shape)> tensors)
    {
        (string Name, long[] Shape)[] all = [.. tensors];
        var header = new Dictionary<string, object> { ["__metadata__"] = new Dictionary<string, string> { ["format"] = "pt" } };
        long offset = 0;
        foreach ((string name, long[] shape) in all)
        {
            long end = offset + shape.Aggregate(1L, (a, b) => a * b) * sizeof(float);
            header[name] = new { dtype = "F32", shape, data_offsets = new[] { offset, end } };
            offset = end;
        }

        using FileStream file = File.Create(path);
        WriteHeader(file, JsonSerializer.SerializeToUtf8Bytes(header));
        foreach ((string name, long[] shape) in all)
        {
            using torch.Tensor tensor = model.Read(name, shape);
            file.Write(tensor.bytes);
        }
    }

    /// <summary>A file with one tensor of given bytes, for tests of single cases.</summary>
    public static void Write(string path, string header, ReadOnlySpan<byte> data)
    {
        using FileStream file = File.Create(path);
        WriteHeader(file, System.Text.Encoding.UTF8.GetBytes(header));
        file.Write(data);
    }

    private static void WriteHeader(FileStream file, byte[] json)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        file.Write(length);
        file.Write(json);
    }
}
