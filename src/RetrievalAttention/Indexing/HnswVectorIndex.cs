using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RetrievalAttention.Indexing;

/// <summary>
/// Approximate search in a graph of neighbours (USearch), for libraries too large to compare with every vector. A saved index is mapped until
/// it is changed. One call at a time: USearch's concurrent changes end the process.
/// </summary>
public sealed class HnswVectorIndex : IVectorIndex
{
    private const string Kind = "hnsw";

    /// <summary>
    /// When a filter allows fewer vectors than this, or than this share, they are compared one by one: the graph would be walked far for little.
    /// </summary>
    private const int FewEnoughToScan = 5_000;
    private const double ShareToScan = 0.02;

    private readonly Lock _access = new();
    private readonly HnswOptions _options;
    private readonly HashSet<long> _ids = [];
    private UsearchHandle _graph;

    /// <summary>The graph reads from here; null when it has memory of its own.</summary>
    private VectorFile? _file;

    private HnswVectorIndex(VectorIdentity identity, HnswOptions options)
    {
        options.Validate();
        (Identity, _options) = (identity, options);
        _graph = new UsearchHandle(identity.Dimensions, options);
    }

    public VectorIdentity Identity { get; }

    public int Count
    {
        get
        {
            lock (_access) return _ids.Count;
        }
    }

    public IReadOnlyCollection<long> Ids
    {
        get
        {
            lock (_access) return [.. _ids];
        }
    }

    public static HnswVectorIndex Create(VectorIdentity identity, HnswOptions options) => new(identity, options);

    /// <exception cref="ProblemException">Missing, damaged, or made by another embedder; the message names the file and how to rebuild it.</exception>
    public static HnswVectorIndex Open(string path, VectorIdentity identity, HnswOptions options)
    {
        var index = new HnswVectorIndex(identity, options);
        index.Map(path);
        return index;
    }

    public void Add(IReadOnlyList<long> ids, IReadOnlyList<float[]> vectors)
    {
        float[][] units = UnitVectors.FromAll(ids, vectors, Identity);
        if (units.Length == 0) return;
        lock (_access)
        {
            MakeChangeable();
            for (int i = 0; i < units.Length; i++)
            {
                if (!_ids.Add(ids[i])) _graph.Remove(ids[i]);
                _graph.Add(ids[i], units[i]);
            }
        }
    }

    public int Remove(IEnumerable<long> ids)
    {
        lock (_access)
        {
            long[] known = [.. ids.Where(_ids.Contains).Distinct()];
            if (known.Length == 0) return 0;
            MakeChangeable();
            foreach (long id in known)
            {
                _ids.Remove(id);
                _graph.Remove(id);
            }
            return known.Length;
        }
    }

    public float[]? Find(long id)
    {
        lock (_access)
        {
            if (!_ids.Contains(id)) return null;
            float[] vector = new float[Identity.Dimensions];
            _graph.Get(id, vector);
            return vector;
        }
    }

    public IReadOnlyList<VectorMatch> Search(ReadOnlySpan<float> query, int count, Func<long, bool>? filter = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        float[] unit = UnitVectors.From(query, Identity);
        lock (_access)
        {
            int wanted = Math.Min(count, _ids.Count);
            if (wanted == 0) return [];
            if (filter is not null && FewAllowed(filter) is { } few) return Scan(unit, wanted, few);
            var matches = new TopMatches(wanted);
            foreach (VectorMatch match in _graph.Search(unit, wanted, filter)) matches.Offer(match.Id, match.Score);
            return matches.Sorted();
        }
    }

    public void Save(string path)
    {
        lock (_access)
        {
            byte[] graph = _graph.Serialize();
            VectorFile.Write(path, Kind, Identity, _ids.Count, stream =>
            {
                stream.Write(MemoryMarshal.AsBytes(_ids.ToArray().AsSpan()));
                stream.Write(graph);
            }, release: MakeChangeable);
        }
    }

    public void Dispose()
    {
        lock (_access)
        {
            _graph.Dispose();
            _file?.Dispose();
        }
    }

    private long[]? FewAllowed(Func<long, bool> filter)
    {
        int most = Math.Max(FewEnoughToScan, (int)(ShareToScan * _ids.Count));
        long[] allowed = [.. _ids.Where(filter).Take(most + 1)];
        return allowed.Length <= most ? allowed : null;
    }

    private IReadOnlyList<VectorMatch> Scan(float[] query, int count, long[] ids)
    {
        var matches = new TopMatches(count);
        float[] vector = new float[Identity.Dimensions];
        foreach (long id in ids)
        {
            _graph.Get(id, vector);
            matches.Offer(id, TensorPrimitives.Dot(query, vector));
        }
        return matches.Sorted();
    }

    private unsafe void Map(string path)
    {
        _file = VectorFile.Open(path, Kind, Identity);
        long idBytes = (long)_file.Vectors * sizeof(long);
        if (_file.Bytes < idBytes) throw Damaged(path, $"{_file.Vectors} ids do not fit into {_file.Bytes} bytes");
        _ids.UnionWith(new ReadOnlySpan<long>(_file.Content, _file.Vectors).ToArray());
        _graph.View(_file.Content + idBytes, _file.Bytes - idBytes);
        if (_ids.Count != _file.Vectors || _graph.Size != _file.Vectors) throw Damaged(path, $"{_ids.Count} ids stand beside {_graph.Size} vectors");
    }

    /// <summary>Copies a mapped graph into memory.</summary>
    private unsafe void MakeChangeable()
    {
        if (_file is null) return;
        long idBytes = (long)_file.Vectors * sizeof(long);
        var graph = new UsearchHandle(Identity.Dimensions, _options);
        graph.Load(_file.Content + idBytes, _file.Bytes - idBytes);
        _graph.Dispose();
        _file.Dispose();
        (_graph, _file) = (graph, null);
    }

    private static ProblemException Damaged(string path, string found) =>
        new(ProblemKind.Index, $"The index file {path} is damaged: {found}. Nothing else is lost; {Rebuilding.Advice}");
}
