using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RetrievalAttention.Models;

/// <summary>
/// SHA-256 of a model's weight files, remembered in a folder so that a large model is read through once and not at every start. A note is believed
/// only while path, size and time of last change of every file are the same.
/// </summary>
/// <param name="notes">Folder of the notes; null to compute each time.</param>
internal sealed class WeightHash(string? notes)
{
    /// <summary>SHA-256 over the bytes of the files, one after the other, lower-case hexadecimal. For one file it is what sha256sum prints.</summary>
    public string Of(IReadOnlyList<string> paths)
    {
        if (notes is null)
            return Compute(paths);
        string state = string.Join('\n', paths.Select(Describe));
        string note = Path.Combine(notes, $"weights-{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(state)))[..32]}.sha256");
        if (File.Exists(note) && File.ReadAllText(note).Trim() is { Length: 64 } known && known.All(char.IsAsciiHexDigitLower))
            return known;
        string hash = Compute(paths);
        Remember(note, hash);
        return hash;
    }

    private static string Describe(string path)
    {
        var file = new FileInfo(path);
        return string.Create(CultureInfo.InvariantCulture, $"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}");
    }

    private static string Compute(IReadOnlyList<string> paths)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (string path in paths)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            for (int read; (read = stream.Read(buffer)) > 0;)
                sum.AppendData(buffer, 0, read);
        }

        return Hex(sum.GetHashAndReset());
    }

    // A folder that cannot be written costs the time of hashing at the next start, nothing else.
    private static void Remember(string note, string hash)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(note)!);
            string unfinished = $"{note}.{Environment.ProcessId}.tmp";
            File.WriteAllText(unfinished, hash);
            File.Move(unfinished, note, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
