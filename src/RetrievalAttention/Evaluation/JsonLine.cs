using System.Text;
using System.Text.Json;

namespace RetrievalAttention.Evaluation;

/// <summary>One object of a JSONL file, with its place, so that every complaint can name it.</summary>
internal sealed class JsonLine
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _file;
    private readonly int _number;
    private readonly JsonElement _element;

    private JsonLine(string file, int number, JsonElement element) => (_file, _number, _element) = (file, number, element);

    /// <summary>1-based.</summary>
    public int Number => _number;

    /// <summary>Reads every line that is not empty.</summary>
    /// <param name="content">What the file should be, for the message when it is missing: "a file of questions".</param>
    /// <exception cref="ProblemException">The file is missing or not UTF-8, or a line is not a JSON object.</exception>
    public static IEnumerable<JsonLine> ReadAll(string file, string content)
    {
        if (!File.Exists(file)) throw new ProblemException(ProblemKind.NotFound, $"There is no file '{file}'; {content} was expected there.");
        int number = 0;
        foreach (string line in Lines(file))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line)) yield return Parse(file, number, line);
        }
    }

    public string Text(string name) => OptionalText(name) ?? throw Problem($"a text \"{name}\"");

    public string? OptionalText(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw Problem($"\"{name}\" to be a text"),
    };

    /// <summary>An integer of at least 0, or null when it is absent.</summary>
    public int? OptionalCount(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) && number >= 0 => number,
        _ => throw Problem($"\"{name}\" to be an integer of at least 0"),
    };

    public IReadOnlyList<string>? OptionalTexts(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            throw Problem($"\"{name}\" to be a list of texts");
        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    /// <summary>Objects in a list, each with the place of this line; empty when the list is absent.</summary>
    public IReadOnlyList<JsonLine> Objects(string name)
    {
        if (Find(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Object))
            throw Problem($"\"{name}\" to be a list of objects");
        return [.. value.EnumerateArray().Select(item => new JsonLine(_file, _number, item))];
    }

    /// <summary>The exception for a line that is not what was expected.</summary>
    public ProblemException Problem(string expected) => Problem(_file, _number, expected);

    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(file, StrictUtf8);
        for (int number = 1; ; number++)
        {
            string? line;
            try
            {
                line = reader.ReadLine();
            }
            catch (DecoderFallbackException problem)
            {
                throw Problem(file, number, "UTF-8 on or soon after this line", problem);
            }
            if (line is null) yield break;
            yield return line;
        }
    }

    private static JsonLine Parse(string file, int number, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return new JsonLine(file, number, document.RootElement.Clone());
        }
        catch (JsonException problem)
        {
            throw Problem(file, number, $"one JSON object ({problem.Message})", problem);
        }
        throw Problem(file, number, "one JSON object");
    }

    private static ProblemException Problem(string file, int number, string expected, Exception? inner = null) =>
        new(ProblemKind.Document, $"Line {number} of '{file}' is not as expected: it needs {expected}. Correct or remove the line.", inner);

    private JsonElement? Find(string name) =>
        _element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
