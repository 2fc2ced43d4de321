using System.CommandLine;
using RetrievalAttention.Benchmarks.Reporting;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Knn;

/// <summary>Compares the kinds of vector index with each other: how much they find, how fast, how large.</summary>
public static class KnnCommand
{
    private const int Queries = 200;
    private const int Seed = 1;

    public static Command Create(TimeProvider time)
    {
        var books = new Option<DirectoryInfo>("--books") { Description = "Folder of plain-text books whose passages are embedded. Default: books in RA_DATA, or in ../shared/data.", DefaultValueFactory = _ => new(Path.Combine(Repository.Data, "books")) };
        var sizes = new Option<int[]>("--sizes") { Description = "Numbers of vectors.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [10_000, 100_000, 1_000_000] };
        var passages = new Option<int>("--passages") { Description = "Passages to embed; more vectors are mixtures of them.", DefaultValueFactory = _ => 2_000 };
        var largestGraph = new Option<int>("--largest-graph") { Description = "Most vectors that graphs are built of: one writer adds some thousands a second.", DefaultValueFactory = _ => 1_000_000 };
        var command = new Command("knn", "Recall, speed, build time and size of the vector indexes.") { books, sizes, passages, largestGraph };
        command.SetAction(parsed =>
        {
            set_num_threads(Environment.ProcessorCount);
            double? load = Measurements.CurrentLoad();
            using SentenceEmbedder embedder = SentenceEmbedder.Open(Repository.Embedder, CPU, new EmbedderOptions());
            string[] files = [.. Directory.EnumerateFiles(parsed.GetRequiredValue(books).FullName, "*.txt").Order(StringComparer.Ordinal)];
            IReadOnlyList<float[]> real = KnnVectors.Embed(embedder, files, parsed.GetValue(passages));
            KnnResult[] results = [.. parsed.GetRequiredValue(sizes).SelectMany(size => Measure(real, size, parsed.GetValue(largestGraph), embedder))];
            Measurements measured = Report(time, load, results, real.Count);
            measured.Print(Console.Out);
            string saved = measured.Save(Repository.Results);
            KnnPlot.Save(results, Path.ChangeExtension(saved, ".png"));
            Console.WriteLine($"\nsaved as {saved} and .png");
        });
        return command;
    }

    private static IEnumerable<KnnResult> Measure(IReadOnlyList<float[]> real, int size, int largestGraph, SentenceEmbedder embedder)
    {
        var identity = new VectorIdentity(embedder.Hash, embedder.Dimensions);
        var source = new KnnVectors(real, Seed);
        float[][] vectors = source.Next(size);
        float[][] queries = source.Next(Queries);
        long[][] closest = KnnMeasure.Closest(vectors, queries);
        foreach ((string name, Func<IVectorIndex> create) in Kinds(identity, size <= largestGraph))
        {
            using IVectorIndex index = create();
            KnnResult result = KnnMeasure.Run(name, index, vectors, queries, closest);
            Console.Error.WriteLine(result);
            yield return result;
        }
    }

    private static IEnumerable<(string Name, Func<IVectorIndex> Create)> Kinds(VectorIdentity identity, bool graphs)
    {
        yield return ("exact", () => ExactVectorIndex.Create(identity, CPU));
        if (graphs) yield return ("hnsw (USearch)", () => HnswVectorIndex.Create(identity, new HnswOptions()));
        if (!FaissVectorIndex.IsAvailable(new FaissOptions())) yield break;
        yield return ("flat (FAISS)", () => FaissVectorIndex.Create(identity, new FaissOptions { Kind = FaissKind.Flat }));
        yield return ("ivf (FAISS)", () => FaissVectorIndex.Create(identity, new FaissOptions { Kind = FaissKind.Ivf }));
        if (graphs) yield return ("hnsw (FAISS)", () => FaissVectorIndex.Create(identity, new FaissOptions { Kind = FaissKind.Hnsw }));
    }

    private static Measurements Report(TimeProvider time, double? load, KnnResult[] results, int passages)
    {
        var rows = new List<Row>();
        foreach (IGrouping<int, KnnResult> size in results.GroupBy(result => result.Vectors))
        {
            KnnResult exact = size.First(result => result.Index == "exact");
            foreach (KnnResult result in size)
            {
                string name = $"{result.Index}, {result.Vectors:N0} vectors";
                rows.Add(new Row($"{name}: recall@10", "", result.Recall, exact.Recall));
                rows.Add(new Row($"{name}: queries", "1/s", result.QueriesPerSecond, exact.QueriesPerSecond));
                rows.Add(new Row($"{name}: build", "s", result.BuildSeconds, exact.BuildSeconds, Better.Lower));
                rows.Add(new Row($"{name}: size", "bytes/vector", result.BytesPerVector, exact.BytesPerVector, Better.Lower));
            }
        }
        string method = $"{passages} passages of books, embedded; vectors and {Queries} queries are mixtures of two of them (0.5 to 1 of the first) with noise of length 0.2. "
            + "Recall counts the ten closest by float32 products with all vectors. Queries one after the other.";
        return Measurements.Now(time, "knn", load, "each index", "the exact index (float16, all vectors compared)", method, rows);
    }
}
