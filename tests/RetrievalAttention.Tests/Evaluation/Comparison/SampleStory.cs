using RetrievalAttention.Answering;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Places;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Evaluation.Comparison;

/// <summary>The beginning of the sample story, read once, with a question about it.</summary>
public sealed class SampleStory : IDisposable
{
    private const int Characters = 4_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("ra-compare-").FullName;

    public SampleStory()
    {
        string path = Path.Combine(_folder, "story.txt");
        string story = File.ReadAllText(Path.Combine(Shipped.Root, "corpora", "the-red-headed-league.sample.txt"));
        File.WriteAllText(path, story[..Characters]);
        Memory = new MemoryStore(_folder, new MemoryOptions { Format = MemoryFormat.Float16 }).OpenOrRead(
            DocumentReaders.All.Read(path, new ReadingOptions(), null, CancellationToken.None), Shipped.Model, 0, forceRetrieval: true, null, null, CancellationToken.None);
        Document = ComparedDocument.Load(Memory, Shipped.Model.Weights.Config, CPU, null, CancellationToken.None);
    }

    public DocumentMemory Memory { get; }

    public ComparedDocument Document { get; }

    public int Tokens => Document.Tokens;

    public AnswerCase Case
    {
        get
        {
            int start = Memory.Document.Text.IndexOf("red-headed", StringComparison.OrdinalIgnoreCase);
            return new AnswerCase("red", "What colour was the hair of the gentleman whom Holmes was talking to?", "fiery red", [new TextRange(start, start + 10)]);
        }
    }

    private static BlockRankings Rankings
    {
        get
        {
            RankBlocks byAttention = BlockSearch.ByAttention(Shipped.Model);
            // Stands for words and vectors: the order of the document.
            return new BlockRankings(byAttention, byAttention, (shelf, _) => [.. Enumerable.Range(0, shelf.Blocks)]);
        }
    }

    /// <param name="answer">Another gold answer; null for the right one.</param>
    public ComparedQuestion Question(string? answer = null) =>
        new(Shipped.Model, Document, Case with { Answer = answer ?? Case.Answer }, new AnsweringOptions(), Rankings);

    public ComparedPlace Place(TextPlace place) => ComparedPlace.At(place, Shipped.Model, Document, new AnsweringOptions(), Rankings);

    public void Dispose()
    {
        Document.Dispose();
        Memory.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
