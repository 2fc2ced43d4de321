using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Peer;

/// <summary>
/// This program's way: what is read goes through the window into a memory file on disk; what is written sees the header, eight blocks of that memory and
/// its own tokens. So neither depends on how much was read.
/// </summary>
public sealed class OwnEngine : IMeasuredEngine
{
    private const int BlocksAttended = 8;
    private const int RoomToWrite = 256;

    private readonly MemoryOptions _options = new();
    private readonly LoadedModel _model;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ra-benchmark-");
    private AttentionContext? _context;
    private int _next;

    /// <param name="reading">Number type of the products while reading.</param>
    public OwnEngine(string modelFile, int threads, ScalarType reading)
    {
        set_num_threads(threads);
        _model = new LoadedModel(modelFile, CPU, reading: reading);
        Name = $"reading by libtorch in {reading.ToString().ToLowerInvariant()}, writing by own kernels from the stored weights, {threads} threads";
    }

    public string Name { get; }

    public void Clear()
    {
        _context?.Dispose();
        _context = null;
    }

    public void Read(IReadOnlyList<int> tokens)
    {
        MemoryFingerprint fingerprint = _model.Fingerprint("benchmark", tokens.Count, _options.Window, _options);
        string path = Path.Combine(_folder.FullName, "memory");
        File.Delete(path);
        using MemoryFile memory = MemoryFile.Open(path, fingerprint, write: true);
        _model.NewPrefill(_options.Window, _options.Step).Run([.. tokens.Select(id => new TextToken(id, 0, 0))], memory, progress: null, task: "", CancellationToken.None);
        StartWriting(memory, tokens[^1]);
    }

    public IReadOnlyList<int> Write(int count)
    {
        AttentionContext context = _context ?? throw new InvalidOperationException("Nothing was read that could be gone on with.");
        var written = new int[count];
        for (int i = 0; i < count; i++)
        {
            written[i] = _next = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(_model.DecodeNext(_next, context, tap: null));
        }
        return written;
    }

    public void Dispose()
    {
        Clear();
        _model.Dispose();
        _folder.Delete(recursive: true);
    }

    private void StartWriting(MemoryFile memory, int last)
    {
        Clear();
        _context = _model.Header.NewContext((BlocksAttended * KvCodec.BlockTokens) + RoomToWrite);
        int blocks = Math.Min(BlocksAttended, memory.Blocks);
        MemoryContext.Append(_context, _model.Decoder, memory, [.. Enumerable.Range(0, blocks).Select(i => i * memory.Blocks / blocks)]);
        _next = last;
    }
}
