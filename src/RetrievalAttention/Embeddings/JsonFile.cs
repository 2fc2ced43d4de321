using System.Text.Json;

namespace RetrievalAttention.Embeddings;

/// <summary>A JSON file of a model folder; what is wrong with it is said with its path.</summary>
internal sealed class JsonFile : IDisposable
{
    private readonly string _path;
    private readonly JsonDocument _document;

    private JsonFile(string path, JsonDocument document)
    {
        _path = path;
        _document = document;
    }

    public JsonElement Root => _document.RootElement;

    public static JsonFile Open(string path) =>
        OpenIfThere(path) ?? throw new ProblemException(ProblemKind.Model, $"{path} is missing. Fetch the whole folder of the encoder again.");

    public static JsonFile? OpenIfThere(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return new JsonFile(path, JsonDocument.Parse(File.ReadAllBytes(path)));
        }
        catch (JsonException e)
        {
            throw new ProblemException(ProblemKind.Model, $"{path} is not JSON: {e.Message} Fetch it again.", e);
        }
    }

    public ProblemException Problem(string sentence) => new(ProblemKind.Model, $"{_path} {sentence}");

    public int Required(string name) =>
        Integer(name) is { } value and > 0 ? value : throw Problem($"lacks a positive \"{name}\". Fetch it again.");

    public int? Integer(params ReadOnlySpan<string> names) => Find(names) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) ? number : null;

    public double? Number(params ReadOnlySpan<string> names) => Find(names) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    public bool? Boolean(params ReadOnlySpan<string> names) => Find(names) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;

    public string? Text(params ReadOnlySpan<string> names) => Find(names) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public void Dispose() => _document.Dispose();

    private JsonElement? Find(ReadOnlySpan<string> names)
    {
        JsonElement element = Root;
        foreach (string name in names)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        }
        return element;
    }
}
