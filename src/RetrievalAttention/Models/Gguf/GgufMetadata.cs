namespace RetrievalAttention.Models.Gguf;

/// <summary>Key and value pairs of a GGUF file. "Find" gives null for a missing key; the others name the key that is missing.</summary>
internal sealed class GgufMetadata(string path, IReadOnlyDictionary<string, object> values)
{
    public string Path => path;

    public string Text(string key) => FindText(key) ?? throw Missing(key);

    public string? FindText(string key) => Find<string>(key, "text");

    public bool? FindFlag(string key) => values.ContainsKey(key) ? (bool)Find<object>(key, "true or false", v => v is bool)! : null;

    public int Count(string key) => FindCount(key) ?? throw Missing(key);

    public int? FindCount(string key) =>
        values.ContainsKey(key) ? (int)(long)Find<object>(key, "a whole number from 0 to 2147483647", v => v is long n and >= 0 and <= int.MaxValue)! : null;

    public double? FindNumber(string key) => values.GetValueOrDefault(key) switch
    {
        null => null,
        double number => number,
        long number => number,
        object other => throw Other(key, other, "a number"),
    };

    public double Number(string key) => FindNumber(key) ?? throw Missing(key);

    public string[] Texts(string key) => Find<string[]>(key, "a list of texts") ?? throw Missing(key);

    public long[]? FindCounts(string key) => Find<long[]>(key, "a list of whole numbers");

    public double[]? FindNumbers(string key) => Find<double[]>(key, "a list of numbers");

    public bool Contains(string key) => values.ContainsKey(key);

    private T? Find<T>(string key, string expected, Func<object, bool>? accepts = null) where T : class
    {
        if (!values.TryGetValue(key, out object? value))
            return null;
        return value is T typed && accepts?.Invoke(value) != false ? typed : throw Other(key, value, expected);
    }

    private ProblemException Missing(string key) =>
        new(ProblemKind.Model, $"The model file {path} lacks the metadata \"{key}\". It is damaged or was made by another converter; convert the model again with llama.cpp.");

    private ProblemException Other(string key, object value, string expected) =>
        new(ProblemKind.Model, $"The model file {path} has {(value is Array a ? $"a list of {a.Length}" : $"\"{value}\"")} as metadata \"{key}\"; {expected} was expected. It is damaged or of an unsupported kind.");
}
