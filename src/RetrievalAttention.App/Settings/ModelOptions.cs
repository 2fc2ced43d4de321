using RetrievalAttention.Models;
using static TorchSharp.torch;

namespace RetrievalAttention.App.Settings;

/// <summary>Which models are used, and on what. Section "Model" of appsettings.json.</summary>
public sealed record ModelOptions
{
    /// <summary>GGUF file or Hugging Face folder of the decoder; a relative path counts from the folder of appsettings.json.</summary>
    public string Decoder { get; init; } = "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf";

    /// <summary>Hugging Face folder of the sentence embedder; a relative path counts from the folder of appsettings.json.</summary>
    public string Embedder { get; init; } = "models/all-minilm-l6-v2";

    /// <summary>"auto" (a GPU when there is one), "cpu", "cuda" or "cuda:N". Default: auto.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>
    /// Number type of the products while books and questions are read: "auto" (whichever is measured to be faster, at each start), "float32" or "bfloat16". Name one
    /// where memories must come out the same to the byte. A book that was begun in one is read to its end in it. Default: auto.
    /// </summary>
    public string Reading { get; init; } = "auto";

    /// <summary>Name of gates over the memory that were trained for the model (ra train gates); empty for the plain model. Default: empty.</summary>
    public string Gates { get; init; } = "";

    /// <summary><see cref="Reading"/> for the model; null to measure.</summary>
    public ScalarType? ReadingType => ComputeType.Named(Reading);

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (string.IsNullOrWhiteSpace(Decoder)) faults.Add("Decoder is empty, expected the path of a model.");
        if (string.IsNullOrWhiteSpace(Embedder)) faults.Add("Embedder is empty, expected the path of a model.");
        bool device = Device is "auto" or "cpu" or "cuda" || (Device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(Device[5..], out int n) && n >= 0);
        if (!device) faults.Add($"Device is '{Device}', expected auto, cpu, cuda or cuda:N.");
        if (Reading is not ("auto" or "float32" or "bfloat16")) faults.Add($"Reading is '{Reading}', expected auto, float32 or bfloat16.");
        if (faults.Count > 0)
            throw new ProblemException(ProblemKind.Setting, $"Section \"Model\" of appsettings.json: {string.Join(" ", faults)}");
    }
}
