using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.Tests.Models;

/// <summary>A folder with <see cref="TinyModel"/> and retrieval heads for it: reads thousands of tokens a second. Delete by disposing.</summary>
internal sealed class TinyModelFolder : IDisposable
{
    public TinyModelFolder(int contextLength = 512)
    {
        File.WriteAllBytes(ModelPath, TinyModel.Gguf(contextLength).ToBytes());
        using IModelWeights model = ModelFiles.Open(ModelPath);
        new RetrievalHeads(model.Name, model.Hash, [new RetrievalHead(1, 3), new RetrievalHead(0, 2)], new RetrievalHead(1, 3)).Save(RetrievalHeads.PathFor(ModelPath));
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("tiny-model-").FullName;

    public string ModelPath => System.IO.Path.Combine(Path, "tiny.gguf");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
