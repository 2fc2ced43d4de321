using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Measures;
using RetrievalAttention.Evaluation.Comparison.Methods;
using RetrievalAttention.Evaluation.Comparison.Places;
using RetrievalAttention.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Evaluation.Comparison;

/// <summary>What the measures see of a method.</summary>
[Collection(Shipped.OneAtATime)]
public class MeasureTests(SampleStory story) : IClassFixture<SampleStory>
{
    private const int Budget = 256;

    [Fact]
    public void EverythingInSightKeepsAllOfTheAttentionAndNothingMadeUpKeepsAny()
    {
        using ComparedQuestion question = story.Question();
        CellResult all = Measured("mass", "random", question, story.Tokens)!, quoted = Measured("mass", "rag", question, 128)!, best = Measured("mass", "topk", question, Budget)!;
        Assert.Equal(1, all.Figures["mass"], 4);
        Assert.Equal(1, all.Figures["best"], 4);
        Assert.All(all.ByHead!.SelectMany(heads => heads), share => Assert.Equal(1, share, 3));
        Assert.Equal((question.Config.Layers, question.Config.Heads), (all.ByHead!.Count, all.ByHead![0].Count));
        Assert.InRange(quoted.Figures["mass"], 0.01, 0.99);
        Assert.True(best.Figures["best"] > 0.7, $"the best tokens keep {best.Figures["best"]} of the best keys");
        Assert.Null(Measured("mass", "centroids", question, Budget));
        Assert.Null(Measured("mass", "closed", question, Budget));
    }

    [Fact]
    public void WhatAMeasureDoesChangesNothingForTheNextOne()
    {
        using var scope = NewDisposeScope();
        using ComparedQuestion question = story.Question();
        foreach (string method in (string[])["sinks", "knn-lm", "performer", "window"])
        {
            ComparisonMeasure[] measures = [.. ComparisonMeasures.Parse("answers,generated")];
            IReadOnlyList<CellResult?> forth = CellMeasurement.Of(Method(method), question, Budget, measures), back = CellMeasurement.Of(Method(method), question, Budget, [.. measures.Reverse()]);
            Assert.Equal(forth[0]!.Figures["nll"], back[1]!.Figures["nll"], 4);
            Assert.Equal(forth[1]!.Written, back[0]!.Written);
            Assert.NotEmpty(forth[1]!.Written!);
        }
    }

    [Fact]
    public void APlaceSeesOnlyWhatStandsBeforeItsLocalText()
    {
        TextPlace place = new(story.Memory.File.Blocks - 2, []);
        using ComparedPlace question = story.Place(place);
        using Tensor queries = randn([question.Config.Heads, KvCodec.BlockTokens, question.Config.HeadSize], generator: new Generator(1));
        int examined = 0;
        foreach (ComparisonMethod method in ComparisonMethods.All)
        {
            using var scope = NewDisposeScope();
            if (method.Plan(question, 128) is not { } plan) continue;
            RequireSeen(place, method.Name, plan.QuotedBlocks);
            for (int layer = 0; layer < question.Config.Layers; layer++)
                if (plan.Rows?.Invoke(layer, queries, 20)?.Tokens is { } tokens) RequireSeen(place, method.Name, [.. tokens.view(-1).data<long>().ToArray().Select(token => (int)(token / KvCodec.BlockTokens))]);
            examined++;
        }
        Assert.True(examined > 25, $"only {examined} methods");
    }

    [Fact]
    public void AtAPlaceTheBlockAfterTheLocalTextIsPredicted()
    {
        using var scope = NewDisposeScope();
        TextPlace place = new(TextPlace.LocalBlocks + 2, [new PlaceName(10, 11, 8_000)]);
        using ComparedPlace question = story.Place(place);
        Assert.Equal(story.Document.Text.Skip(place.Block * KvCodec.BlockTokens).Take(KvCodec.BlockTokens).Select(token => token.Id), question.Gold);
        using QuestionRead read = QuestionRead.By(Method("quoted"), question, 128)!;
        Assert.Equal(KvCodec.BlockTokens * (TextPlace.LocalBlocks + 1), read.Prompt.Ids.Count - Shipped.Model.Tokenizer.Encode("\n\n").Count);
        CellResult found = ComparisonMeasures.Parse("language")[0].Of(read)!;
        double[] nll = [.. read.Predict(question.Gold).data<float>().ToArray().Chunk(question.Config.VocabularySize).Zip(question.Gold, (row, id) => -(double)row[id])];
        Assert.Equal(nll.Average(), found.Figures["nll"], 4);
        Assert.Equal((nll[10] + nll[11]) / 2, found.Figures["nllNames8000"], 4);
        Assert.InRange(found.Figures["nll"], 0.5, 6);
    }

    [Fact]
    public void PlacesStandInTheLastThirdHalfOfThemWhereANameIsSaidAgain()
    {
        string text = string.Join(' ', Enumerable.Range(0, 3_000).Select(i => i % 1_100 == 0 ? "Barnaby" : i % 50 == 0 ? "it rained." : "and"));
        RetrievalAttention.Models.TextToken[] tokens = [.. Shipped.Model.Tokenizer.Encode(text)];
        RetrievalAttention.Documents.Document document = story.Memory.Document with { Text = text };
        IReadOnlyList<TextPlace> places = TextPlaces.Choose(document, tokens, new BookNames(["Barnaby"], new HashSet<string> { "Barnaby" }), 6);
        int blocks = tokens.Length / KvCodec.BlockTokens;
        Assert.True(places.Count >= 3, $"{places.Count} places");
        Assert.All(places, place => Assert.InRange(place.Block, 2 * blocks / 3, blocks - 1));
        Assert.Equal(places.Count, places.Select(place => place.Block).Distinct().Count());
        PlaceName name = Assert.Single(places.SelectMany(place => place.Names).Distinct());
        TextPlace said = places.Single(place => place.Names.Count > 0);
        Assert.Equal("Barnaby", text[tokens[said.Block * KvCodec.BlockTokens + name.First].Start..tokens[said.Block * KvCodec.BlockTokens + name.Last].End].Trim());
        Assert.Equal(1_000, name.Distance);
    }

    [Fact]
    public void UnknownMeasuresAreNamed() => Assert.Contains("'magic'", Assert.Throws<ProblemException>(() => ComparisonMeasures.Parse("mass,magic")).Message);

    private static ComparisonMethod Method(string name) => ComparisonMethods.Parse(name)[0];

    private static CellResult? Measured(string measure, string method, ComparedQuestion question, int budget) => CellMeasurement.Of(Method(method), question, budget, ComparisonMeasures.Parse(measure))[0];

    private static void RequireSeen(TextPlace place, string method, IEnumerable<int> blocks) =>
        Assert.All(blocks, block => Assert.True(block < place.SeenBlocks, $"{method} sees block {block}, but only {place.SeenBlocks} stand before"));
}
