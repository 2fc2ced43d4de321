using RetrievalAttention.Models;
using RetrievalAttention.Models.HuggingFace;
using TorchSharp;

namespace RetrievalAttention.Embeddings;

/// <summary>The weights of an encoder in <c>model.safetensors</c>, whose names may begin with "bert.".</summary>
internal sealed class EncoderWeights : IDisposable
{
    private const string Prefix = "bert.";

    private readonly MappedFile _file;
    private readonly Dictionary<string, WeightTensor> _tensors;

    private EncoderWeights(MappedFile file, string? notes)
    {
        _file = file;
        _tensors = SafetensorsFile.Read(file).ToDictionary(tensor => tensor.Name.StartsWith(Prefix, StringComparison.Ordinal) ? tensor.Name[Prefix.Length..] : tensor.Name);
        Hash = new WeightHash(notes).Of([file.Path]);
    }

    /// <summary>SHA-256 of the file.</summary>
    public string Hash { get; }

    public static EncoderWeights Open(string folder, string? notes)
    {
        MappedFile file = MappedFile.Open(Path.Combine(folder, "model.safetensors"));
        try
        {
            return new EncoderWeights(file, notes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <returns>float32 on the CPU; the caller owns it.</returns>
    /// <exception cref="ProblemException">Missing, of another shape, or with a NaN.</exception>
    public torch.Tensor Read(string name, long[] shape)
    {
        if (!_tensors.TryGetValue(name, out WeightTensor? tensor))
            throw new ProblemException(ProblemKind.Model, $"The model file {_file.Path} lacks the tensor {name} of a BERT encoder. Fetch the whole folder again.");
        if (!tensor.Shape.SequenceEqual(shape))
            throw new ProblemException(ProblemKind.Model, $"The model file {_file.Path} has the tensor {name} with the shape [{string.Join(", ", tensor.Shape)}]; config.json asks for [{string.Join(", ", shape)}]. They belong to different models; fetch the folder again.");
        return TensorReader.Read(tensor);
    }

    public void Dispose() => _file.Dispose();
}
