using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RetrievalAttention.Indexing;

/// <summary>
/// FAISS (github.com/facebookresearch/faiss) as an index: flat, cells or graph. It needs a library that is built apart; without it, creating one
/// says how. FAISS never removes: removed rows are passed over, and left out when the index is built anew, as every save does.
/// </summary>
public sealed class FaissVectorIndex : IVectorIndex
{
    /// <summary>Below this many vectors cells do not pay, and all are compared.</summary>
    private const int LeastForCells = 10_000;

    /// <summary>Vectors a cell centre is trained on, and those that FAISS asks for at least.</summary>
    private const int TrainingPerCell = 64;
    private const int LeastPerCell = 39;

    /// <summary>The graph: neighbours a vector, and candidates while adding and searching.</summary>
    private const int Neighbours = 32;
    private const int Candidates = 128;

    /// <summary>As in <see cref="HnswVectorIndex"/>: when a filter allows no more, vectors are compared one by one.</summary>
    private const int FewEnoughToScan = 5_000;

    private readonly Lock _access = new();
    private readonly FaissNative _native;
    private readonly FaissOptions _options;
    private FaissHandle _index;
    private List<long?> _ids = [];
    private Dictionary<long, int> _rowOf = [];

    /// <summary>Vectors at which the cells are chosen again.</summary>
    private int _rebuildAt = LeastForCells;

    private FaissVectorIndex(VectorIdentity identity, FaissOptions options)
    {
        options.Validate();
        (Identity, _options, _native) = (identity, options, FaissNative.Load(options));
        _index = CreateFor(0);
    }

    public VectorIdentity Identity { get; }

    public int Count
    {
        get
        {
            lock (_access) return _rowOf.Count;
        }
    }

    public IReadOnlyCollection<long> Ids
    {
        get
        {
            lock (_access) return [.. _rowOf.Keys];
        }
    }

    private string FileKind => $"faiss-{_options.Kind}".ToLowerInvariant();

    /// <summary>The library that is needed is there.</summary>
    public static bool IsAvailable(FaissOptions options) => FaissNative.IsThere(options);

    /// <exception cref="ProblemException">The library is missing; the message says how to build it.</exception>
    public static FaissVectorIndex Create(VectorIdentity identity, FaissOptions options) => new(identity, options);

    /// <exception cref="ProblemException">As for <see cref="Create"/>; or the file is missing, damaged, or made by another embedder.</exception>
    public static FaissVectorIndex Open(string path, VectorIdentity identity, FaissOptions options)
    {
        var index = new FaissVectorIndex(identity, options);
        index.Load(path);
        return index;
    }

    public void Add(IReadOnlyList<long> ids, IReadOnlyList<float[]> vectors)
    {
        float[][] units = UnitVectors.FromAll(ids, vectors, Identity);
        lock (_access)
        {
            if (units.Length == 0) return;
            _index.Add([.. units.SelectMany(unit => unit)]);
            foreach (long id in ids)
            {
                Forget(id);
                _rowOf[id] = _ids.Count;
                _ids.Add(id);
            }
            if (_options.Kind == FaissKind.Ivf && _rowOf.Count >= _rebuildAt) Rebuild();
        }
    }

    public int Remove(IEnumerable<long> ids)
    {
        lock (_access) return ids.Count(Forget);
    }

    public float[]? Find(long id)
    {
        lock (_access)
        {
            if (!_rowOf.TryGetValue(id, out int row)) return null;
            float[] vector = new float[Identity.Dimensions];
            _index.Read(row, vector);
            return vector;
        }
    }

    public IReadOnlyList<VectorMatch> Search(ReadOnlySpan<float> query, int count, Func<long, bool>? filter = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        float[] unit = UnitVectors.From(query, Identity);
        lock (_access)
        {
            int wanted = Math.Min(count, _rowOf.Count);
            if (wanted == 0) return [];
            bool[] allowed = [.. _ids.Select(id => id is { } known && filter?.Invoke(known) != false)];
            int allowedRows = allowed.Count(isAllowed => isAllowed);
            if (filter is not null && allowedRows <= FewEnoughToScan) return Scan(unit, wanted, allowed);
            return allowedRows == allowed.Length ? Matches(_index.Search(unit, wanted, null), wanted)
                : _options.Kind == FaissKind.Hnsw ? SearchWider(unit, wanted, allowed)
                : Matches(_index.Search(unit, wanted, row => allowed[row]), wanted);
        }
    }

    public void Save(string path)
    {
        lock (_access)
        {
            if (_rowOf.Count < _ids.Count) Rebuild();
            byte[] index = _index.Serialize();
            VectorFile.Write(path, FileKind, Identity, _ids.Count, stream =>
            {
                stream.Write(MemoryMarshal.AsBytes(_ids.Select(id => id!.Value).ToArray().AsSpan()));
                stream.Write(index);
            }, release: () => { });
        }
    }

    public void Dispose()
    {
        lock (_access) _index.Dispose();
    }

    /// <summary>The graph of this FAISS knows no filter: it is asked for more until enough of what it found may be found.</summary>
    private IReadOnlyList<VectorMatch> SearchWider(float[] query, int count, bool[] allowed)
    {
        for (long asked = 2L * count + 16; ; asked *= 4)
        {
            int rows = (int)Math.Min(asked, allowed.Length);
            (long Row, float Score)[] found = [.. _index.Search(query, rows, null).Where(match => allowed[match.Row])];
            if (found.Length >= count || rows == allowed.Length) return Matches(found, count);
        }
    }

    private IReadOnlyList<VectorMatch> Scan(float[] query, int count, bool[] allowed)
    {
        float[] vector = new float[Identity.Dimensions];
        var matches = new TopMatches(count);
        for (int row = 0; row < allowed.Length; row++)
        {
            if (!allowed[row]) continue;
            _index.Read(row, vector);
            matches.Offer(_ids[row]!.Value, TensorPrimitives.Dot(query, vector));
        }
        return matches.Sorted();
    }

    private IReadOnlyList<VectorMatch> Matches(IEnumerable<(long Row, float Score)> rows, int count)
    {
        var matches = new TopMatches(count);
        foreach ((long row, float score) in rows) matches.Offer(_ids[(int)row]!.Value, score);
        return matches.Sorted();
    }

    private bool Forget(long id)
    {
        if (!_rowOf.Remove(id, out int row)) return false;
        _ids[row] = null;
        return true;
    }

    /// <summary>Builds the index from the vectors that are left, with as many cells as they ask for.</summary>
    private void Rebuild()
    {
        int[] rows = [.. _rowOf.Values.Order()];
        float[] vectors = new float[(long)rows.Length * Identity.Dimensions];
        for (int i = 0; i < rows.Length; i++) _index.Read(rows[i], vectors.AsSpan(i * Identity.Dimensions, Identity.Dimensions));
        FaissHandle rebuilt = CreateFor(rows.Length);
        if (rows.Length >= LeastForCells && _options.Kind == FaissKind.Ivf)
        {
            rebuilt.Train(TrainingSample(vectors, CellsFor(rows.Length) * TrainingPerCell));
            rebuilt.Set("nprobe", ProbesFor(rows.Length));
            _rebuildAt = rows.Length * 4;
        }
        if (rows.Length > 0) rebuilt.Add(vectors);
        _index.Dispose();
        _index = rebuilt;
        _ids = [.. rows.Select(row => _ids[row])];
        _rowOf = _ids.Select((id, row) => (id, row)).ToDictionary(pair => pair.id!.Value, pair => pair.row);
    }

    /// <summary>Rows at equal distances, so that the sample is the same each time.</summary>
    private float[] TrainingSample(float[] vectors, int most)
    {
        int rows = vectors.Length / Identity.Dimensions;
        if (rows <= most) return vectors;
        float[] sample = new float[most * Identity.Dimensions];
        for (int i = 0; i < most; i++)
        {
            int row = (int)((long)i * rows / most);
            vectors.AsSpan(row * Identity.Dimensions, Identity.Dimensions).CopyTo(sample.AsSpan(i * Identity.Dimensions));
        }
        return sample;
    }

    private FaissHandle CreateFor(int rows)
    {
        FaissHandle index = FaissHandle.Create(_native, Identity.Dimensions, _options.Kind switch
        {
            FaissKind.Hnsw => $"HNSW{Neighbours}",
            FaissKind.Ivf when rows >= LeastForCells => $"IVF{CellsFor(rows)},SQfp16",
            _ => "Flat",
        });
        if (_options.Kind == FaissKind.Hnsw)
        {
            index.Set("efConstruction", Candidates);
            index.Set("efSearch", Candidates);
        }
        return index;
    }

    private int ProbesFor(int rows) => Math.Max(8, (int)(CellsFor(rows) * _options.ProbedCells));

    private static int CellsFor(int rows) => Math.Min((int)(4 * Math.Sqrt(rows)), rows / LeastPerCell);

    private unsafe void Load(string path)
    {
        using VectorFile file = VectorFile.Open(path, FileKind, Identity);
        long idBytes = (long)file.Vectors * sizeof(long);
        _index.Dispose();
        _index = FaissHandle.Load(_native, Identity.Dimensions, file.Content + idBytes, file.Bytes - idBytes);
        foreach (long id in new ReadOnlySpan<long>(file.Content, file.Vectors))
        {
            _rowOf[id] = _ids.Count;
            _ids.Add(id);
        }
        if (_rowOf.Count != file.Vectors || _index.Count != file.Vectors)
            throw new ProblemException(ProblemKind.Index, $"The index file {path} is damaged: {_rowOf.Count} ids stand beside {_index.Count} vectors. Nothing else is lost; {Rebuilding.Advice}");
        if (_options.Kind == FaissKind.Ivf) _rebuildAt = Math.Max(LeastForCells, file.Vectors * 4);
    }
}
