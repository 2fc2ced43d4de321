using System.Security.Cryptography;

namespace RetrievalAttention.Documents;

/// <summary>The identity of a document: SHA-256 of the file's bytes, lower-case hexadecimal.</summary>
public static class ContentHash
{
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <exception cref="ProblemException">The file cannot be opened, or not be read to its end.</exception>
    public static string OfFile(string path, CancellationToken cancellation) => SourceFile.Guarded(path, () =>
    {
        using FileStream stream = SourceFile.Open(path);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[Math.Clamp(stream.Length, 1, 1 << 20)];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    });
}
