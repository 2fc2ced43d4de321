using RetrievalAttention.Models.Gguf;
using RetrievalAttention.Models.HuggingFace;

namespace RetrievalAttention.Models;

/// <summary>Opens models from files.</summary>
public static class ModelFiles
{
    /// <param name="path">A .gguf file, or a folder that holds one, or a folder of a Hugging Face model (config.json and safetensors).</param>
    /// <param name="notes">Folder where the hash of the weights is remembered between runs; null to compute it each time it is asked for.</param>
    /// <exception cref="ProblemException">Missing, damaged or of an unsupported kind; the message says what was found and what to do.</exception>
    public static IModelWeights Open(string path, string? notes = null)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new ProblemException(ProblemKind.Model, "The path of the model is empty. Give a .gguf file or the folder of a Hugging Face model.");
        string full = Path.GetFullPath(path);
        var hash = new WeightHash(notes);
        if (File.Exists(full))
            return GgufModel.Open(full, hash);
        if (!Directory.Exists(full))
            throw new ProblemException(ProblemKind.Model, $"There is no model at {full}. Give a .gguf file or the folder of a Hugging Face model; models/README.md says where to get one.");

        string[] gguf = [.. Directory.EnumerateFiles(full, "*.gguf").Order(StringComparer.Ordinal)];
        return gguf switch
        {
            [string only] => GgufModel.Open(only, hash),
            [_, _, ..] => throw new ProblemException(ProblemKind.Model, $"The folder {full} has {gguf.Length} models: {string.Join(", ", gguf.Select(Path.GetFileName))}. Name one of the files."),
            _ when HuggingFaceModel.IsIn(full) => HuggingFaceModel.Open(full, hash),
            _ => throw new ProblemException(ProblemKind.Model, $"The folder {full} is no model: it has neither a .gguf file nor a config.json. Give a .gguf file or the folder of a Hugging Face model."),
        };
    }

    /// <summary>The folder of a model, where what belongs to it is kept too.</summary>
    /// <param name="path">As for <see cref="Open"/>.</param>
    public static string FolderOf(string path) => Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
}
