using System.Text.Json;
using System.Text.Json.Serialization;
using RetrievalAttention.Models;

namespace RetrievalAttention.Memory;

/// <summary>One attention head, counted from 0; written "18.7".</summary>
public readonly record struct RetrievalHead(int Layer, int Head)
{
    public override string ToString() => $"{Layer}.{Head}";

    /// <summary>The key/value head that it reads.</summary>
    public (int Layer, int Group) SourceOf(DecoderConfig config) => (Layer, Head / (config.Heads / config.KvHeads));
}

/// <summary>
/// Which heads of a model find the passage that answers a question: data of the model, found by calibration, kept as JSON beside it.
/// The idea that few heads retrieve: Wu et al. 2024, "Retrieval Head Mechanistically Explains Long-Context Factuality".
/// </summary>
/// <param name="Model">For a person.</param>
/// <param name="ModelHash">Of the weights for which they were found.</param>
/// <param name="Heads">Best first.</param>
/// <param name="CitationHead">The head whose attention names the source of an answer.</param>
public sealed record RetrievalHeads(string Model, string ModelHash, IReadOnlyList<RetrievalHead> Heads, [property: JsonRequired] RetrievalHead CitationHead)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Layers that have to run before every head's queries are known.</summary>
    public int LayersNeeded => Heads.Max(head => head.Layer) + 1;

    /// <summary>The distinct key/value heads that the retrieval heads read.</summary>
    public IReadOnlyList<(int Layer, int Group)> Sources(DecoderConfig config) => [.. Heads.Select(head => head.SourceOf(config)).Distinct()];

    /// <summary>The same as a fingerprint names them: "18.2 19.0".</summary>
    public string SourceNames(DecoderConfig config) => string.Join(' ', Sources(config).Select(source => $"{source.Layer}.{source.Group}"));

    /// <summary>Where the heads of a model are kept: "retrieval-heads.json" in the model's folder.</summary>
    public static string PathFor(string modelPath) =>
        Path.Combine(ModelFiles.FolderOf(modelPath), "retrieval-heads.json");

    /// <exception cref="ProblemException">There is no such file, it is for other weights, or it names heads that the model does not have.</exception>
    public static RetrievalHeads Load(string path, IModelWeights weights)
    {
        if (!File.Exists(path))
        {
            throw new ProblemException(ProblemKind.Model, $"No retrieval heads are known for {weights.Name}: {path} does not exist. Find them once with: ra calibrate --model PATH");
        }
        RetrievalHeads heads = Parse(path);
        if (heads.ModelHash != weights.Hash)
        {
            throw new ProblemException(ProblemKind.Model,
                $"{path} was made for other weights (hash {Short(heads.ModelHash)}, this model has {Short(weights.Hash)}). Run: ra calibrate --model PATH");
        }
        foreach (RetrievalHead head in heads.Heads.Append(heads.CitationHead))
        {
            if (head.Layer < 0 || head.Layer >= weights.Config.Layers || head.Head < 0 || head.Head >= weights.Config.Heads)
            {
                throw new ProblemException(ProblemKind.Model,
                    $"{path} names head {head}, but {weights.Name} has {weights.Config.Layers} layers of {weights.Config.Heads} heads. Run: ra calibrate --model PATH");
            }
        }
        return heads;
    }

    public void Save(string path)
    {
        string temporary = path + ".new";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this, Json) + "\n");
        File.Move(temporary, path, overwrite: true);
    }

    private static RetrievalHeads Parse(string path)
    {
        try
        {
            RetrievalHeads? heads = JsonSerializer.Deserialize<RetrievalHeads>(File.ReadAllText(path), Json);
            if (heads is { Heads.Count: > 0, ModelHash: not null }) return heads;
        }
        catch (JsonException)
        {
            // Told below, in the same words as a file that lacks its fields.
        }
        throw new ProblemException(ProblemKind.Model, $"{path} is not a list of retrieval heads (expected model, modelHash, heads, citationHead). Run: ra calibrate --model PATH");
    }

    private static string Short(string? hash) => hash is { Length: > 12 } ? hash[..12] : hash ?? "none";
}
