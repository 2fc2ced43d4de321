using RetrievalAttention.Answering;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Methods;
using RetrievalAttention.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Evaluation.Comparison;

/// <summary>What every method has to keep to, whatever it is.</summary>
[Collection(Shipped.OneAtATime)]
public class MethodConformanceTests(SampleStory story) : IClassFixture<SampleStory>
{
    private static float[]? _full;

    private const int Budget = 256;

    public static TheoryData<string> Methods => [.. ComparisonMethods.All.Select(method => method.Name)];

    public static TheoryData<string> MethodsThatBecomeFull => [.. ComparisonMethods.All.Where(method => method.BecomesFull).Select(method => method.Name)];

    [Fact]
    public void NamesAreUniqueAndEveryMethodNamesItsPaper()
    {
        Assert.True(ComparisonMethods.All.Count >= 30, $"only {ComparisonMethods.All.Count} methods");
        Assert.Equal(ComparisonMethods.All.Count, ComparisonMethods.All.Select(method => method.Name).Distinct().Count());
        Assert.All(ComparisonMethods.All, method => Assert.NotEmpty(method.Paper));
        Assert.Equal(Enum.GetValues<MethodFamily>().Length, ComparisonMethods.All.Select(method => method.Family).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(MethodsThatBecomeFull))]
    public void WithABudgetOfTheDocumentItIsFullAttention(string name)
    {
        using var scope = NewDisposeScope();
        Assert.True(story.Tokens > 2 * Budget, $"the story has {story.Tokens} tokens");
        _full ??= FullAttention().data<float>().ToArray();
        Tensor found = Predict(name, story.Tokens);
        float difference = (tensor(_full).view(found.shape) - found).abs().max().item<float>();
        Assert.True(difference < 2e-3, $"log-probabilities differ by {difference}");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void ItKeepsToItsBudgetAndTellsWhatItAttendsTo(string name)
    {
        using var scope = NewDisposeScope();
        ComparisonMethod method = Named(name);
        ComparedQuestion question = story.Question();
        MemoryPlan plan = method.Plan(question, Budget)!;
        Assert.NotNull(plan);
        if (method.HasBudget) Assert.True(plan.RowCount + plan.QuotedBlocks.Count * KvCodec.BlockTokens <= Budget, $"{plan.RowCount} rows and {plan.QuotedBlocks.Count} blocks as text");
        Assert.All(plan.QuotedBlocks, block => Assert.InRange(block, 0, story.Memory.File.Blocks - 1));
        Assert.Equal(plan.RowCount > 0, plan.Rows is not null);
        if (plan.Rows is null) return;

        using Tensor queries = randn([question.Config.Heads, 12, question.Config.HeadSize], generator: new Generator(1));
        int layersWithRows = 0;
        for (int layer = 0; layer < question.Config.Layers; layer++)
        {
            if (plan.Rows(layer, queries, 20) is not { } rows) continue;
            layersWithRows++;
            Assert.Equal([question.Config.KvHeads, plan.RowCount, question.Config.HeadSize], rows.Keys.shape);
            Assert.Equal(rows.Keys.shape, rows.Values.shape);
            Assert.True(rows.Keys.isfinite().all().item<bool>() && rows.Values.isfinite().all().item<bool>(), $"layer {layer} has rows that are not finite");
        }
        Assert.True(layersWithRows > 0);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void TheAnswerChoosesNothingLaterTokensAreNotSeenAndChanceIsSeeded(string name)
    {
        using var scope = NewDisposeScope();
        ComparisonMethod method = Named(name);
        Tensor one = Predict(method, story.Question("fiery red"), Budget), other = Predict(method, story.Question("fiery dragons of the sea"), Budget);
        // What comes at the second token knows only the first one, which both answers share.
        float difference = (one.narrow(0, 0, 2) - other.narrow(0, 0, 2)).abs().max().item<float>();
        Assert.True(difference < 1e-3, $"log-probabilities differ by {difference}");
        Assert.True(one.isnan().any().item<bool>() is false);
    }

    /// <summary>What the others do not look at, or look at otherwise, even if all of the document fits.</summary>
    [Fact]
    public void OnlyTheseAreNeverFullAttention() => Assert.Equal(
        ["closed", "gold-text", "gold-memory", "window", "upper-layers", "retrieval-heads", "topk-distance", "topk-fresh-distance", "fixed-distance", "quoted", "rag", "rag-fused", "knn-lm"],
        ComparisonMethods.All.Where(method => !method.BecomesFull).Select(method => method.Name));

    [Theory]
    [MemberData(nameof(Methods))]
    public void ItComparesAsManyKeysAsItSays(string name)
    {
        using var scope = NewDisposeScope();
        ComparedQuestion question = story.Question();
        long everyHead = question.Config.Layers * question.Config.KvHeads, tokens = question.Tokens, blocks = question.Blocks;
        long keysOfRetrievalHeads = question.Model.Heads.Heads.Select(head => (head.Layer, head.Head / (question.Config.Heads / question.Config.KvHeads))).Distinct().Count();
        long expected = name switch
        {
            "topk" or "topk-distance" or "topk-fresh" or "topk-fresh-distance" or "snapkv" => tokens * everyHead,
            "mean-keys" => blocks * everyHead,
            "quest" => 2 * blocks * everyHead,
            "knn-lm" => tokens * question.Config.KvHeads,
            "heads" or "heads-second" or "fused" or "fused-second" or "fixed-distance" or "quoted" or "upper-layers" or "retrieval-heads" => tokens * keysOfRetrievalHeads,
            _ => 0,
        };
        Assert.Equal(expected, Named(name).Plan(question, Budget)!.KeysCompared);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void TheContextHoldsWhatItClaimsToAttendToAndNoMore(string name)
    {
        using var scope = NewDisposeScope();
        ComparedQuestion question = story.Question();
        using QuestionRead read = QuestionRead.By(Named(name), question, Budget)!;
        Assert.Equal(question.Model.Header.Length + read.Plan.RowCount + read.Prompt.Ids.Count, read.ContextLength);
        Assert.InRange(read.AttendedTokens, 0, Named(name).HasBudget ? Budget : story.Tokens);
    }

    [Fact]
    public void WhereEachTokenChoosesTheAnswersTokensSeeOthersThanTheQuestion()
    {
        using var scope = NewDisposeScope();
        Tensor once = Predict("topk", Budget), fresh = Predict("topk-fresh", Budget);
        Assert.True((once - fresh).abs().max().item<float>() > 0.05);
        ComparedQuestion question = story.Question();
        // One by one or all at once is the same where the choice is.
        using QuestionRead one = QuestionRead.Of(question, StoredRows.All(question) with { EachTokenChooses = true })!, all = QuestionRead.Of(question, StoredRows.All(question))!;
        Assert.True((one.Predict(question.Gold) - all.Predict(question.Gold)).abs().max().item<float>() < 2e-3);
    }

    [Fact]
    public void AMemoryThatIsHiddenEverywhereIsClosedBook()
    {
        using var scope = NewDisposeScope();
        ComparedQuestion question = story.Question();
        MemoryPlan hidden = StoredRows.Of(question, Enumerable.Range(0, Budget)) with { Rows = (_, _, _) => null };
        using QuestionRead read = QuestionRead.Of(question, hidden)!;
        Tensor found = read.Predict(question.Gold);
        // Positions are relative, but for the distance to the header.
        Assert.Equal(Predict("closed", 0).argmax(1).data<long>().ToArray(), found.argmax(1).data<long>().ToArray());
    }

    [Fact]
    public void WhatWouldReachUntrainedPositionsDoesNotApply()
    {
        using var scope = NewDisposeScope();
        ComparedQuestion question = story.Question();
        int tooMany = question.Config.ContextLength - question.Model.Header.Length;
        Assert.Null(QuestionRead.Of(question, new MemoryPlan { RowCount = tooMany, Rows = (_, _, _) => null }));
    }

    [Fact]
    public void UnknownMethodsAreNamed()
    {
        ProblemException problem = Assert.Throws<ProblemException>(() => ComparisonMethods.Parse("sinks,magic"));
        Assert.Contains("'magic'", problem.Message);
        Assert.Equal(["sinks", "topk"], ComparisonMethods.Parse("topk, sinks").Select(method => method.Name));
    }

    private static ComparisonMethod Named(string name) => ComparisonMethods.All.Single(method => method.Name == name);

    private Tensor Predict(string name, int budget) => Predict(Named(name), story.Question(), budget);

    private static Tensor Predict(ComparisonMethod method, ComparedQuestion question, int budget)
    {
        using QuestionRead read = QuestionRead.By(method, question, budget)!;
        return read.Predict(question.Gold);
    }

    /// <summary>The same through the packing that <c>ra ask</c> uses, and one pass.</summary>
    private Tensor FullAttention()
    {
        ComparedQuestion question = story.Question();
        Prompt prompt = QuestionPrompt.Build(Shipped.Model, question.Case.Question, []);
        long[] answer = [.. question.Gold.Select(id => (long)id)];
        using RetrievalAttention.Models.AttentionContext context = Shipped.Model.Header.NewContext(story.Tokens + prompt.Ids.Count + answer.Length);
        MemoryContext.Append(context, Shipped.Decoder, story.Memory.File, [.. Enumerable.Range(0, story.Memory.File.Blocks)]);
        Tensor hidden = Shipped.Decoder.Forward(tensor(prompt.Ids.Select(id => (long)id).Concat(answer[..^1]).ToArray()), context);
        return Shipped.Decoder.Logits(hidden[(prompt.Ids.Count - 1)..]).log_softmax(1);
    }
}
