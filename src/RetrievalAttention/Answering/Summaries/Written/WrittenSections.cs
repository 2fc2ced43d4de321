using System.Text.Json;

namespace RetrievalAttention.Answering.Summaries.Written;

/// <param name="Key">Of <see cref="SectionTask.Key"/>.</param>
internal sealed record WrittenSection(string Key, IReadOnlyList<SummarySentence> Sentences, WritingCounts Counts);

/// <summary>
/// What was written for the sections of a document, one JSON line each, so that stopped work goes on where it was and the same is never written twice. A line that a kill
/// left half-written is passed over.
/// </summary>
public sealed class WrittenSections : IDisposable
{
    private readonly Dictionary<string, WrittenSection> _known = [];
    private readonly StreamWriter _lines;

    private WrittenSections(FileStream stream)
    {
        using (StreamReader reader = new(stream, leaveOpen: true))
        {
            while (reader.ReadLine() is { } line)
                if (Parse(line) is { Key: not null, Sentences: not null, Counts: not null } section) _known[section.Key] = section;
        }
        bool broken = stream.Length > 0 && !EndsLine(stream);
        stream.Seek(0, SeekOrigin.End);
        _lines = new StreamWriter(stream) { AutoFlush = true };
        if (broken) _lines.WriteLine();
    }

    /// <param name="path">Made when it is missing.</param>
    /// <exception cref="ProblemException">Another program has it open, or the folder cannot be written to.</exception>
    public static WrittenSections Open(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new WrittenSections(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Environment,
                $"The written sections in '{path}' cannot be used: {error.Message} Wait until another command on this book has finished, or make the folder writable.", error);
        }
    }

    internal WrittenSection? Find(string key) => _known.GetValueOrDefault(key);

    internal void Add(WrittenSection section)
    {
        if (_known.TryAdd(section.Key, section)) _lines.WriteLine(JsonSerializer.Serialize(section));
    }

    public void Dispose() => _lines.Dispose();

    private static WrittenSection? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<WrittenSection>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool EndsLine(FileStream stream)
    {
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() == '\n';
    }
}
