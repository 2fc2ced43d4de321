using System.Numerics.Tensors;

namespace RetrievalAttention.Indexing;

/// <summary>Checks vectors and gives them length 1, so that their dot product is the cosine.</summary>
internal static class UnitVectors
{
    /// <exception cref="ProblemException">Another number of dimensions, a NaN or an infinity.</exception>
    public static float[] From(ReadOnlySpan<float> vector, VectorIdentity identity)
    {
        if (vector.Length != identity.Dimensions)
            throw new ProblemException(ProblemKind.Index, $"A vector has {vector.Length} dimensions; the index has {identity.Dimensions}. It was made by another embedder; {Rebuilding.Advice}");
        // In double precision, because squares of large numbers overflow.
        double squares = 0;
        foreach (float number in vector) squares += (double)number * number;
        if (!double.IsFinite(squares))
            throw new ProblemException(ProblemKind.Index, "A vector holds a NaN or an infinity and was refused. The embedder's weights or arithmetic are damaged; run `ra doctor`.");
        float[] unit = new float[vector.Length];
        // A zero vector has no direction; it stays zero and is equally far from everything.
        if (squares > 0) TensorPrimitives.Multiply(vector, (float)(1 / Math.Sqrt(squares)), unit);
        return unit;
    }

    /// <exception cref="ProblemException">As for <see cref="From"/>.</exception>
    public static float[][] FromAll(IReadOnlyList<long> ids, IReadOnlyList<float[]> vectors, VectorIdentity identity)
    {
        if (ids.Count != vectors.Count) throw new ArgumentException($"{ids.Count} ids came with {vectors.Count} vectors.");
        return [.. vectors.Select(vector => From(vector, identity))];
    }
}
