using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace RetrievalAttention.Documents.Isolation;

internal enum MessageKind : byte
{
    Request = 1,
    Progress = 2,
    Document = 3,
    Problem = 4,
}

internal sealed record ReadRequest(string Path, ReadingOptions Options);

internal sealed record ReadProblem(ProblemKind Kind, string Message);

/// <summary>
/// What a reading process and its parent say to each other: kind (1 byte), length of the payload (4 bytes, little-endian), the payload as
/// JSON in UTF-8, and the payload's SHA-256, so that a reader that went astray is not believed.
/// </summary>
internal readonly record struct ChildMessage(MessageKind Kind, byte[] Payload)
{
    /// <summary>A document of the largest text, every letter escaped.</summary>
    private const int MaxPayload = 1 << 30;

    private const int HeaderSize = 5;

    public static ChildMessage Of<T>(MessageKind kind, T content) => new(kind, JsonSerializer.SerializeToUtf8Bytes(content));

    /// <exception cref="InvalidDataException">The payload is not the content that was expected.</exception>
    public T Content<T>()
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Payload) ?? throw new InvalidDataException("the message is empty");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }

    public void WriteTo(Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        header[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], Payload.Length);
        stream.Write(header);
        stream.Write(Payload);
        stream.Write(SHA256.HashData(Payload));
        stream.Flush();
    }

    /// <summary>The next message; null when the other side is done.</summary>
    /// <exception cref="InvalidDataException">What came is no message.</exception>
    public static async Task<ChildMessage?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] header = new byte[HeaderSize];
        int read = await stream.ReadAtLeastAsync(header, HeaderSize, throwOnEndOfStream: false, cancellation);
        if (read == 0) return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(1));
        if (read < HeaderSize || !Enum.IsDefined((MessageKind)header[0]) || length is < 0 or > MaxPayload) throw new InvalidDataException("what came is no message");
        byte[] payload = new byte[length];
        byte[] hash = new byte[SHA256.HashSizeInBytes];
        try
        {
            await stream.ReadExactlyAsync(payload, cancellation);
            await stream.ReadExactlyAsync(hash, cancellation);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
        if (!hash.AsSpan().SequenceEqual(SHA256.HashData(payload))) throw new InvalidDataException("a message's checksum is wrong");
        return new ChildMessage((MessageKind)header[0], payload);
    }
}
