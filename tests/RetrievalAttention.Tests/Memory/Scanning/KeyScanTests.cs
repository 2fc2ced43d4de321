using RetrievalAttention.Memory;
using RetrievalAttention.Memory.Scanning;
using RetrievalAttention.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory.Scanning;

public class KeyScanTests
{
    public static TheoryData<int, int, int> Shapes => new() { { 64, 64 * 40, 1 }, { 64, 64 * 70 + 17, 5 }, { 80, 64 * 3 + 1, 2 }, { 128, 64 * 33 + 63, 3 }, { 8, 5, 4 } };

    /// <summary>The same keys, rounded to int8, scored by libtorch in float32 and by every instruction level.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void EveryInstructionLevelScoresBlocksAsLibtorchDoes(int size, int tokens, int queries)
    {
        using var scope = NewDisposeScope();
        using Generator generator = new(5);
        // As wide as the model's: the best block gets nearly all attention of some queries, the worst nearly none.
        Tensor asked = randn([queries, size], generator: generator).mul_(4), keys = randn([tokens, size], generator: generator);
        using MadeIndex index = new(keys);
        double[] weights = [.. Enumerable.Range(0, queries).Select(i => i % 3 == 1 ? 0 : 0.5 + i)];
        double[] expected = BlockScores.Of(asked, index.Stored(), weights);
        int examined = 0;
        foreach (InstructionLevel level in InstructionLevels.Available)
        {
            using KeyScan scan = new(index.File, index.Layout, 0, asked.data<float>().ToArray(), level);
            scan.Run();
            double[] found = scan.Scores(0, weights);
            Assert.Equal(expected.Length, found.Length);
            for (int block = 0; block < found.Length; block++, examined++) Assert.Equal(expected[block], found[block], 2e-4 * Math.Max(1, expected.Max()));
        }
        Assert.Equal(InstructionLevels.Available.Count() * MemoryFile.BlocksFor(tokens), examined);
    }

    [Fact]
    public void ABlockThatNobodyLooksAtScoresNothingAndNothingOverflows()
    {
        using var scope = NewDisposeScope();
        Tensor keys = zeros(64 * 4, 64);
        keys[70..71] = 50;
        using MadeIndex index = new(keys);
        foreach (InstructionLevel level in InstructionLevels.Available)
        {
            using KeyScan scan = new(index.File, index.Layout, 0, [.. Enumerable.Repeat(30f, 64)], level);
            scan.Run();
            double[] scores = scan.Scores(0, [1]);
            Assert.Equal(1, Array.IndexOf(scores, scores.Max()));
            Assert.All(scores, score => Assert.True(double.IsFinite(score)));
            Assert.Equal(0, scores[0], 1e-6);
        }
    }

    [Fact]
    public void RoundingLosesAtMostHalfAStepOfTheDimensionsRange()
    {
        using var scope = NewDisposeScope();
        using Generator generator = new(7);
        Tensor keys = randn([64 * 3, 64], generator: generator).mul_(pow(10, linspace(-3, 3, 64))).add_(linspace(-9, 9, 64));
        using MadeIndex index = new(keys);
        Tensor blocks = keys.view(3, 64, 64), range = blocks.amax([1], keepdim: true) - blocks.amin([1], keepdim: true);
        Assert.True((index.Stored().view(3, 64, 64) - blocks).abs().le(range * (0.501 / 255) + 2e-6).all().item<bool>());
    }
}

/// <summary>An index of one source with given keys, [N, D], in a file that goes away.</summary>
internal sealed class MadeIndex : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ra-index-").FullName;
    private readonly int _tokens;

    public MadeIndex(Tensor keys)
    {
        (_tokens, int size) = ((int)keys.shape[0], (int)keys.shape[1]);
        MemoryFingerprint fingerprint = new(MemoryFingerprint.CurrentVersion, "text", _tokens, "model", "tokenizer", "rope", "header", 128, 128, KvCodec.BlockTokens, MemoryFormat.Float16, 1, 1, size);
        IndexContent content = new(fingerprint, [(0, 0)]);
        Layout = content.Layout;
        string path = Path.Combine(_folder, "made.index");
        using (FileStream stream = System.IO.File.Create(path))
        {
            stream.Write(IndexFile.Head(content));
            for (int block = 0; block < MemoryFile.BlocksFor(_tokens); block++)
            {
                int first = block * KvCodec.BlockTokens, count = Math.Min(KvCodec.BlockTokens, _tokens - first);
                using Tensor own = nn.functional.pad(keys.narrow(0, first, count), [0, 0, 0, KvCodec.BlockTokens - count]).contiguous();
                IndexFile.WriteRecord(stream, Layout, block, [own.data<float>().ToArray()], (count, first, first + count));
            }
        }
        File = IndexFile.TryOpen(path, content)!;
    }

    public IndexLayout Layout { get; }

    public IndexFile File { get; }

    /// <summary>The keys as they are stored, [N, D].</summary>
    public Tensor Stored()
    {
        float[] keys = [.. Enumerable.Range(0, _tokens).SelectMany(token => Enumerable.Range(0, Layout.HeadSize)
            .Select(i => Layout.Key(File.Span(token / KvCodec.BlockTokens), 0, i, token % KvCodec.BlockTokens)))];
        return tensor(keys, [_tokens, Layout.HeadSize]);
    }

    public void Dispose()
    {
        File.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
