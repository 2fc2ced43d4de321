using System.Runtime.CompilerServices;
using RetrievalAttention.Models.Decoding;

namespace RetrievalAttention.Memory.Scanning;

/// <summary>What the queries of a scan see of one block: for each, the largest score and Σ 2^(score - largest) over the block's tokens.</summary>
/// <param name="queries">[R, D].</param>
/// <param name="codes">Keys as int8, [D, 64].</param>
/// <param name="steps">Size of one code by dimension, [D], and behind them the numbers of code 0, [D].</param>
/// <param name="tokens">How many of the 64 are there.</param>
/// <param name="largest">Of the first query; those of the next follow <paramref name="stride"/> numbers later.</param>
/// <param name="sums">Likewise.</param>
internal unsafe delegate void BlockMasses(float* queries, int rows, int size, sbyte* codes, float* steps, int tokens, float* largest, float* sums, int stride);

/// <summary>
/// Goals: 1. a key is read once, for all queries; 2. lanes are tokens, so that products need no sums across lanes and the softmax runs in the same registers; 3. no
/// score of a token leaves the first-level cache.
/// </summary>
internal static unsafe class BlockMassesOf
{
    private const int Tokens = KvCodec.BlockTokens;

    /// <summary>2^-126 is the smallest normal float32: what lies further below the largest score counts as that.</summary>
    private const float Least = -126;

    public static BlockMasses Level(InstructionLevel level) => level switch
    {
        InstructionLevel.Avx512 => Measure<KeyLanes512>,
        InstructionLevel.Avx2 => Measure<KeyLanes256>,
        _ => MeasurePlainly,
    };

    /// <summary>The reference.</summary>
    private static void MeasurePlainly(float* queries, int rows, int size, sbyte* codes, float* steps, int tokens, float* largest, float* sums, int stride)
    {
        float* scores = stackalloc float[Tokens];
        for (int row = 0; row < rows; row++)
        {
            float best = float.NegativeInfinity, sum = 0;
            for (int token = 0; token < tokens; token++)
            {
                scores[token] = 0;
                for (int i = 0; i < size; i++) scores[token] += queries[row * size + i] * (steps[size + i] + steps[i] * codes[i * Tokens + token]);
                best = Math.Max(best, scores[token]);
            }
            for (int token = 0; token < tokens; token++) sum += MathF.Pow(2, Math.Max(Least, scores[token] - best));
            (largest[row * stride], sums[row * stride]) = (best, sum);
        }
    }

    // Compiled in full at once, as the loops of decoding are.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Measure<TLanes>(float* queries, int rows, int size, sbyte* codes, float* steps, int tokens, float* largest, float* sums, int stride)
        where TLanes : struct, IKeyLanes<TLanes>
    {
        float* keys = stackalloc float[Tokens * size];
        float* scores = stackalloc float[2 * Tokens];
        for (int i = 0; i < size; i++)
        {
            TLanes step = TLanes.All(steps[i]), middle = TLanes.All(steps[size + i]);
            for (int at = i * Tokens; at < (i + 1) * Tokens; at += TLanes.Width) TLanes.Store(TLanes.MultiplyAdd(TLanes.LoadCodes(codes + at), step, middle), keys + at);
        }
        for (int row = 0; row < rows; row += 2)
        {
            // An odd last query is scored twice.
            int next = Math.Min(row + 1, rows - 1);
            Score<TLanes>(queries + row * size, queries + next * size, size, keys, scores);
            for (int missing = tokens; missing < Tokens; missing++) scores[missing] = scores[Tokens + missing] = float.NegativeInfinity;
            Sum<TLanes>(scores, largest + row * stride, sums + row * stride);
            Sum<TLanes>(scores + Tokens, largest + next * stride, sums + next * stride);
        }
    }

    /// <summary>Products of two queries with all keys: 8 registers of sums, which is what two multipliers of four cycles keep busy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Score<TLanes>(float* query, float* other, int size, float* keys, float* scores)
        where TLanes : struct, IKeyLanes<TLanes>
    {
        int width = TLanes.Width;
        for (int token = 0; token < Tokens; token += 4 * width)
        {
            TLanes a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
            float* key = keys + token;
            for (int i = 0; i < size; i++, key += Tokens)
            {
                TLanes first = TLanes.Load(key), second = TLanes.Load(key + width), third = TLanes.Load(key + 2 * width), fourth = TLanes.Load(key + 3 * width);
                TLanes one = TLanes.All(query[i]), two = TLanes.All(other[i]);
                a = TLanes.MultiplyAdd(first, one, a);
                b = TLanes.MultiplyAdd(second, one, b);
                c = TLanes.MultiplyAdd(third, one, c);
                d = TLanes.MultiplyAdd(fourth, one, d);
                e = TLanes.MultiplyAdd(first, two, e);
                f = TLanes.MultiplyAdd(second, two, f);
                g = TLanes.MultiplyAdd(third, two, g);
                h = TLanes.MultiplyAdd(fourth, two, h);
            }
            float* to = scores + token;
            TLanes.Store(a, to);
            TLanes.Store(b, to + width);
            TLanes.Store(c, to + 2 * width);
            TLanes.Store(d, to + 3 * width);
            to += Tokens;
            TLanes.Store(e, to);
            TLanes.Store(f, to + width);
            TLanes.Store(g, to + 2 * width);
            TLanes.Store(h, to + 3 * width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sum<TLanes>(float* scores, float* largest, float* sum)
        where TLanes : struct, IKeyLanes<TLanes>
    {
        TLanes best = TLanes.Load(scores), total = default;
        for (int at = TLanes.Width; at < Tokens; at += TLanes.Width) best = TLanes.Max(best, TLanes.Load(scores + at));
        *largest = TLanes.Largest(best);
        TLanes below = TLanes.All(-*largest);
        for (int at = 0; at < Tokens; at += TLanes.Width)
            total = TLanes.Add(total, Exp2(TLanes.Max(TLanes.All(Least), TLanes.Add(TLanes.Load(scores + at), below))));
        *sum = TLanes.Sum(total);
    }

    /// <summary>2^x for x from -126 to 0, within 2e-7 of it: whole and fraction apart, the fraction by the polynomial of Cephes (exp2f).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Exp2<TLanes>(TLanes x)
        where TLanes : struct, IKeyLanes<TLanes>
    {
        TLanes whole = TLanes.Round(x), f = TLanes.MultiplyAdd(whole, TLanes.All(-1), x);
        TLanes power = TLanes.MultiplyAdd(TLanes.All(1.535336188319500e-4f), f, TLanes.All(1.339887440266574e-3f));
        power = TLanes.MultiplyAdd(power, f, TLanes.All(9.618437357674640e-3f));
        power = TLanes.MultiplyAdd(power, f, TLanes.All(5.550332471162809e-2f));
        power = TLanes.MultiplyAdd(power, f, TLanes.All(2.402264791363012e-1f));
        power = TLanes.MultiplyAdd(power, f, TLanes.All(6.931472028550421e-1f));
        power = TLanes.MultiplyAdd(power, f, TLanes.All(1));
        return TLanes.Multiply(power, TLanes.PowerOfTwo(whole));
    }
}
