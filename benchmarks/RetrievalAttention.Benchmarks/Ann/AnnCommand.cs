using System.CommandLine;
using RetrievalAttention.Benchmarks.Reporting;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Memory;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Ann;

/// <summary>
/// Whether approximate indexes can find what the retrieval heads look for: recall against the share of a book's keys that is compared, for queries of real questions
/// and, as a control, for keys as queries (Liu et al. 2024, RetrievalAttention, arXiv:2409.10516, found real queries far out of the keys' distribution).
/// </summary>
public static class AnnCommand
{
    private const string Questions = "questions", Control = "keys";
    private const string Book = "books/treasure-island.txt";
    private const double Wanted = 0.9;

    public static Command Create(TimeProvider time)
    {
        var memory = new Option<FileInfo?>("--memory") { Description = $"Memory of a book whose keys are searched: a .memory file that ra ask or ra ingest made. Default: {Book} of RA_DATA (or ../shared/data), which is read first." };
        var questions = new Option<FileInfo[]>("--questions")
        {
            Description = "Files of questions, about any book; half of them build the graph of queries. Default: those about whole books and fairy tales in RA_DATA.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. ((string[])["handwritten", "narrativeqa", "fairytaleqa"]).Select(name => new FileInfo(Path.Combine(Repository.Data, "qa", $"{name}.jsonl")))],
        };
        var tokens = new Option<int>("--tokens") { Description = "Tokens of the book that are searched.", DefaultValueFactory = _ => 50_000 };
        var limit = new Option<int>("--limit") { Description = "Most questions.", DefaultValueFactory = _ => 400 };
        var command = new Command("ann", "Approximate search among the retrieval heads' keys: IVF, HNSW, and graphs built of keys and of queries.") { memory, questions, tokens, limit };
        command.SetAction(parsed =>
        {
            double? load = Measurements.CurrentLoad();
            set_num_threads(Environment.ProcessorCount);
            using LoadedModel model = new(Repository.Model, CPU, reading: float32);
            string[] all = [.. parsed.GetRequiredValue(questions).SelectMany(file => QuestionFile.Read(file.FullName)).Select(question => question.UnscopedText ?? question.Text).Distinct()];
            // From everywhere in the files, for one part of them may be about one book.
            string[] asked = [.. all.Where((_, i) => (long)i * parsed.GetValue(limit) / all.Length != (long)(i - 1) * parsed.GetValue(limit) / all.Length || i == 0)];
            AnnData data = AnnData.Read(model, parsed.GetValue(memory)?.FullName ?? ReadBook(model), parsed.GetValue(tokens), asked);
            Console.Error.WriteLine($"{data.Keys.Length} keys; {data.Building.Vectors.Length} queries build, {data.Questions.Vectors.Length} evaluate; {data.Control.Vectors.Length} keys as control");
            AnnPoint[] points = [.. Measure(data)];
            Measurements measured = Report(time, load, data, asked.Length, points);
            measured.Print(Console.Out);
            string saved = measured.Save(Repository.Results);
            AnnPlot.Save(points, Path.ChangeExtension(saved, ".png"));
            Console.WriteLine($"\nsaved as {saved} and .png");
        });
        return command;
    }

    /// <summary>Reads the book, once: its memory stays in the temporary folder.</summary>
    /// <returns>Path of the memory.</returns>
    private static string ReadBook(LoadedModel model)
    {
        Document book = DocumentReaders.All.Read(Path.Combine(Repository.Data, Book), new ReadingOptions(), progress: null, CancellationToken.None);
        MemoryStore memories = new(Path.Combine(Path.GetTempPath(), "ra-benchmark-memory"), new MemoryOptions { Format = MemoryFormat.Keys });
        Console.Error.WriteLine($"reading {book.Title}, unless it was read before");
        using DocumentMemory memory = memories.OpenOrRead(book, model, questionTokens: 0, forceRetrieval: true, progress: null, Console.Error.WriteLine, CancellationToken.None);
        return memory.File.FilePath;
    }

    private static IEnumerable<AnnPoint> Measure(AnnData data)
    {
        foreach (AnnMethod method in Methods(data))
        {
            AnnPoint[] points = [.. AnnPoint.Measure(method, Questions, data.Questions, data.Keys.Length), .. AnnPoint.Measure(method, Control, data.Control, data.Keys.Length)];
            foreach (AnnPoint point in points)
            {
                Console.Error.WriteLine(point);
                yield return point;
            }
        }
    }

    private static IEnumerable<AnnMethod> Methods(AnnData data)
    {
        yield return InvertedLists.Build(data.Keys, (int)Math.Sqrt(data.Keys.Length));
        yield return InvertedLists.Build(data.Keys, 4 * (int)Math.Sqrt(data.Keys.Length));
        using (CountedHnsw hnsw = new(data.Keys)) yield return hnsw.Method;
        int[][] nearest = KeyGraph.NearestOf(data.Keys);
        yield return KeyGraph.OfKeys(data.Keys, nearest, data.Building).Method("graph of keys");
        yield return KeyGraph.OfQueries(data.Keys, nearest, data.Building).Method("graph of queries (as RoarGraph)");
    }

    private static Measurements Report(TimeProvider time, double? load, AnnData data, int questions, AnnPoint[] points)
    {
        List<Row> rows = [new Row($"attention of a query that falls on its {AnnData.Sought} nearest keys", "", data.Questions.Attention, data.Control.Attention)];
        foreach (IGrouping<string, AnnPoint> method in points.GroupBy(point => point.Method))
        {
            AnnPoint[] real = [.. method.Where(point => point.Queries == Questions)], control = [.. method.Where(point => point.Queries == Control)];
            rows.Add(new Row($"{method.Key}: share of the keys compared for recall@{AnnData.Sought} {Wanted}", "", AnnPoint.ScannedFor(real, Wanted), AnnPoint.ScannedFor(control, Wanted), Better.Lower));
            foreach ((AnnPoint one, AnnPoint other) in real.Zip(control))
            {
                rows.Add(new Row($"{method.Key}, effort {one.Effort}: recall@{AnnData.Sought}", "", one.Recall, other.Recall));
                rows.Add(new Row($"{method.Key}, effort {one.Effort}: share compared", "", one.Scanned, other.Scanned, Better.Lower));
            }
        }
        string text = $"Keys of the first retrieval head's key/value head for {data.Keys.Length:N0} tokens of a book, as the index stores them; queries of both retrieval heads for every token of {questions} questions, turned by "
            + $"{BlockScores.FixedDistance} positions as in the first look: {data.Building.Vectors.Length:N0} of one half of the questions build the graph of queries, {data.Questions.Vectors.Length:N0} of the other half are asked. "
            + $"Control: {data.Control.Vectors.Length} keys of later tokens as queries. By inner product; centres of cells count as compared.";
        return Measurements.Now(time, "ann", load, "queries of real questions", "keys as queries", text, rows);
    }
}
