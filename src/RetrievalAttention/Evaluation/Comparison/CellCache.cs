using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RetrievalAttention.Evaluation.Comparison.Measures;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>
/// Measured cells by fingerprint, one JSON object a line, appended as they come: a comparison that was stopped goes on where it was. A line that was cut off
/// by a kill is measured again.
/// </summary>
public sealed class CellCache : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly Dictionary<string, CellResult?> _known = new(StringComparer.Ordinal);
    private readonly StreamWriter _file;

    private CellCache(StreamWriter file) => _file = file;

    /// <summary>Cells that were there before.</summary>
    public int Known => _known.Count;

    /// <param name="path">Made with its folder when it is missing.</param>
    /// <exception cref="ProblemException">The file cannot be written.</exception>
    public static CellCache Open(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            string[] lines = File.Exists(path) ? File.ReadAllLines(path) : [];
            bool cut = lines.Length > 0 && !File.ReadAllText(path).EndsWith('\n');
            CellCache cache = new(new StreamWriter(path, append: true) { AutoFlush = true });
            if (cut) cache._file.WriteLine();
            foreach (Line line in lines.Select(Parse).OfType<Line>()) cache._known[line.Cell] = line.Result;
            return cache;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Environment, $"The results cannot be kept in {path}: {error.Message.TrimEnd('.')}. Free the disk or the file, or name another one with --cells.", error);
        }
    }

    /// <summary>The fingerprint of a cell: everything that its result depends on.</summary>
    public static string KeyOf(ComparisonMethod method, int budget, ComparisonMeasure measure, AnswerCase asked, string settings)
    {
        string evidence = string.Join(' ', asked.Evidence.Select(range => $"{range.Start}-{range.End}"));
        string text = string.Join('\n', method.Name, method.Version, method.HasBudget ? budget : 0, measure.Name, measure.Version, asked.Question, asked.Answer, evidence, asked.Id, settings);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }

    /// <summary>Whether a cell was measured; its result is null where the method does not apply.</summary>
    public bool TryGet(string key, out CellResult? result) => _known.TryGetValue(key, out result);

    public void Add(string key, CellResult? result)
    {
        _known[key] = result;
        _file.WriteLine(JsonSerializer.Serialize(new Line(key, result), Json));
    }

    public void Dispose() => _file.Dispose();

    private static Line? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(line, Json) is { Cell: not null, Result: null or { Figures: not null } } parsed ? parsed : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Line(string Cell, CellResult? Result);
}
