using System.Collections.Concurrent;
using TorchSharp;

namespace RetrievalAttention.Models;

/// <summary>
/// Numbers for tensor operations that live as long as the program. TorchSharp wraps every number of an operation, also the 1 of a sum and the 2 of a square, in an object
/// that nothing holds while libtorch reads it: with several threads at work the collector now and then frees it too early, and the operation throws. So all
/// numbers come from here, with <c>a.add(b, Scalars.One)</c> for <c>a + b</c> and <c>a.mul(a)</c> for a square; BannedSymbols.Tensors.txt keeps the others out.
/// </summary>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Numbers = [];
    private static readonly ConcurrentDictionary<long, Scalar> Integers = [];

    public static Scalar One { get; } = Integer(1);

    public static Scalar Zero { get; } = Integer(0);

    public static Scalar MinusInfinity { get; } = Number(double.NegativeInfinity);

    /// <summary>Kept for good, so only for numbers of which there are few.</summary>
    public static Scalar Number(double value) => Numbers.GetOrAdd(value, number => number.ToScalar());

    /// <summary>The same, for tensors of integers that stay so.</summary>
    public static Scalar Integer(long value) => Integers.GetOrAdd(value, number => number.ToScalar());
}
