using System.Text.Json;

namespace RetrievalAttention.Models.HuggingFace;

/// <summary>A JSON file of a model's folder. "Find" gives null for what is missing or null; the others name it.</summary>
internal sealed class ModelJson
{
    private readonly JsonElement _root;

    private ModelJson(string path, JsonElement root) => (Path, _root) = (path, root);

    public string Path { get; }

    public JsonElement Root => _root;

    /// <exception cref="ProblemException">Missing or not JSON.</exception>
    public static ModelJson Read(string path) => FindFile(path)
        ?? throw new ProblemException(ProblemKind.Model, $"The model lacks the file {path}. Fetch the whole folder of the model again.");

    /// <summary>Null when there is no such file.</summary>
    /// <exception cref="ProblemException">Not a JSON object.</exception>
    public static ModelJson? FindFile(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement.Clone();
            return root.ValueKind == JsonValueKind.Object ? new ModelJson(path, root)
                : throw new ProblemException(ProblemKind.Model, $"The model file {path} is no JSON object. It is damaged; fetch it again.");
        }
        catch (JsonException e)
        {
            throw new ProblemException(ProblemKind.Model, $"The model file {path} is no JSON: {e.Message} It is damaged; fetch it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Model, $"The model file {path} cannot be read: {e.Message} Check its permissions.", e);
        }
    }

    public ModelJson? FindObject(string name) => Find(name, JsonValueKind.Object) is JsonElement found ? new ModelJson($"{Path} ({name})", found) : null;

    /// <summary>An element of a list inside this object.</summary>
    public ModelJson Nested(JsonElement element, int number) => element.ValueKind == JsonValueKind.Object
        ? new ModelJson($"{Path} (number {number + 1})", element)
        : throw Problem($"has {Short(element.GetRawText())} in a list of objects. It is damaged; fetch it again.");

    public string Text(string name) => FindText(name) ?? throw Missing(name);

    public string? FindText(string name) => Find(name, JsonValueKind.String)?.GetString();

    public bool? FindFlag(string name) => FindAny(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        JsonElement other => throw Other(name, other, "true or false"),
    };

    public int Count(string name) => FindCount(name) ?? throw Missing(name);

    public int? FindCount(string name) => Find(name, JsonValueKind.Number) is not JsonElement number ? null
        : number.TryGetInt32(out int count) && count >= 0 ? count
        : throw Other(name, number, "a whole number from 0 to 2147483647");

    public double Number(string name) => FindNumber(name) ?? throw Missing(name);

    public double? FindNumber(string name) => Find(name, JsonValueKind.Number)?.GetDouble();

    public JsonElement? FindList(string name) => Find(name, JsonValueKind.Array);

    public JsonElement? FindAny(string name) =>
        _root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The text of a JSON string; null for anything else.</summary>
    public static string? TextOf(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    /// <summary>The text of a property; null where the element is no object, lacks it, or has something else there.</summary>
    public static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? TextOf(value) : null;

    public ProblemException Problem(string sentence) => new(ProblemKind.Model, $"The model file {Path} {sentence}");

    private JsonElement? Find(string name, JsonValueKind kind) => FindAny(name) switch
    {
        null => null,
        JsonElement value when value.ValueKind == kind => value,
        JsonElement other => throw Other(name, other, $"a value of kind {kind}"),
    };

    private ProblemException Missing(string name) => Problem($"lacks \"{name}\". It is damaged or of an unsupported kind; fetch it again.");

    private ProblemException Other(string name, JsonElement found, string expected) =>
        Problem($"has \"{name}\": {Short(found.GetRawText())}; {expected} was expected. It is damaged or of an unsupported kind.");

    private static string Short(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
