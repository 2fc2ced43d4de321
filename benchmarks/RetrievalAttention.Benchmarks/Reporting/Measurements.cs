using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using RetrievalAttention.Models;

namespace RetrievalAttention.Benchmarks.Reporting;

/// <summary>What a benchmark measured and on which machine, as it is checked in under results/.</summary>
/// <param name="Load">Processes that wanted to run just before, on average over a minute; null where the system does not tell. Near 0 on a quiet machine.</param>
/// <param name="Reference">What was compared with: "llama.cpp (avx512, 2 threads)".</param>
/// <param name="Method">How the numbers came about, in a sentence or two.</param>
public sealed record Measurements(
    string Benchmark, DateTimeOffset Date, ProcessorInfo Processor, string OperatingSystem, string Runtime, double? Load, string Ours, string Reference,
    string Method, IReadOnlyList<Row> Rows)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="load">From <see cref="CurrentLoad"/>, taken before the measurement.</param>
    public static Measurements Now(TimeProvider time, string benchmark, double? load, string ours, string reference, string method, IReadOnlyList<Row> rows) => new(
        benchmark, time.GetUtcNow(), ProcessorInfo.Detect(), RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, load, ours, reference, method, rows);

    public static double? CurrentLoad() =>
        System.OperatingSystem.IsLinux() ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : null;

    /// <summary>Writes results/MACHINE/BENCHMARK.json under a folder; an older one of the same name is replaced.</summary>
    /// <returns>The file's path.</returns>
    public string Save(string results)
    {
        string folder = Path.Combine(results, MachineName(Processor));
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, Benchmark + ".json");
        File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
        return path;
    }

    public void Print(TextWriter output)
    {
        output.WriteLine($"{Processor.Name}, {Processor.Cores} cores ({string.Join(' ', Processor.Features)}), {OperatingSystem}, {Runtime}");
        output.WriteLine($"ours: {Ours}; reference: {Reference}; load before: {(Load is null ? "unknown" : Show(Load))}");
        output.WriteLine();
        string[][] cells = [["", "unit", "ours", "reference", "ratio"], .. Rows.Select(row => (string[])[row.Name, row.Unit, Show(row.Ours), Show(row.Reference), Show(row.Ratio)])];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length))];
        foreach (string[] row in cells)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
    }

    /// <summary>"AMD EPYC 7B13, 2 cores" as a folder: "amd-epyc-7b13-2-cores".</summary>
    private static string MachineName(ProcessorInfo processor)
    {
        char[] letters = [.. $"{processor.Name} {processor.Cores} cores".ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')];
        return string.Join('-', new string(letters).Split('-', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Show(double? value) => value switch
    {
        null => "",
        >= 100 => value.Value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
