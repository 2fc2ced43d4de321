using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using RetrievalAttention.Models.Decoding;

namespace RetrievalAttention.Memory.Scanning;

/// <summary>
/// Scores of every block for the queries of one key/value head, from int8 keys (<see cref="BlockScores"/> in float32 is its reference). Two passes: the keys are read
/// once, for each query's largest score and sum in each block; these are then brought to one scale, that of the whole document.
/// </summary>
internal sealed unsafe class KeyScan : IRangeWork, IDisposable
{
    private const int MostThreads = 8;

    /// <summary>Blocks that a thread takes at a time: some tens of microseconds.</summary>
    private const int ChunkBlocks = 32;

    private static readonly Lock Using = new();
    private static readonly Lazy<WorkerTeam> Team = new(() => new WorkerTeam(Math.Min(Environment.ProcessorCount, MostThreads)));

    private readonly IndexFile _file;
    private readonly IndexLayout _layout;
    private readonly int _source;
    private readonly int _queries;
    private readonly BlockMasses _measure;
    private readonly float* _scaled;
    private readonly float* _largest;
    private readonly float* _sums;

    /// <param name="queries">[R, D], rotated by <see cref="BlockScores.FixedDistance"/>.</param>
    /// <param name="blocks">How many blocks are compared, from the first; null for all.</param>
    public KeyScan(IndexFile file, IndexLayout layout, int source, ReadOnlySpan<float> queries, InstructionLevel level, int? blocks = null)
    {
        Rows = blocks ?? file.Blocks;
        (_file, _layout, _source, _queries, _measure) = (file, layout, source, queries.Length / layout.HeadSize, BlockMassesOf.Level(level));
        _scaled = Allocate(queries.Length);
        _largest = Allocate((nint)_queries * Rows);
        _sums = Allocate((nint)_queries * Rows);

        // Powers of two are cheaper than those of e.
        TensorPrimitives.Multiply(queries, 1 / (MathF.Log(2) * MathF.Sqrt(layout.HeadSize)), new Span<float>(_scaled, queries.Length));
    }

    /// <summary>A row is one block.</summary>
    public int Rows { get; }

    public void Run(int first, int count)
    {
        for (int block = first; block < first + count; block++)
        {
            byte* record = _file.Record(block);
            _measure(
                _scaled, _queries, _layout.HeadSize, (sbyte*)record + _layout.CodesAt(_source), (float*)(record + _layout.StepsAt(_source)), IndexLayout.Tokens(_file.Span(block)),
                _largest + block, _sums + block, Rows);
        }
    }

    /// <summary>Reads all keys, with all threads.</summary>
    public void Run()
    {
        // One team for the process: scans of several books would not be faster beside each other.
        lock (Using) Team.Value.Run(this, ChunkBlocks);
    }

    /// <summary>Σ over some queries of weight · sqrt(share of the query's attention that falls into the block), by block. Call after <see cref="Run()"/>; once a query.</summary>
    public double[] Scores(int first, IReadOnlyList<double> weights)
    {
        float[] scores = new float[Rows];
        for (int i = 0; i < weights.Count; i++)
        {
            if (weights[i] == 0) continue;
            Span<float> masses = new(_largest + (nint)(first + i) * Rows, Rows), sums = new(_sums + (nint)(first + i) * Rows, Rows);
            TensorPrimitives.Subtract(masses, TensorPrimitives.Max<float>(masses), masses);
            TensorPrimitives.Exp2(masses, masses);
            TensorPrimitives.Multiply(masses, sums, masses);
            TensorPrimitives.Divide(masses, TensorPrimitives.Sum<float>(masses), masses);
            TensorPrimitives.Sqrt(masses, masses);
            TensorPrimitives.MultiplyAdd(masses, (float)weights[i], scores, scores);
        }
        return BlockScores.DividedByDeviation(scores);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_scaled);
        NativeMemory.AlignedFree(_largest);
        NativeMemory.AlignedFree(_sums);
    }

    private static float* Allocate(nint numbers) => (float*)NativeMemory.AlignedAlloc((nuint)numbers * sizeof(float), 64);
}
