using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Methods;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Tests.Evaluation.Comparison;

public sealed class CellCacheTests : IDisposable
{
    private static readonly AnswerCase Asked = new("one", "Who?", "the cat", [new TextRange(3, 9)]);
    private static readonly ComparisonMethod Sinks = ComparisonMethods.Parse("sinks")[0];

    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Root, "deep", "cells.jsonl");

    [Fact]
    public void WhatWasMeasuredIsFoundAgainAlsoWhatDoesNotApply()
    {
        CellResult measured = new(3.25, 0.5, 0.125, 512, 77);
        using (CellCache cache = CellCache.Open(File))
        {
            cache.Add("a", measured);
            cache.Add("b", null);
        }
        using CellCache again = CellCache.Open(File);
        Assert.True(again.TryGet("a", out CellResult? found));
        Assert.Equal(measured, found);
        Assert.True(again.TryGet("b", out CellResult? none));
        Assert.Null(none);
        Assert.False(again.TryGet("c", out _));
    }

    [Fact]
    public void ALineThatWasCutOffIsMeasuredAgainAndHurtsNoOther()
    {
        using (CellCache cache = CellCache.Open(File))
        {
            cache.Add("a", new CellResult(1, 1, 1, 1, 1));
            cache.Add("b", new CellResult(2, 1, 1, 1, 1));
        }
        string text = System.IO.File.ReadAllText(File);
        System.IO.File.WriteAllText(File, text[..^12]);
        using (CellCache cut = CellCache.Open(File))
        {
            Assert.Equal(1, cut.Known);
            cut.Add("c", new CellResult(3, 1, 1, 1, 1));
        }
        using CellCache again = CellCache.Open(File);
        Assert.True(again.TryGet("a", out _) && again.TryGet("c", out _));
        Assert.False(again.TryGet("b", out _));
    }

    [Fact]
    public void TheKeyChangesWithAllThatTheResultDependsOn()
    {
        string key = CellCache.KeyOf(Sinks, 512, Asked, "settings");
        string[] others =
        [
            CellCache.KeyOf(Sinks, 1024, Asked, "settings"),
            CellCache.KeyOf(Sinks with { Version = 2 }, 512, Asked, "settings"),
            CellCache.KeyOf(ComparisonMethods.Parse("quest")[0], 512, Asked, "settings"),
            CellCache.KeyOf(Sinks, 512, Asked with { Question = "Where?" }, "settings"),
            CellCache.KeyOf(Sinks, 512, Asked with { Answer = "the dog" }, "settings"),
            CellCache.KeyOf(Sinks, 512, Asked with { Evidence = [new TextRange(4, 9)] }, "settings"),
            CellCache.KeyOf(Sinks, 512, Asked, "other settings"),
        ];
        Assert.Equal(others.Length + 1, others.Append(key).Distinct().Count());
        Assert.Equal(key, CellCache.KeyOf(Sinks, 512, Asked, "settings"));
    }

    public void Dispose() => _folder.Dispose();
}
