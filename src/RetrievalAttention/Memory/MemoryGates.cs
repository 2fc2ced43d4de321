using System.Text.Json;
using RetrievalAttention.Documents;
using RetrievalAttention.Models;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>A document that something was trained on.</summary>
/// <param name="Hash">Of the file, as <see cref="ContentHash"/> has it.</param>
public sealed record TrainedOn(string Title, string Hash);

/// <summary>
/// Gates of a model over its memory that were learned ("ra train gates"): data of the model, kept as JSON beside it under a name, with the documents that must not
/// measure them.
/// </summary>
/// <param name="Model">For a person.</param>
/// <param name="ModelHash">Of the weights for which they were learned.</param>
/// <param name="Values">[L][H], as <see cref="HeadGates"/>.</param>
/// <param name="Documents">That they were trained on.</param>
/// <param name="Adapters">Learned with them; null for none.</param>
public sealed record MemoryGates(string Model, string ModelHash, IReadOnlyList<float[]> Values, IReadOnlyList<TrainedOn> Documents, StoredAdapters? Adapters = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>One line that is equal exactly when two are.</summary>
    public string AsKey() => JsonSerializer.Serialize(this);

    /// <summary>"NAME.gates.json" in the model's folder.</summary>
    /// <exception cref="ProblemException">The name is none.</exception>
    public static string PathFor(string modelPath, string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
            throw new ProblemException(ProblemKind.Setting, $"'{name}' is no name for gates; expected letters, digits and dashes.");
        return Path.Combine(ModelFiles.FolderOf(modelPath), $"{name}.gates.json");
    }

    /// <exception cref="ProblemException">There is no such file, it is damaged, or for other weights.</exception>
    public static MemoryGates Load(string path, IModelWeights weights)
    {
        if (!File.Exists(path)) throw new ProblemException(ProblemKind.Model, $"There are no gates at {path}. Train them with: ra train gates --name NAME, or name others.");
        MemoryGates gates = Parse(path);
        if (gates.ModelHash != weights.Hash)
            throw new ProblemException(ProblemKind.Model, $"{path} was trained for other weights ({gates.Model}, hash {gates.ModelHash}; {weights.Name} has {weights.Hash}). Train gates for this model with: ra train gates, or leave --gates and Model:Gates out.");
        if (gates.Values.Count != weights.Config.Layers || gates.Values.Any(layer => layer?.Length != weights.Config.Heads))
            throw new ProblemException(ProblemKind.Model, $"{path} does not have a gate for each of {weights.Config.Layers} layers of {weights.Config.Heads} heads: it is damaged. Train it again with: ra train gates.");
        DecoderConfig config = weights.Config;
        if (gates.Adapters?.Fits(config.Layers, config.HiddenSize, config.Heads * config.HeadSize) == false)
            throw new ProblemException(ProblemKind.Model, $"{path} has adapters of rank {gates.Adapters.Rank} whose numbers do not fit {weights.Name}: it is damaged. Train it again with: ra train gates.");
        return gates;
    }

    public void Save(string path)
    {
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(this, Json) + "\n");
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>As the decoder takes them. The caller owns them.</summary>
    public HeadGates On(Device device) =>
        new(tensor(Values.SelectMany(layer => layer).ToArray(), [Values.Count, Values[0].Length], device: device).DetachFromDisposeScope(), Adapters?.On(device, Values.Count));

    /// <summary>Nothing is measured on what was trained on.</summary>
    /// <exception cref="ProblemException">The document is one of <see cref="Documents"/>.</exception>
    public void ThrowIfTrainedOn(Document document)
    {
        if (Documents.Any(trained => trained.Hash == document.ContentHash))
            throw new ProblemException(ProblemKind.Setting, $"The gates were trained on '{document.Title}' ({document.Path}): what is measured there says nothing. Leave the document out, or the gates.");
    }

    private static MemoryGates Parse(string path)
    {
        try
        {
            if (JsonSerializer.Deserialize<MemoryGates>(File.ReadAllText(path), Json) is { Values.Count: > 0, ModelHash: not null, Documents: not null } gates) return gates;
        }
        catch (JsonException)
        {
            // Told below, in the same words as a file that lacks its fields.
        }
        throw new ProblemException(ProblemKind.Model, $"{path} is no file of gates (expected model, modelHash, values, documents). Train it again with: ra train gates.");
    }
}
