using RetrievalAttention.Answering;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Arrangements;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;
using RetrievalAttention.Tests.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Evaluation.Arrangements;

public class ArrangementEvaluationTests(TinyMemories tiny) : IClassFixture<TinyMemories>
{
    private static readonly AnsweringOptions Options = new();
    private static readonly AnswerCase Asked = new("1", "Where is the lantern?", "in her ship", [new TextRange(200, 240)]);

    [Fact]
    public void EveryArrangementIsMeasuredAndOneIsWhatAskDoes()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        RankBlocks rank = BlockSearch.ByAttention(tiny.Model);
        IReadOnlyList<AnswerLikelihood> results = new ArrangementEvaluation(tiny.Model, Options, rank, Arrangement.All).Run(memory, Asked)!;
        Assert.Equal(Arrangement.All.Count, results.Count);
        Assert.Equal(Arrangement.All.Count, Arrangement.All.Select(one => one.Name).Distinct().Count());
        Assert.All(results, result => Assert.True(double.IsFinite(result.MeanNll) && result.MeanNll > 0));
        Assert.Same(Arrangement.Baseline, Arrangement.All[0]);
        AnswerResult usual = new AnswerEvaluation(tiny.Model, Options, rank, rank).Run(memory, Asked);
        int asked = Arrangement.All.ToList().FindIndex(one => one.Name == Arrangement.WhatAskDoes);
        Assert.Equal(usual.Likelihood.FoundMemoryQuoted!.Value.MeanNll, results[asked].MeanNll, 4);

        ArrangementReport report = ArrangementReport.Of(Arrangement.All, [results, results]);
        Assert.Equal(0, report.Rows[0].Difference.Mean);
        Assert.Equal(results[1].MeanNll - results[0].MeanNll, report.Rows[1].Difference.Mean, 6);
    }

    [Fact]
    public void RunAgainWhollyABlockIsItsTextReadThere()
    {
        using var scope = NewDisposeScope();
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        int[] blocks = [1, 2, 5];
        long[] ids = [.. blocks.SelectMany(memory.File.ReadTokens).Select(token => (long)token.Id)];
        IReadOnlyList<int> prompt = QuestionPrompt.Build(tiny.Model, Asked.Question, []).Ids;
        using AttentionContext context = tiny.Model.Header.NewContext(500);
        tiny.Model.Decoder.Forward(tensor(ids), context).Dispose();
        double expected = AnswerLikelihood.Measure(tiny.Model, context, prompt, [.. tiny.Model.Tokenizer.Encode(Asked.Answer).Select(token => token.Id)]).MeanNll;
        Assert.Equal(expected, Nll(memory, new Layout(blocks, []) { Rerun = 1 }), 4);
        Assert.NotEqual(expected, Nll(memory, new Layout(blocks, [])), 4);
    }

    [Fact]
    public void PositionsThatAreLeftEmptyAreNotSeen()
    {
        using DocumentMemory memory = tiny.Open(tiny.NewFolder());
        // Without a gap's rows, blocks that are far away would weigh the same: with one they only stand elsewhere.
        double near = Nll(memory, new Layout([1, 4], [])), gap = Nll(memory, new Layout([1, 4], []) { Gap = 8 });
        Assert.InRange(gap, near - 0.5, near + 0.5);
        Assert.NotEqual(near, gap, 6);
        Assert.Equal(near, Nll(memory, new Layout([1, 4], []) { HeaderBias = 1e-12 }), 4);
        Assert.NotEqual(near, Nll(memory, new Layout([1, 4], []) { HeaderBias = 3 }), 4);
    }

    private double Nll(DocumentMemory memory, Layout layout) =>
        new ArrangementEvaluation(tiny.Model, Options, BlockSearch.ByAttention(tiny.Model), [new Arrangement("this", _ => layout)]).Run(memory, Asked)![0].MeanNll;
}
