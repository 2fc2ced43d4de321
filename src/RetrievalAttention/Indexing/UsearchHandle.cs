using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cloud.Unum.USearch;

namespace RetrievalAttention.Indexing;

/// <summary>A USearch graph over float16 vectors of length 1. Not safe to use from several threads: concurrent changes end the process.</summary>
internal sealed unsafe class UsearchHandle : IDisposable
{
    private const int Float32 = (int)ScalarKind.Float32;

    private nint _index;

    public UsearchHandle(int dimensions, HnswOptions options)
    {
        var native = new UsearchNative.Options
        {
            // On vectors of length 1 the inner product is the cosine, and a zero vector gives no NaN.
            MetricKind = (int)MetricKind.Ip,
            Quantization = (int)ScalarKind.Float16,
            Dimensions = (nuint)dimensions,
            Connectivity = (nuint)options.Connectivity,
            ExpansionAdd = (nuint)options.ExpansionAdd,
            ExpansionSearch = (nuint)options.ExpansionSearch,
        };
        _index = UsearchNative.Create(&native, out nint error);
        Check(error);
    }

    public int Size => (int)Checked(UsearchNative.Size(_index, out nint error), error);

    public void Add(long id, float[] vector)
    {
        nuint capacity = Checked(UsearchNative.Capacity(_index, out nint error), error);
        if ((nuint)Size + 1 > capacity)
        {
            UsearchNative.Reserve(_index, Math.Max(1024, capacity * 2), out error);
            Check(error);
        }
        fixed (float* numbers = vector) UsearchNative.Add(_index, (ulong)id, numbers, Float32, out error);
        Check(error);
    }

    public void Remove(long id) => Checked(UsearchNative.Remove(_index, (ulong)id, out nint error), error);

    public void Get(long id, Span<float> vector)
    {
        nuint found;
        nint error;
        fixed (float* numbers = vector) found = UsearchNative.Get(_index, (ulong)id, 1, numbers, Float32, out error);
        Check(error);
        if (found != 1) throw Broken($"vector {id} is missing");
    }

    public IReadOnlyList<VectorMatch> Search(float[] query, int count, Func<long, bool>? filter)
    {
        ulong[] keys = new ulong[count];
        float[] distances = new float[count];
        nuint found;
        nint error;
        fixed (float* numbers = query)
        fixed (ulong* foundKeys = keys)
        fixed (float* foundDistances = distances)
        {
            if (filter is null)
            {
                found = UsearchNative.Search(_index, numbers, Float32, (nuint)count, foundKeys, foundDistances, out error);
            }
            else
            {
                var call = new FilterCall(filter);
                GCHandle state = GCHandle.Alloc(call);
                found = UsearchNative.SearchFiltered(_index, numbers, Float32, (nuint)count, &IsAllowed, GCHandle.ToIntPtr(state), foundKeys, foundDistances, out error);
                state.Free();
                call.Rethrow();
            }
        }
        Check(error);
        return [.. keys.Take((int)found).Zip(distances, (key, distance) => new VectorMatch((long)key, 1 - distance))];
    }

    public byte[] Serialize()
    {
        byte[] buffer = new byte[Checked(UsearchNative.SerializedLength(_index, out nint error), error)];
        fixed (byte* start = buffer) UsearchNative.Save(_index, start, (nuint)buffer.Length, out error);
        Check(error);
        return buffer;
    }

    public void Load(byte* buffer, long length)
    {
        UsearchNative.Load(_index, buffer, (nuint)length, out nint error);
        Check(error);
    }

    /// <summary>Uses the buffer where it is; it must outlive this, and nothing may be changed.</summary>
    public void View(byte* buffer, long length)
    {
        UsearchNative.View(_index, buffer, (nuint)length, out nint error);
        Check(error);
    }

    public void Dispose()
    {
        if (_index == 0) return;
        UsearchNative.Free(_index, out _);
        _index = 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int IsAllowed(ulong key, nint state) => ((FilterCall)GCHandle.FromIntPtr(state).Target!).Allows((long)key) ? 1 : 0;

    private static nuint Checked(nuint result, nint error)
    {
        Check(error);
        return result;
    }

    private static void Check(nint error)
    {
        if (error != 0) throw Broken(Marshal.PtrToStringUTF8(error) ?? "no reason given");
    }

    private static ProblemException Broken(string reason) =>
        new(ProblemKind.Index, $"The HNSW index (USearch) reports: {reason}. Choose the exact index in the settings, or {Rebuilding.Advice}");

    /// <summary>An exception must not cross native code: it is kept until the search has returned.</summary>
    private sealed class FilterCall(Func<long, bool> filter)
    {
        private System.Runtime.ExceptionServices.ExceptionDispatchInfo? _thrown;

        public bool Allows(long id)
        {
            if (_thrown is not null) return false;
            try
            {
                return filter(id);
            }
            catch (Exception e)
            {
                _thrown = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
                return false;
            }
        }

        public void Rethrow() => _thrown?.Throw();
    }
}
