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
    private const int Window = 1024;
    private const int Step = 512;
    private const int BlocksAttended = 8;
    private const int RoomToWrite = 256;

    private readonly IModelWeights _weights;
    private readonly Decoder _decoder;
    private readonly HeaderContext _header;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ra-benchmark-");
    private AttentionContext? _context;
    private int _next;

    /// <param name="header">Ids of the chat tokens before the user's text.</param>
    public OwnEngine(string modelFile, IReadOnlyList<int> header, int threads, ScalarType compute)
    {
        set_num_threads(threads);
        _weights = ModelFiles.Open(modelFile);
        _decoder = new Decoder(_weights, CPU, compute);
        _header = new HeaderContext(_decoder, header);
        Name = $"libtorch {compute.ToString().ToLowerInvariant()}, {threads} threads";
    }

    public string Name { get; }

    public void Clear()
    {
        _context?.Dispose();
        _context = null;
    }

    public void Read(IReadOnlyList<int> tokens)
    {
        DecoderConfig config = _decoder.Config;
        var fingerprint = new MemoryFingerprint(
            MemoryFingerprint.CurrentVersion, TextHash: "benchmark", tokens.Count, ModelHash: "benchmark", TokenizerHash: "benchmark", MemoryFingerprint.HashOfRope(config),
            MemoryFingerprint.HashOfIds(_header.Ids), Window, Step, KvCodec.BlockTokens, MemoryFormat.Int8, config.Layers, config.KvHeads, config.HeadSize);
        string path = Path.Combine(_folder.FullName, "memory");
        File.Delete(path);
        using MemoryFile memory = MemoryFile.Open(path, fingerprint, config, write: true);
        new DocumentPrefill(_decoder, _header, Window, Step).Run([.. tokens.Select(id => new TextToken(id, 0, 0))], memory, progress: null, task: "", CancellationToken.None);
        StartWriting(memory, tokens[^1]);
    }

    public IReadOnlyList<int> Write(int count)
    {
        AttentionContext context = _context ?? throw new InvalidOperationException("Nothing was read that could be gone on with.");
        var written = new int[count];
        for (int i = 0; i < count; i++) written[i] = _next = NextAfter(_next, context);
        return written;
    }

    public void Dispose()
    {
        Clear();
        _header.Dispose();
        _decoder.Dispose();
        _weights.Dispose();
        _folder.Delete(recursive: true);
    }

    private void StartWriting(MemoryFile memory, int last)
    {
        Clear();
        _context = _header.NewContext((BlocksAttended * KvCodec.BlockTokens) + RoomToWrite);
        int blocks = Math.Min(BlocksAttended, memory.Blocks);
        MemoryContext.Append(_context, _decoder, memory, [.. Enumerable.Range(0, blocks).Select(i => i * memory.Blocks / blocks)]);
        _next = last;
    }

    private int NextAfter(int id, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        Tensor hidden = _decoder.Forward(tensor(new[] { (long)id }), context);
        return (int)_decoder.Logits(hidden).argmax().item<long>();
    }
}
