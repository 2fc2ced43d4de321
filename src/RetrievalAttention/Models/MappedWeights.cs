using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace RetrievalAttention.Models;

/// <summary>A model whose numbers stay in mapped files; which kind of file only the readers know.</summary>
internal sealed class MappedWeights : IModelWeights
{
    private readonly IReadOnlyList<MappedFile> _files;
    private readonly Dictionary<string, WeightTensor> _tensors;
    private readonly Lazy<string> _hash;

    /// <exception cref="ProblemException">A tensor of the decoder is missing or has another shape, or there is one that the decoder would leave out.</exception>
    public MappedWeights(IReadOnlyList<MappedFile> files, IEnumerable<WeightTensor> tensors, DecoderConfig config, WeightHash hash)
    {
        _files = files;
        _tensors = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        _hash = new Lazy<string>(() => hash.Of([.. files.Select(f => f.Path)]));
        Config = config;
        CheckTensors();
    }

    public required string Name { get; init; }

    public DecoderConfig Config { get; }

    public required string? ChatTemplate { get; init; }

    public string Hash => _hash.Value;

    public required Func<ITextTokenizer> Tokenizer { get; init; }

    public ITextTokenizer CreateTokenizer() => Tokenizer();

    public bool Contains(string name) => _tensors.ContainsKey(name);

    public bool TryGetRaw(string name, [NotNullWhen(true)] out WeightTensor? tensor) => _tensors.TryGetValue(name, out tensor);

    public torch.Tensor Read(string name, params long[] shape)
    {
        WeightTensor weight = Find(name);
        CheckShape(weight, shape);
        return TensorReader.Read(weight);
    }

    public void Dispose()
    {
        foreach (MappedFile file in _files)
            file.Dispose();
    }

    private void CheckTensors()
    {
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, long[] shape) in Architectures.Tensors(Config))
        {
            CheckShape(Find(name), shape);
            expected.Add(name);
        }

        // A tensor that is left out (a bias of the output projection, say) would make every answer wrong without a sign.
        WeightTensor? unused = _tensors.Values.FirstOrDefault(t => !expected.Contains(t.Name) && !IsDerived(t.Name));
        if (unused is not null)
            throw Problem(unused.Path, $"has the tensor {unused.Name}, which the architecture {Config.Architecture} does not use here. Its results would be wrong without it; choose another model.");
    }

    // Tables that older converters stored beside the weights, and a copy of the embedding when it is tied.
    private bool IsDerived(string name) =>
        name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || name.EndsWith(".attn_rot_embd", StringComparison.Ordinal)
        || (Config.TiedEmbeddings && name == "lm_head.weight");

    private WeightTensor Find(string name) => _tensors.GetValueOrDefault(name)
        ?? throw Problem(_files[0].Path, $"lacks the tensor {name}, which {Config.Architecture} with {Config.Layers} layers needs. It is damaged or not a whole model; fetch it again.");

    private static void CheckShape(WeightTensor weight, ReadOnlySpan<long> expected)
    {
        if (!expected.SequenceEqual(weight.Shape.ToArray()))
            throw Problem(weight.Path, $"has the tensor {weight.Name} with the shape [{string.Join(", ", weight.Shape)}]; [{string.Join(", ", expected.ToArray())}] was expected. It is damaged or of another kind; fetch it again.");
    }

    private static ProblemException Problem(string path, string sentence) => new(ProblemKind.Model, $"The model file {path} {sentence}");
}
