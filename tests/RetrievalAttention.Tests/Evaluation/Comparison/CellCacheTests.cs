using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Measures;
using RetrievalAttention.Evaluation.Comparison.Methods;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Tests.Evaluation.Comparison;

public sealed class CellCacheTests : IDisposable
{
    private static readonly AnswerCase Asked = new("one", "Who?", "the cat", [new TextRange(3, 9)]);
    private static readonly ComparisonMethod Sinks = ComparisonMethods.Parse("sinks")[0];

    private static readonly ComparisonMeasure Answers = ComparisonMeasures.Parse("answers")[0];

    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Root, "deep", "cells.jsonl");

    [Fact]
    public void WhatWasMeasuredIsFoundAgainAlsoWhatDoesNotApply()
    {
        CellResult measured = Result(3.25) with { Seconds = 0.125, AttendedTokens = 512, KeysCompared = 77, Written = "a “cat”\n", ByHead = [[0.5, 0.25]] };
        using (CellCache cache = CellCache.Open(File))
        {
            cache.Add("a", measured);
            cache.Add("b", null);
        }
        using CellCache again = CellCache.Open(File);
        Assert.True(again.TryGet("a", out CellResult? found));
        Assert.Equivalent(measured, found, strict: true);
        Assert.True(again.TryGet("b", out CellResult? none));
        Assert.Null(none);
        Assert.False(again.TryGet("c", out _));
    }

    [Fact]
    public void ALineThatWasCutOffIsMeasuredAgainAndHurtsNoOther()
    {
        using (CellCache cache = CellCache.Open(File))
        {
            cache.Add("a", Result(1));
            cache.Add("b", Result(2));
        }
        string text = System.IO.File.ReadAllText(File);
        System.IO.File.WriteAllText(File, text[..^12]);
        using (CellCache cut = CellCache.Open(File))
        {
            Assert.Equal(1, cut.Known);
            cut.Add("c", Result(3));
        }
        using CellCache again = CellCache.Open(File);
        Assert.True(again.TryGet("a", out _) && again.TryGet("c", out _));
        Assert.False(again.TryGet("b", out _));
    }

    [Fact]
    public void TheKeyChangesWithAllThatTheResultDependsOn()
    {
        string key = CellCache.KeyOf(Sinks, 512, Answers, Asked, "settings");
        string[] others =
        [
            CellCache.KeyOf(Sinks, 1024, Answers, Asked, "settings"),
            CellCache.KeyOf(Sinks with { Version = 2 }, 512, Answers, Asked, "settings"),
            CellCache.KeyOf(ComparisonMethods.Parse("quest")[0], 512, Answers, Asked, "settings"),
            CellCache.KeyOf(Sinks, 512, Answers, Asked with { Question = "Where?" }, "settings"),
            CellCache.KeyOf(Sinks, 512, Answers, Asked with { Answer = "the dog" }, "settings"),
            CellCache.KeyOf(Sinks, 512, Answers, Asked with { Evidence = [new TextRange(4, 9)] }, "settings"),
            CellCache.KeyOf(Sinks, 512, Answers with { Version = 2 }, Asked, "settings"),
            CellCache.KeyOf(Sinks, 512, ComparisonMeasures.Parse("mass")[0], Asked, "settings"),
            CellCache.KeyOf(Sinks, 512, Answers, Asked, "other settings"),
        ];
        Assert.Equal(others.Length + 1, others.Append(key).Distinct().Count());
        Assert.Equal(key, CellCache.KeyOf(Sinks, 512, Answers, Asked, "settings"));
    }

    private static CellResult Result(double nll) => new(new Dictionary<string, double> { ["nll"] = nll });

    public void Dispose() => _folder.Dispose();
}
