namespace RetrievalAttention.Models.Decoding;

/// <summary>Takes matrices and vectors from an opened model, and owns the matrices that had to be copied.</summary>
internal sealed class StoredWeights(IModelWeights weights, InstructionLevel level) : IDisposable
{
    private readonly List<WeightMatrix> _matrices = [];

    public WeightMatrix Matrix(string name)
    {
        WeightMatrix matrix = new(Tensor(name), level);
        _matrices.Add(matrix);
        return matrix;
    }

    /// <summary>All numbers of a tensor of one dimension.</summary>
    public float[] Vector(string name)
    {
        WeightTensor tensor = Tensor(name);
        float[] numbers = new float[tensor.Shape[0]];
        for (int row = 0; row < tensor.Rows; row++)
            Dequantizer.Dequantize(tensor.Type, tensor.Row(row), numbers.AsSpan(row * (int)tensor.Columns, (int)tensor.Columns));
        return numbers;
    }

    public WeightTensor Tensor(string name) => weights.TryGetRaw(name, out WeightTensor? tensor)
        ? tensor
        : throw new ProblemException(ProblemKind.Model, $"The model {weights.Name} lacks the tensor {name}, which {weights.Config.Architecture} needs. It is damaged or not a whole model; fetch it again.");

    public IReadOnlyList<WeightMatrix> Matrices => _matrices;

    public void Dispose()
    {
        foreach (WeightMatrix matrix in _matrices) matrix.Dispose();
    }
}
