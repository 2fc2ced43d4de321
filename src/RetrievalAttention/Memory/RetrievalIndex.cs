using RetrievalAttention.Memory.Scanning;
using RetrievalAttention.Models;
using RetrievalAttention.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>
/// What retrieval needs of a memory, contiguous and small: every block's place in the text, and the token-level keys of the retrieval heads'
/// key/value heads as int8, scanned exactly. A mapped file beside the memory, ".index", that grows while the document is read; made again from the memory when
/// it is missing, damaged or of other heads.
/// </summary>
public sealed class RetrievalIndex : IDisposable
{
    /// <summary>By retrieval head, the key/value head that it reads.</summary>
    private readonly IReadOnlyList<(int Layer, int Group)> _sourceOf;
    private readonly IndexContent _content;
    private readonly IndexFile _file;
    private readonly Tensor[]? _onDevice;

    private RetrievalIndex(RetrievalHeads heads, DecoderConfig config, IndexContent content, IndexFile file, Device device)
    {
        _sourceOf = [.. heads.Heads.Select(head => head.SourceOf(config))];
        (_content, _file) = (content, file);
        if (device.type != DeviceType.CPU) _onDevice = [.. Enumerable.Range(0, content.Sources.Count).Select(source => Keys(source).to(float16, device).DetachFromDisposeScope())];
    }

    /// <summary>N.</summary>
    public int Tokens => _content.Memory.Tokens;

    public int Blocks => _file.Blocks;

    /// <summary>Characters that a block covers.</summary>
    public (int Start, int End) TextRange(int block)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)Blocks);
        return IndexLayout.TextRange(_file.Span(block));
    }

    /// <summary>Blocks that overlap a range of characters, first to last (inclusive); empty ranges give the block they stand in.</summary>
    public (int First, int Last) BlocksOf(int start, int end) => (FirstEndingAfter(start), FirstEndingAfter(Math.Max(start, end - 1)));

    public static string PathFor(string memoryPath) => memoryPath + ".index";

    /// <summary>Whether an index file is whole; one that is not is made again when it is used.</summary>
    public static bool IsWhole(string path) => IndexFile.IsWhole(path);

    /// <summary>What the keys of a memory take where they are scanned on a GPU.</summary>
    internal static long BytesOnDevice(MemoryFile memory, RetrievalHeads heads, DecoderConfig config) =>
        (long)heads.Sources(config).Count * memory.Tokens * config.HeadSize * sizeof(ushort);

    /// <summary>Opens the index of a whole memory, or makes it. Where it cannot be stored (a folder that is read-only) it is made each time.</summary>
    /// <param name="device">Where its keys are scanned.</param>
    /// <param name="note">Told when one that was there cannot be used.</param>
    /// <exception cref="DamagedBlockException">It has to be made, and a block of the memory is damaged.</exception>
    public static RetrievalIndex Open(MemoryFile memory, RetrievalHeads heads, DecoderConfig config, Device device, Action<string>? note = null)
    {
        string path = PathFor(memory.FilePath);
        IndexContent content = ContentOf(memory.Fingerprint, heads, config);
        IndexFile? file = IndexFile.TryOpen(path, content);
        if (file is null && File.Exists(path)) note?.Invoke($"The retrieval index {path} is damaged, or of another version or other retrieval heads; making it again from the memory.");
        return new RetrievalIndex(heads, config, content, file ?? IndexFile.Build(path, memory, content), device);
    }

    /// <summary>Lets the index of a memory grow while that is read.</summary>
    internal static IndexWriter Grow(MemoryFile memory, RetrievalHeads heads, DecoderConfig config) =>
        new(PathFor(memory.FilePath), memory, ContentOf(memory.Fingerprint, heads, config));

    /// <summary>
    /// Score of every block for a question's tokens: per head Σ over tokens of sqrt(the share of the attention over the whole document
    /// that falls into the block), divided by its standard deviation over blocks, summed over heads (design section 2).
    /// </summary>
    /// <param name="queries">One [T, D] a head, before rotary embedding, float32.</param>
    /// <param name="weights">Weight of each query token's term; null for 1.</param>
    /// <param name="blocks">Only the first blocks of the document, as if it ended with them; null for all.</param>
    public double[] Score(IReadOnlyList<Tensor> queries, RotaryEmbedding rope, IReadOnlyList<double>? weights = null, int? blocks = null) =>
        Score(queries, rope, weights, InstructionLevels.Best, blocks);

    internal double[] Score(IReadOnlyList<Tensor> queries, RotaryEmbedding rope, IReadOnlyList<double>? weights, InstructionLevel level, int? blocks = null)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        double[] totals = new double[blocks ?? Blocks];
        if (totals.Length == 0) return totals;
        for (int source = 0; source < _content.Sources.Count; source++)
        {
            Tensor[] rotated = [.. Enumerable.Range(0, _sourceOf.Count).Where(i => _sourceOf[i] == _content.Sources[source])
                .Select(i => rope.RotateAll(queries[i], BlockScores.FixedDistance))];
            foreach (double[] scores in _onDevice is null ? Scan(source, rotated, weights, level, totals.Length) : rotated.Select(own => BlockScores.Of(own, FirstKeys(_onDevice[source], totals.Length), weights)))
                for (int block = 0; block < totals.Length; block++) totals[block] += scores[block];
        }
        return totals;
    }

    /// <summary>Keys of a source as they are stored, [N, D] in float32 on the CPU, for libtorch. The caller owns them.</summary>
    internal Tensor Keys(int source)
    {
        (int size, IndexLayout layout) = (_content.Memory.HeadSize, _content.Layout);
        float[] keys = new float[(long)Tokens * size];
        for (int token = 0; token < Tokens; token++)
        {
            (int block, int within) = (token / KvCodec.BlockTokens, token % KvCodec.BlockTokens);
            for (int i = 0; i < size; i++) keys[(long)token * size + i] = layout.Key(_file.Span(block), source, i, within);
        }
        return tensor(keys, [Tokens, size]);
    }

    public void Dispose()
    {
        foreach (Tensor keys in _onDevice ?? []) keys.Dispose();
        _file.Dispose();
    }

    private Tensor FirstKeys(Tensor keys, int blocks) => keys.narrow(0, 0, Math.Min(blocks * KvCodec.BlockTokens, Tokens));

    private IEnumerable<double[]> Scan(int source, Tensor[] queries, IReadOnlyList<double>? weights, InstructionLevel level, int blocks)
    {
        int tokens = (int)queries[0].shape[0];
        using KeyScan scan = new(_file, _content.Layout, source, cat(queries, 0).cpu().data<float>().ToArray(), level, blocks);
        scan.Run();
        return [.. Enumerable.Range(0, queries.Length).Select(head => scan.Scores(head * tokens, weights ?? [.. Enumerable.Repeat(1.0, tokens)]))];
    }

    private int FirstEndingAfter(int position)
    {
        int low = 0, high = Blocks - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (TextRange(middle).End > position) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    private static IndexContent ContentOf(MemoryFingerprint memory, RetrievalHeads heads, DecoderConfig config) => new(memory, heads.Sources(config));
}
