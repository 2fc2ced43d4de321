using System.IO.Hashing;
using System.Runtime.InteropServices;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>
/// What retrieval needs of a memory, contiguous and small: every token's place in the text, and the token-level keys of the retrieval heads'
/// key/value heads, scanned exactly. Kept beside the memory as ".index"; rebuilt from it when missing, damaged or made for other heads.
/// </summary>
public sealed class RetrievalIndex : IDisposable
{
    private readonly IReadOnlyList<RetrievalHead> _heads;
    private readonly IReadOnlyList<(int Layer, int Group)> _sources;
    private readonly int _queryHeadsPerGroup;
    private readonly Tensor[] _keys;

    private RetrievalIndex(RetrievalHeads heads, DecoderConfig config, IReadOnlyList<TextToken> tokens, Tensor[] keys)
    {
        _heads = heads.Heads;
        _queryHeadsPerGroup = config.Heads / config.KvHeads;
        _sources = SourcesOf(heads, config);
        _keys = keys;
        Tokens = tokens;
    }

    /// <summary>N tokens with their places in the document's text.</summary>
    public IReadOnlyList<TextToken> Tokens { get; }

    public int Blocks => MemoryFile.BlocksFor(Tokens.Count);

    /// <summary>Characters that a block covers.</summary>
    public (int Start, int End) TextRange(int block)
    {
        int first = block * KvCodec.BlockTokens;
        return (Tokens[first].Start, Tokens[Math.Min(first + KvCodec.BlockTokens, Tokens.Count) - 1].End);
    }

    /// <summary>Blocks that overlap a range of characters, first to last (inclusive); empty ranges give the block they stand in.</summary>
    public (int First, int Last) BlocksOf(int start, int end)
    {
        return (Math.Min(FirstTokenEndingAfter(start), Tokens.Count - 1) / KvCodec.BlockTokens,
            Math.Min(FirstTokenEndingAfter(Math.Max(start, end - 1)), Tokens.Count - 1) / KvCodec.BlockTokens);
    }

    public static string PathFor(string memoryPath) => memoryPath + ".index";

    /// <summary>Whether an index file is whole; one that is not is made again when it is used.</summary>
    public static bool IsWhole(string path) => IndexFile.IsWhole(File.ReadAllBytes(path));

    /// <summary>Opens the index of a memory, or makes it. Where it cannot be stored (a folder that is read-only) it is made each time.</summary>
    /// <exception cref="DamagedBlockException">It has to be made, and a block of the memory is damaged.</exception>
    public static RetrievalIndex Open(MemoryFile memory, RetrievalHeads heads, DecoderConfig config, Device device)
    {
        string path = PathFor(memory.FilePath);
        IReadOnlyList<(int Layer, int Group)> sources = SourcesOf(heads, config);
        IndexFile file = IndexFile.TryRead(path, memory, sources, config) ?? IndexFile.Build(path, memory, sources, config);
        return new RetrievalIndex(heads, config, file.Tokens, [.. file.Keys.Select(keys => file.ToTensor(keys, config.HeadSize, device))]);
    }

    /// <summary>
    /// Score of every block for a question's tokens: per head Σ over tokens of sqrt(the share of the attention over the whole document
    /// that falls into the block), divided by its standard deviation over blocks, summed over heads (design section 2).
    /// </summary>
    /// <param name="queries">One [T, D] a head, before rotary embedding, float32.</param>
    /// <param name="weights">Weight of each query token's term; null for 1.</param>
    public double[] Score(IReadOnlyList<Tensor> queries, RotaryEmbedding rope, IReadOnlyList<double>? weights = null)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        double[] totals = new double[Blocks];
        for (int i = 0; i < _heads.Count; i++)
        {
            int source = _sources.ToList().IndexOf((_heads[i].Layer, _heads[i].Head / _queryHeadsPerGroup));
            double[] scores = BlockScores.Of(rope.RotateAll(queries[i], BlockScores.FixedDistance), _keys[source], weights);
            for (int block = 0; block < totals.Length; block++) totals[block] += scores[block];
        }
        return totals;
    }

    private int FirstTokenEndingAfter(int position)
    {
        int low = 0, high = Tokens.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Tokens[middle].End > position) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    /// <summary>The distinct (layer, key/value head) pairs that the heads read.</summary>
    private static IReadOnlyList<(int Layer, int Group)> SourcesOf(RetrievalHeads heads, DecoderConfig config) =>
        [.. heads.Heads.Select(head => (head.Layer, head.Head / (config.Heads / config.KvHeads))).Distinct()];

    public void Dispose()
    {
        foreach (Tensor keys in _keys) keys.Dispose();
    }

    /// <summary>The file: 8 bytes magic, XXH3 of the rest, tokens, sources, then the token table and each source's keys as float16.</summary>
    private sealed record IndexFile(TextToken[] Tokens, Half[][] Keys)
    {
        private static readonly byte[] Magic = "RAINDEX1"u8.ToArray();

        public Tensor ToTensor(Half[] keys, int headSize, Device device) => tensor(keys, [Tokens.Length, headSize], float16, device);

        public static IndexFile? TryRead(string path, MemoryFile memory, IReadOnlyList<(int Layer, int Group)> sources, DecoderConfig config)
        {
            if (!File.Exists(path)) return null;
            byte[] bytes = File.ReadAllBytes(path);
            byte[] key = KeyOf(memory, sources);
            int tokens = memory.Tokens, tableBytes = tokens * 12, keyBytes = tokens * config.HeadSize * 2;
            bool good = bytes.Length == 16 + key.Length + tableBytes + sources.Count * (long)keyBytes && IsWhole(bytes) && bytes.AsSpan(16, key.Length).SequenceEqual(key);
            if (!good) return null;
            ReadOnlySpan<byte> rest = bytes.AsSpan(16 + key.Length);
            TextToken[] table = MemoryMarshal.Cast<byte, TextToken>(rest[..tableBytes]).ToArray();
            Half[][] keys = new Half[sources.Count][];
            for (int i = 0; i < keys.Length; i++) keys[i] = MemoryMarshal.Cast<byte, Half>(rest.Slice(tableBytes + i * keyBytes, keyBytes)).ToArray();
            return new IndexFile(table, keys);
        }

        public static bool IsWhole(byte[] bytes) =>
            bytes.Length > 16 && bytes.AsSpan(0, 8).SequenceEqual(Magic) && MemoryMarshal.Read<ulong>(bytes.AsSpan(8)) == XxHash3.HashToUInt64(bytes.AsSpan(16));

        public static IndexFile Build(string path, MemoryFile memory, IReadOnlyList<(int Layer, int Group)> sources, DecoderConfig config)
        {
            List<TextToken> tokens = new(memory.Tokens);
            Half[][] keys = [.. sources.Select(_ => new Half[memory.Tokens * config.HeadSize])];
            for (int block = 0; block < memory.Blocks; block++)
            {
                IReadOnlyList<TextToken> own = memory.ReadTokens(block);
                using var scope = NewDisposeScope();
                (Tensor blockKeys, _) = memory.Read([block]);
                for (int i = 0; i < sources.Count; i++)
                {
                    Tensor one = blockKeys[0, sources[i].Layer, sources[i].Group].narrow(0, 0, own.Count).to(float16).contiguous();
                    MemoryMarshal.Cast<byte, Half>(one.bytes).CopyTo(keys[i].AsSpan(tokens.Count * config.HeadSize));
                }
                tokens.AddRange(own);
            }
            IndexFile file = new([.. tokens], keys);
            file.TryWrite(path, KeyOf(memory, sources));
            return file;
        }

        private void TryWrite(string path, byte[] key)
        {
            try
            {
                Write(path, key);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Only time is lost: the next opening makes it again.
            }
        }

        private void Write(string path, byte[] key)
        {
            // What a process left behind that was killed while it wrote.
            foreach (string left in Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, $"{Path.GetFileName(path)}.*.new")) File.Delete(left);
            byte[] bytes = [.. key, .. MemoryMarshal.AsBytes(Tokens.AsSpan()), .. Keys.SelectMany(keys => MemoryMarshal.AsBytes(keys.AsSpan()).ToArray())];
            string temporary = $"{path}.{Environment.ProcessId}.new";
            using (FileStream stream = File.Create(temporary))
            {
                stream.Write(Magic);
                stream.Write(BitConverter.GetBytes(XxHash3.HashToUInt64(bytes)));
                stream.Write(bytes);
            }
            File.Move(temporary, path, overwrite: true);
        }

        private static byte[] KeyOf(MemoryFile memory, IReadOnlyList<(int Layer, int Group)> sources)
        {
            string text = $"{memory.Fingerprint.AsKey()} {memory.Tokens} {string.Join(' ', sources)}";
            return System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text));
        }
    }
}
