using System.Text.Json;

namespace RetrievalAttention.Models.HuggingFace;

/// <summary>Opens the folder of a Hugging Face model: config.json, tokenizer.json and safetensors in one or several files.</summary>
internal static class HuggingFaceModel
{
    private const string Single = "model.safetensors", Index = "model.safetensors.index.json";

    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, "config.json"));

    /// <exception cref="ProblemException">Incomplete, damaged, or of an unsupported kind; the message says what was found.</exception>
    public static IModelWeights Open(string folder, WeightHash hash)
    {
        ModelJson json = ModelJson.Read(Path.Combine(folder, "config.json"));
        Architectures.Check(HuggingFaceConfig.Architecture(json), json.Path);
        var files = new List<MappedFile>();
        try
        {
            foreach (string name in Shards(folder))
                files.Add(MappedFile.Open(Path.Combine(folder, name)));
            Dictionary<string, WeightTensor> tensors = ReadTensors(files);
            DecoderConfig config = HuggingFaceConfig.Read(json, tensors.ContainsKey);
            return new MappedWeights(files, tensors.Values, config, hash)
            {
                Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
                ChatTemplate = ReadChatTemplate(folder),
                Tokenizer = () => HuggingFaceTokenizer.Read(folder),
            };
        }
        catch
        {
            foreach (MappedFile file in files)
                file.Dispose();
            throw;
        }
    }

    private static IReadOnlyList<string> Shards(string folder)
    {
        if (ModelJson.FindFile(Path.Combine(folder, Index)) is not ModelJson index)
        {
            return File.Exists(Path.Combine(folder, Single)) ? [Single]
                : throw new ProblemException(ProblemKind.Model, $"The folder {folder} has neither {Single} nor {Index}. Fetch the weights in safetensors format (older .bin files cannot be read).");
        }

        JsonElement map = index.FindObject("weight_map")?.Root ?? throw index.Problem("lacks \"weight_map\". It is damaged; fetch it again.");
        string[] names = [.. map.EnumerateObject().Select(e => e.Value.ToString()).Distinct().Order(StringComparer.Ordinal)];
        if (names.FirstOrDefault(n => n.Length == 0 || n != Path.GetFileName(n)) is string foreign)
            throw index.Problem($"names \"{foreign}\", which is no file of its own folder. It is damaged; fetch it again.");
        return names.Length > 0 ? names : throw index.Problem("names no files. It is damaged; fetch it again.");
    }

    private static Dictionary<string, WeightTensor> ReadTensors(IReadOnlyList<MappedFile> files)
    {
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (MappedFile file in files)
        {
            foreach (WeightTensor tensor in SafetensorsFile.Read(file))
            {
                if (!tensors.TryAdd(tensor.Name, tensor))
                    throw new ProblemException(ProblemKind.Model, $"The model file {file.Path} has the tensor {tensor.Name}, which {tensors[tensor.Name].Path} has too. Fetch the folder again.");
            }
        }

        return tensors;
    }

    // Newer models keep the template in a file of its own, older ones in tokenizer_config.json, as text or as a list of named ones.
    private static string? ReadChatTemplate(string folder)
    {
        string own = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(own))
            return File.ReadAllText(own);
        JsonElement? declared = ModelJson.FindFile(Path.Combine(folder, "tokenizer_config.json"))?.FindAny("chat_template");
        if (declared is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (JsonElement named in list.EnumerateArray())
            {
                if (ModelJson.TextOf(named, "name") == "default")
                    return ModelJson.TextOf(named, "template");
            }
        }

        return declared is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
    }
}
