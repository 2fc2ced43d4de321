using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RetrievalAttention.App.Consoles;

/// <summary>Results go to stdout, everything else (progress, notes, errors) to stderr.</summary>
public static class Output
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly JsonSerializerOptions JsonLineOptions = new(JsonOptions) { WriteIndented = false };

    /// <summary>Colours only on a terminal, and never when NO_COLOR is set (https://no-color.org).</summary>
    public static bool Colours => !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Prints one JSON object with camelCase names.</summary>
    public static void WriteJson(object value) => Console.Out.WriteLine(Json(value));

    /// <summary>One JSON object with camelCase names.</summary>
    public static string Json(object value) => JsonSerializer.Serialize(value, JsonOptions);

    /// <summary>The same on one line, for one of several objects.</summary>
    public static string JsonLine(object value) => JsonSerializer.Serialize(value, JsonLineOptions);

    /// <summary>Text that may hold what stands in documents, which must not speak to the terminal.</summary>
    public static void Write(string text) => Console.Out.Write(Table.Printable(text, lines: true));

    /// <inheritdoc cref="Write"/>
    public static void WriteLine(string text) => Console.Out.WriteLine(Table.Printable(text, lines: true));

    public static void Note(string text) => Console.Error.WriteLine(Table.Printable(text, lines: true));
}
