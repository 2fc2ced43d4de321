using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace RetrievalAttention.Indexing;

/// <summary>One index of FAISS over vectors of length 1; rows are numbered in the order in which they were added.</summary>
internal sealed unsafe class FaissHandle : IDisposable
{
    private readonly FaissNative _native;
    private readonly int _dimensions;
    private nint _index;

    private FaissHandle(FaissNative native, int dimensions, nint index)
    {
        native.Check(index != 0);
        (_native, _dimensions, _index) = (native, dimensions, index);
    }

    public long Count => _native.Count(_index);

    /// <param name="factory">As in faiss::index_factory: "Flat", "IVF256,SQfp16", "HNSW32".</param>
    public static FaissHandle Create(FaissNative native, int dimensions, string factory)
    {
        fixed (byte* name = Encoding.ASCII.GetBytes(factory + '\0')) return new FaissHandle(native, dimensions, native.Create(dimensions, name));
    }

    public static FaissHandle Load(FaissNative native, int dimensions, byte* buffer, long length) => new(native, dimensions, native.LoadBuffer(buffer, length));

    /// <param name="vectors">Rows one after the other.</param>
    public void Train(float[] vectors)
    {
        fixed (float* numbers = vectors) _native.Check(_native.Train(_index, vectors.Length / _dimensions, numbers) != 0);
    }

    public void Add(float[] vectors)
    {
        fixed (float* numbers = vectors) _native.Check(_native.Add(_index, vectors.Length / _dimensions, numbers) != 0);
    }

    public void Set(string parameter, double value)
    {
        fixed (byte* name = Encoding.ASCII.GetBytes(parameter + '\0')) _native.Check(_native.Set(_index, name, value) != 0);
    }

    public void Read(long row, Span<float> vector)
    {
        fixed (float* numbers = vector) _native.Check(_native.Read(_index, row, numbers) != 0);
    }

    /// <param name="allowed">Which rows may be found; null for all. Must not throw.</param>
    public IReadOnlyList<(long Row, float Score)> Search(float[] query, int count, Func<long, bool>? allowed)
    {
        float[] scores = new float[count];
        long[] rows = new long[count];
        GCHandle state = GCHandle.Alloc(allowed);
        try
        {
            fixed (float* numbers = query)
            fixed (float* foundScores = scores)
            fixed (long* foundRows = rows)
                _native.Check(_native.Search(_index, numbers, count, allowed is null ? null : &IsAllowed, GCHandle.ToIntPtr(state), foundScores, foundRows) != 0);
        }
        finally
        {
            state.Free();
        }
        return [.. rows.Zip(scores).Where(pair => pair.First >= 0)];
    }

    public byte[] Serialize()
    {
        long length;
        byte* buffer = _native.Save(_index, &length);
        _native.Check(buffer != null);
        byte[] copy = new ReadOnlySpan<byte>(buffer, checked((int)length)).ToArray();
        _native.FreeBuffer(buffer);
        return copy;
    }

    public void Dispose()
    {
        if (_index == 0) return;
        _native.Free(_index);
        _index = 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int IsAllowed(long row, nint state) => ((Func<long, bool>)GCHandle.FromIntPtr(state).Target!)(row) ? 1 : 0;
}
