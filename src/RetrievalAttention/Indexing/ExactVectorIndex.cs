using System.Runtime.InteropServices;
using TorchSharp;

namespace RetrievalAttention.Indexing;

/// <summary>
/// Compares the query with every vector: exact but for the rounding to float16. The reference for the other indexes, and fast enough up to some
/// 200,000 vectors. A saved index is mapped, not read.
/// </summary>
public sealed class ExactVectorIndex : IVectorIndex
{
    private const string Kind = "exact";

    private readonly ReaderWriterLockSlim _access = new();
    private readonly IRowScan _scan;
    private VectorFile? _file;
    private HalfRows _rows;
    private List<long?> _ids;
    private Dictionary<long, int> _rowOf;

    internal ExactVectorIndex(VectorIdentity identity, IRowScan scan)
    {
        (Identity, _scan) = (identity, scan);
        (_rows, _ids, _rowOf) = (new HalfRows(identity.Dimensions, null, 0, 0), [], []);
    }

    public VectorIdentity Identity { get; }

    public int Count => Reading(() => _rowOf.Count);

    public IReadOnlyCollection<long> Ids => Reading<IReadOnlyCollection<long>>(() => [.. _rowOf.Keys]);

    /// <param name="device">A GPU keeps a copy of all vectors; on the processor they are scanned where they are mapped.</param>
    public static ExactVectorIndex Create(VectorIdentity identity, torch.Device device) => new(identity, ScanOn(device));

    /// <exception cref="ProblemException">Missing, damaged, or made by another embedder; the message names the file and how to rebuild it.</exception>
    public static ExactVectorIndex Open(string path, VectorIdentity identity, torch.Device device) => Open(path, identity, ScanOn(device));

    internal static ExactVectorIndex Open(string path, VectorIdentity identity, IRowScan scan)
    {
        var index = new ExactVectorIndex(identity, scan);
        index.Map(path);
        return index;
    }

    public void Add(IReadOnlyList<long> ids, IReadOnlyList<float[]> vectors)
    {
        float[][] units = UnitVectors.FromAll(ids, vectors, Identity);
        Writing(() =>
        {
            for (int i = 0; i < units.Length; i++)
            {
                Forget(ids[i]);
                _rowOf[ids[i]] = _rows.Add(units[i]);
                _ids.Add(ids[i]);
            }
            return true;
        });
    }

    public int Remove(IEnumerable<long> ids) => Writing(() => ids.Count(Forget));

    public float[]? Find(long id) => Reading(() => _rowOf.TryGetValue(id, out int row) ? _rows.Row(row) : null);

    public IReadOnlyList<VectorMatch> Search(ReadOnlySpan<float> query, int count, Func<long, bool>? filter = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        float[] unit = UnitVectors.From(query, Identity);
        return Reading(() => _scan.Search(unit, count, _rows, _ids, filter));
    }

    /// <inheritdoc/>
    /// <remarks>Space of removed vectors is given back; the index goes on from the new file.</remarks>
    public void Save(string path) => Writing(() =>
    {
        int[] rows = [.. _rowOf.Values.Order()];
        VectorFile.Write(path, Kind, Identity, rows.Length, stream =>
        {
            stream.Write(MemoryMarshal.AsBytes(rows.Select(row => _ids[row]!.Value).ToArray().AsSpan()));
            foreach (int row in rows) stream.Write(MemoryMarshal.AsBytes(_rows.Rows(row, 1)));
        }, release: () => _file?.Dispose());
        Map(path);
        return true;
    });

    public void Dispose()
    {
        _scan.Dispose();
        _file?.Dispose();
        _access.Dispose();
    }

    private static IRowScan ScanOn(torch.Device device) => device.type == DeviceType.CPU ? new ProcessorScan() : new DeviceScan(device);

    private unsafe void Map(string path)
    {
        _file = VectorFile.Open(path, Kind, Identity);
        long idBytes = (long)_file.Vectors * sizeof(long);
        if (_file.Bytes != idBytes + (long)_file.Vectors * Identity.Dimensions * sizeof(ushort))
            throw new ProblemException(ProblemKind.Index, $"The index file {path} is damaged: {_file.Vectors} vectors do not take {_file.Bytes} bytes. Nothing else is lost; {Rebuilding.Advice}");
        var ids = new ReadOnlySpan<long>(_file.Content, _file.Vectors);
        _ids = new List<long?>(ids.Length);
        _rowOf = new Dictionary<long, int>(ids.Length);
        foreach (long id in ids)
        {
            _rowOf.Add(id, _ids.Count);
            _ids.Add(id);
        }
        _rows = new HalfRows(Identity.Dimensions, _file, idBytes, ids.Length);
        _scan.Invalidate();
    }

    private bool Forget(long id)
    {
        if (!_rowOf.Remove(id, out int row)) return false;
        _ids[row] = null;
        return true;
    }

    private T Reading<T>(Func<T> read)
    {
        _access.EnterReadLock();
        try
        {
            return read();
        }
        finally
        {
            _access.ExitReadLock();
        }
    }

    private T Writing<T>(Func<T> write)
    {
        _access.EnterWriteLock();
        try
        {
            _scan.Invalidate();
            return write();
        }
        finally
        {
            _access.ExitWriteLock();
        }
    }
}
