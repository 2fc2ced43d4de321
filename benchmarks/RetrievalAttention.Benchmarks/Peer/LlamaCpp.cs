using System.Globalization;
using LLama;
using LLama.Abstractions;
using LLama.Common;
using LLama.Native;

namespace RetrievalAttention.Benchmarks.Peer;

/// <summary>llama.cpp through LLamaSharp on the CPU: the speed to compare with.</summary>
public sealed class LlamaCpp : IMeasuredEngine
{
    private const int BatchSize = 512;

    private readonly LLamaWeights _weights;
    private readonly LLamaContext _context;
    private readonly LLamaBatch _batch = new();
    private int _position;
    private int _next;

    /// <param name="modelFile">The GGUF file, unchanged: llama.cpp computes with its quantised weights.</param>
    /// <param name="contextSize">Tokens that can be read and written before <see cref="Clear"/>.</param>
    /// <param name="threads">Threads for reading and for writing.</param>
    public LlamaCpp(string modelFile, int contextSize, int threads)
    {
        string library = QuietLibrary.Value;
        var parameters = new ModelParams(modelFile)
        {
            ContextSize = (uint)contextSize,
            BatchSize = BatchSize,
            UBatchSize = BatchSize,
            Threads = threads,
            BatchThreads = threads,
            GpuLayerCount = 0,
        };
        _weights = LLamaWeights.LoadFromFile(parameters);
        _context = new LLamaContext(_weights, parameters);
        Name = string.Create(CultureInfo.InvariantCulture, $"llama.cpp ({library}, {threads} threads)");
    }

    public string Name { get; }

    /// <param name="special">Recognise special tokens such as &lt;|im_start|&gt;.</param>
    public IReadOnlyList<int> Encode(string text, bool special = false) => [.. _context.Tokenize(text, addBos: false, special).Select(token => (int)token)];

    public void Clear()
    {
        _context.NativeHandle.MemoryClear(data: true);
        _position = 0;
    }

    public void Read(IReadOnlyList<int> tokens)
    {
        foreach (int[] step in tokens.Chunk(BatchSize)) Decode(step);
    }

    public IReadOnlyList<int> Write(int count)
    {
        var written = new int[count];
        for (int i = 0; i < count; i++)
        {
            written[i] = _next;
            Decode([_next]);
        }
        return written;
    }

    public void Dispose()
    {
        _context.Dispose();
        _weights.Dispose();
    }

    private void Decode(int[] tokens)
    {
        _batch.Clear();
        for (int i = 0; i < tokens.Length; i++) _batch.Add(tokens[i], _position + i, LLamaSeqId.Zero, logits: i == tokens.Length - 1);
        DecodeResult result = _context.Decode(_batch);
        if (result != DecodeResult.Ok) throw new InvalidOperationException($"llama.cpp answered {result} to {tokens.Length} tokens at position {_position}.");
        _position += tokens.Length;
        ReadOnlySpan<float> logits = _context.NativeHandle.GetLogitsIth(tokens.Length - 1);
        _next = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits);
    }

    /// <summary>Loads the native library once, without its log, and says which build was taken ("avx2").</summary>
    private static readonly Lazy<string> QuietLibrary = new(() =>
    {
        NativeLibraryConfig.All.WithLogCallback((_, _) => { });
        NativeLibraryConfig.LLama.DryRun(out INativeLibrary? library);
        return library?.Metadata?.AvxLevel.ToString().ToLowerInvariant() ?? "unknown build";
    });
}
