using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cloud.Unum.USearch;
using RetrievalAttention.Indexing;

namespace RetrievalAttention.Benchmarks.Ann;

/// <summary>
/// USearch's HNSW over keys, with a metric that counts how often it is called. Keys get one number more, so that all are equally long and the largest product is the
/// nearest (Bachrach et al. 2014); queries get a zero there. One search at a time.
/// </summary>
internal sealed unsafe class CountedHnsw : IDisposable
{
    private static int _products;
    private static int _size;

    private readonly nint _index;

    public CountedHnsw(float[][] keys)
    {
        float[][] longer = Lengthened(keys);
        _size = longer[0].Length;
        var options = new UsearchNative.Options
        {
            MetricKind = (int)MetricKind.Ip,
            Metric = (nint)(delegate* unmanaged[Cdecl]<float*, float*, float>)&Distance,
            Quantization = (int)ScalarKind.Float32,
            Dimensions = (nuint)_size,
            Connectivity = 16,
            ExpansionAdd = 128,
            ExpansionSearch = 64,
        };
        _index = UsearchNative.Create(&options, out nint error);
        Check(error);
        UsearchNative.Reserve(_index, (nuint)keys.Length, out error);
        Check(error);
        for (int key = 0; key < longer.Length; key++)
        {
            fixed (float* numbers = longer[key]) UsearchNative.Add(_index, (ulong)key, numbers, (int)ScalarKind.Float32, out error);
            Check(error);
        }
    }

    /// <summary>Keys with a number more each, so that all have the length of the longest.</summary>
    public static float[][] Lengthened(float[][] keys)
    {
        double longest = keys.Max(key => (double)TensorPrimitives.SumOfSquares<float>(key));
        return [.. keys.Select(key => (float[])[.. key, (float)Math.Sqrt(Math.Max(0, longest - TensorPrimitives.SumOfSquares<float>(key)))])];
    }

    /// <summary>More candidates are kept when more keys are asked for.</summary>
    public AnnMethod Method => new("hnsw (USearch)", [100, 200, 400, 800, 1600, 3200, 6400], (query, candidates) =>
    {
        _products = 0;
        ulong[] found = new ulong[candidates];
        float[] distances = new float[candidates];
        nuint count;
        nint error;
        fixed (float* numbers = (float[])[.. query, 0])
        fixed (ulong* keys = found)
        fixed (float* near = distances) count = UsearchNative.Search(_index, numbers, (int)ScalarKind.Float32, (nuint)candidates, keys, near, out error);
        Check(error);
        return new AnnFound([.. found.Take((int)Math.Min(count, AnnData.Sought)).Select(key => (int)key)], _products);
    });

    public void Dispose() => UsearchNative.Free(_index, out _);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static float Distance(float* one, float* other)
    {
        _products++;
        return 1 - TensorPrimitives.Dot(new ReadOnlySpan<float>(one, _size), new ReadOnlySpan<float>(other, _size));
    }

    private static void Check(nint error)
    {
        if (error != 0) throw new InvalidOperationException($"USearch: {Marshal.PtrToStringUTF8(error)}");
    }
}
