namespace RetrievalAttention.Tests.Embeddings;

/// <summary>A copy of the shipped encoder's folder whose files a test may replace; the weights are linked, not copied.</summary>
public sealed class EncoderFolder : IDisposable
{
    public EncoderFolder()
    {
        Path = Directory.CreateTempSubdirectory("ra-encoder-").FullName;
        foreach (string file in Directory.EnumerateFiles(Shipped.EmbedderPath, "*", SearchOption.AllDirectories))
        {
            string copy = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(Shipped.EmbedderPath, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            if (file.EndsWith(".safetensors", StringComparison.Ordinal)) File.CreateSymbolicLink(copy, file);
            else File.Copy(file, copy);
        }
    }

    public string Path { get; }

    public void Write(string name, string content)
    {
        string path = System.IO.Path.Combine(Path, name);
        if (File.Exists(path)) File.Delete(path);
        File.WriteAllText(path, content);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
