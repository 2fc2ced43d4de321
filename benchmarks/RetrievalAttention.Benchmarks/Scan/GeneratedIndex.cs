using RetrievalAttention.Memory;
using RetrievalAttention.Memory.Scanning;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Scan;

/// <summary>The retrieval index of a book that was never read, with random keys, in a file that goes away.</summary>
internal sealed class GeneratedIndex : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly IndexContent _content;

    public GeneratedIndex(int tokens, int headSize, int seed)
    {
        MemoryFingerprint book = new(MemoryFingerprint.CurrentVersion, $"generated {seed}", tokens, "", "", "", "", 1024, 512, KvCodec.BlockTokens, MemoryFormat.Int8, 1, 1, headSize);
        _content = new IndexContent(book, [(0, 0)]);
        using Generator generator = new((ulong)seed);
        using (FileStream stream = System.IO.File.Create(_path))
        {
            stream.Write(IndexFile.Head(_content));
            for (int block = 0; block < MemoryFile.BlocksFor(tokens); block++)
            {
                using Tensor keys = randn([KvCodec.BlockTokens, headSize], generator: generator);
                int first = block * KvCodec.BlockTokens, count = Math.Min(KvCodec.BlockTokens, tokens - first);
                IndexFile.WriteRecord(stream, Layout, block, [keys.data<float>().ToArray()], (count, first, first + count));
            }
        }
        File = Reopen();
    }

    public IndexLayout Layout => _content.Layout;

    public IndexFile File { get; }

    public long Bytes => new FileInfo(_path).Length;

    public IndexFile Reopen() => IndexFile.TryOpen(_path, _content) ?? throw new InvalidOperationException($"The index just written to {_path} is not whole.");

    public void Dispose()
    {
        File.Dispose();
        System.IO.File.Delete(_path);
    }
}
