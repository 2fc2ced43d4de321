using System.Numerics.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace RetrievalAttention.Benchmarks.Ann;

/// <summary>
/// A graph over keys that is walked from one key to better ones, keeping the best candidates. Its edges come from the keys' own nearest keys, or, as in RoarGraph
/// (Chen et al. 2024, arXiv:2408.08933), first from queries: keys that are near to the same query are joined, wherever they lie among the keys. Of candidates for
/// edges those are left out that a closer one already leads to.
/// </summary>
internal sealed class KeyGraph
{
    private const int MostEdges = 32;

    /// <summary>Nearest keys that are candidates for edges.</summary>
    private const int Candidates = 64;

    /// <summary>Candidates of a key that many queries share.</summary>
    private const int MostShared = 400;

    private readonly float[][] _keys;
    private readonly float[][] _longer;
    private readonly List<int>[] _edges;
    private readonly int _entry;

    private KeyGraph(float[][] keys, float[][] longer, List<int>[] edges, int entry) => (_keys, _longer, _edges, _entry) = (keys, longer, edges, entry);

    /// <summary>Edges from keys to their nearest keys, in the space in which products and distances have one order.</summary>
    public static KeyGraph OfKeys(float[][] keys, int[][] nearest, AnnQueries building)
    {
        KeyGraph graph = Empty(keys, building);
        for (int key = 0; key < keys.Length; key++) graph.Join(key, nearest[key], MostEdges);
        graph.JoinBack(2 * MostEdges);
        return graph;
    }

    /// <summary>Edges between keys that the same queries look for, then some to the nearest keys, so that every key can be reached.</summary>
    public static KeyGraph OfQueries(float[][] keys, int[][] nearest, AnnQueries building)
    {
        KeyGraph graph = Empty(keys, building);
        Dictionary<int, HashSet<int>> shared = [];
        foreach (int[] list in building.Nearest)
        {
            foreach (int key in list)
            {
                if (!shared.TryGetValue(key, out HashSet<int>? others)) shared[key] = others = [];
                others.UnionWith(list);
            }
        }
        foreach ((int key, HashSet<int> others) in shared)
            graph.Join(key, [.. others.Where(other => other != key).OrderByDescending(other => graph.Nearness(key, other)).Take(MostShared)], MostEdges);
        for (int key = 0; key < keys.Length; key++) graph.Join(key, nearest[key], MostEdges / 2);
        graph.JoinBack(2 * MostEdges);
        return graph;
    }

    /// <summary>The nearest other keys of every key.</summary>
    public static int[][] NearestOf(float[][] keys)
    {
        float[][] longer = CountedHnsw.Lengthened(keys);
        using var scope = NewDisposeScope();
        Tensor all = tensor(longer.SelectMany(key => key).ToArray(), [longer.Length, longer[0].Length]);
        List<int[]> nearest = [];
        for (int first = 0; first < longer.Length; first += 1024)
        {
            using var part = NewDisposeScope();
            long[] found = all[first..Math.Min(longer.Length, first + 1024)].mm(all.t()).topk(Candidates + 1).indexes.data<long>().ToArray();
            foreach (long[] row in found.Chunk(Candidates + 1)) nearest.Add([.. row.Select(key => (int)key).Where(key => key != nearest.Count).Take(Candidates)]);
        }
        return [.. nearest];
    }

    public AnnMethod Method(string name) => new(name, [100, 200, 400, 800, 1600, 3200, 6400], Search);

    private static KeyGraph Empty(float[][] keys, AnnQueries building)
    {
        float[] mean = new float[keys[0].Length];
        foreach (float[] query in building.Vectors) TensorPrimitives.Add(mean, query, mean);
        int entry = Enumerable.Range(0, keys.Length).MaxBy(key => TensorPrimitives.Dot(mean, keys[key]));
        return new KeyGraph(keys, CountedHnsw.Lengthened(keys), [.. keys.Select(_ => new List<int>())], entry);
    }

    private float Nearness(int one, int other) => TensorPrimitives.Dot(_longer[one], _longer[other]);

    /// <param name="candidates">Nearest first.</param>
    private void Join(int key, IReadOnlyList<int> candidates, int most)
    {
        int before = _edges[key].Count;
        foreach (int candidate in candidates)
        {
            if (_edges[key].Count - before >= most) return;
            float near = Nearness(key, candidate);
            if (!_edges[key].Contains(candidate) && !_edges[key].Any(edge => Nearness(edge, candidate) > near)) _edges[key].Add(candidate);
        }
    }

    private void JoinBack(int most)
    {
        int[][] forward = [.. _edges.Select(edges => edges.ToArray())];
        for (int key = 0; key < forward.Length; key++)
            foreach (int other in forward[key])
                if (_edges[other].Count < most && !_edges[other].Contains(key)) _edges[other].Add(key);
    }

    /// <summary>Walks on while one of the best candidates has not been walked from.</summary>
    private AnnFound Search(float[] query, int candidates)
    {
        HashSet<int> met = [_entry];
        PriorityQueue<int, float> open = new();
        PriorityQueue<int, float> best = new();
        float first = TensorPrimitives.Dot(query, _keys[_entry]);
        open.Enqueue(_entry, -first);
        best.Enqueue(_entry, first);
        while (open.TryDequeue(out int key, out float cost))
        {
            if (best.Count >= candidates && best.TryPeek(out _, out float worst) && -cost < worst) break;
            foreach (int other in _edges[key])
            {
                if (!met.Add(other)) continue;
                float product = TensorPrimitives.Dot(query, _keys[other]);
                if (best.Count >= candidates && best.TryPeek(out _, out float least) && product <= least) continue;
                open.Enqueue(other, -product);
                best.Enqueue(other, product);
                if (best.Count > candidates) best.Dequeue();
            }
        }
        while (best.Count > AnnData.Sought) best.Dequeue();
        return new AnnFound([.. best.UnorderedItems.Select(item => item.Element)], met.Count);
    }
}
