using System.Text.Json;
using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory;

/// <summary>Reads the first 4096 tokens of Alice once, in float32 and float16, and compares everything with the stored reference values.</summary>
public sealed class AliceMemory : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ra-alice-").FullName;

    public AliceMemory()
    {
        Reference = JsonSerializer.Deserialize<MemoryReference>(System.IO.File.ReadAllText(Shipped.Fixture("reference", "memory-alice-4096.json")), new JsonSerializerOptions(JsonSerializerDefaults.Web))!;
        Text = System.IO.File.ReadAllText(Shipped.Fixture("reference", "alice-head.txt"));
        Tokens = [.. Shipped.Model.Tokenizer.Encode(Text).Take(Reference.Tokens)];
        MemoryOptions options = new() { Format = MemoryFormat.Float16 };
        MemoryFingerprint fingerprint = Shipped.Model.Fingerprint("alice", Tokens.Count, options.Window, options);
        File = MemoryFile.Open(Path.Combine(_folder, "alice.memory"), fingerprint, write: true);
        Shipped.Model.NewPrefill(options.Window, options.Step).Run(Tokens, File, null, "Alice", CancellationToken.None, (first, hidden) => Measure(first, hidden));
        Index = RetrievalIndex.Open(File, Shipped.Model.Heads, Shipped.Model.Weights.Config, CPU);
    }

    public MemoryReference Reference { get; }

    public string Text { get; }

    public IReadOnlyList<TextToken> Tokens { get; }

    public MemoryFile File { get; }

    public RetrievalIndex Index { get; }

    /// <summary>NLL of each token given what was read before it; the first has none.</summary>
    public double[] Nll { get; } = new double[4097];

    public void Dispose()
    {
        Index.Dispose();
        File.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Measure(int first, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        int count = Math.Min((int)hidden.shape[0], Tokens.Count - first - 1);
        Tensor targets = tensor(Enumerable.Range(first + 1, count).Select(i => (long)Tokens[i].Id).ToArray());
        Tensor nll = nn.functional.cross_entropy(Shipped.Decoder.Logits(hidden[..count]), targets, reduction: nn.Reduction.None);
        nll.data<float>().ToArray().Select(value => (double)value).ToArray().CopyTo(Nll, first + 1);
    }
}

public sealed record MemoryReference(
    int Tokens, string Header, int[] HeaderIds, int Window, int Block, int[] FirstIds, double MeanNllFrom1000, double MeanNllFrom2048,
    MemorySample[] Samples, MemoryQuestion[] Questions);

public sealed record MemorySample(int Layer, int KvHead, int Token, float[] Key, float[] Value);

public sealed record MemoryQuestion(
    string Question, int[] QuestionIds, string Answer, int[] Top8Pages, double[] Top8Scores, int[] PagesUsed, double AnswerNllWithMemory, double AnswerNllClosed);

[Collection(Shipped.OneAtATime)]
public class MemoryReferenceTests(AliceMemory alice) : IClassFixture<AliceMemory>
{
    [Fact]
    public void HeaderAndFirstTokensAreTheReferences()
    {
        Assert.Equal(alice.Reference.HeaderIds, Shipped.Model.HeaderIds);
        Assert.Equal(alice.Reference.FirstIds, alice.Tokens.Take(alice.Reference.FirstIds.Length).Select(token => token.Id));
        Assert.Equal(4096, alice.Tokens.Count);
    }

    [Fact]
    public void KeysAndValuesAreTheReferences()
    {
        Assert.Equal(7, alice.Reference.Samples.Length);
        foreach (MemorySample sample in alice.Reference.Samples)
        {
            (Tensor keys, Tensor values) = alice.File.Read([sample.Token / KvCodec.BlockTokens]);
            AssertNear(sample.Key, keys[0, sample.Layer, sample.KvHead, sample.Token % KvCodec.BlockTokens], $"key of {sample.Layer}.{sample.KvHead} at {sample.Token}");
            AssertNear(sample.Value, values[0, sample.Layer, sample.KvHead, sample.Token % KvCodec.BlockTokens], $"value of {sample.Layer}.{sample.KvHead} at {sample.Token}");
        }
    }

    [Fact]
    public void PerplexityOfReadingIsTheReferences()
    {
        // The reference has no value for the first token of a step and counted it as 0 in its means.
        double Mean(int from) => Enumerable.Range(from, 4096 - from).Average(i => i % alice.Reference.Block == 0 ? 0 : alice.Nll[i]);
        Assert.Equal(alice.Reference.MeanNllFrom1000, Mean(1000), 0.0005);
        Assert.Equal(alice.Reference.MeanNllFrom2048, Mean(2048), 0.0005);
    }

    [Fact]
    public void TheBestBlocksAreTheReferencesButForNearTies()
    {
        Assert.Equal(4, alice.Reference.Questions.Length);
        foreach (MemoryQuestion question in alice.Reference.Questions)
        {
            double[] scores = BlockSearch.FirstLook(Shipped.Model, alice.Index, question.Question);
            for (int i = 0; i < 8; i++) Assert.Equal(question.Top8Scores[i], scores[question.Top8Pages[i]], 0.1);
            int[] best = [.. BlockSearch.RankByScore(scores).Take(8)];
            double worstOfReference = question.Top8Scores[7];
            Assert.All(best, block => Assert.True(question.Top8Pages.Contains(block) || scores[block] - worstOfReference < 0.1, $"block {block} of {question.Question}"));
        }
    }

    [Fact]
    public void TheScanOfInt8KeysFindsWhatFloat32DoesButForNearTies()
    {
        (int layer, int group) = (Shipped.Model.Heads.Heads[0].Layer, Shipped.Model.Heads.Heads[0].Head / 3);
        using Tensor keys = tensor([.. Enumerable.Range(0, alice.File.Blocks).SelectMany(block => alice.File.ReadKeys(block, layer, group))], [4096, 64]);
        int examined = 0;
        foreach (MemoryQuestion question in alice.Reference.Questions)
        {
            using var scope = NewDisposeScope();
            Tensor[] queries = BlockSearch.QueriesOf(Shipped.Model, question.Question);
            double[][] byHead = [.. queries.Select(own => BlockScores.Of(Shipped.Decoder.Rope.RotateAll(own, BlockScores.FixedDistance), keys))];
            double[] exact = [.. Enumerable.Range(0, alice.File.Blocks).Select(block => byHead.Sum(scores => scores[block]))];
            double[] found = alice.Index.Score(queries, Shipped.Decoder.Rope);
            int[] best = [.. BlockSearch.RankByScore(exact).Take(8)];
            Assert.All(BlockSearch.RankByScore(found).Take(8), block => Assert.True(best.Contains(block) || exact[best[7]] - exact[block] < 0.05, $"block {block} of {question.Question}"));
            examined++;
        }
        Assert.Equal(4, examined);
    }

    [Fact]
    public void AnswersAreAsLikelyAsTheReferences()
    {
        foreach (MemoryQuestion question in alice.Reference.Questions)
        {
            Assert.Equal(question.AnswerNllClosed, Nll(question, []), 0.03);
            Assert.Equal(question.AnswerNllWithMemory, Nll(question, question.PagesUsed), 0.03);
        }
    }

    private double Nll(MemoryQuestion question, int[] blocks)
    {
        Prompt prompt = QuestionPrompt.Build(Shipped.Model, question.Question, []);
        int[] answer = [.. Shipped.Model.Tokenizer.Encode(question.Answer).Select(token => token.Id)];
        using AttentionContext context = Shipped.Model.Header.NewContext(blocks.Length * KvCodec.BlockTokens + prompt.Ids.Count + answer.Length);
        MemoryContext.Append(context, Shipped.Model.Decoder, alice.File, blocks);
        return AnswerLikelihood.Measure(Shipped.Model, context, prompt.Ids, answer).MeanNll;
    }

    private static void AssertNear(float[] expected, Tensor actual, string what)
    {
        float[] found = actual[..expected.Length].data<float>().ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - found[i]) < 0.02, $"{what}: expected {expected[i]}, found {found[i]}");
    }
}
