using System.Diagnostics;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.Evaluation.Length;

/// <summary>A memory made for a measurement; its files go with it.</summary>
/// <param name="ReadingTokensPerSecond">Of the last tokens, which were really read.</param>
/// <param name="Bytes">On disk: the memory and its index.</param>
internal sealed record MadeMemory(DocumentMemory Memory, double ReadingTokensPerSecond, long Bytes) : IDisposable
{
    public void Dispose()
    {
        string path = Memory.File.FilePath;
        Memory.Dispose();
        foreach (string made in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*")) File.Delete(made);
    }
}

/// <summary>Makes memories of any length out of the beginning of one book, of which only that and the end of each are read.</summary>
internal sealed class MemoryWorkshop : IDisposable
{
    /// <summary>Tokens of the real book that are read, then repeated.</summary>
    private const int Unit = 8192;

    /// <summary>Steps that are really read at the end of each book, for the speed of reading there.</summary>
    private const int StepsRead = 2;

    private readonly LoadedModel _model;
    private readonly MemoryOptions _options;
    private readonly string _folder;
    private readonly RepeatedBook _book;
    private readonly MemoryFile _source;

    /// <param name="longest">Tokens of the longest memory that will be made.</param>
    /// <param name="folder">For the memories.</param>
    /// <exception cref="ProblemException">The book is too short, or the disk too small for the longest one.</exception>
    public MemoryWorkshop(LoadedModel model, MemoryOptions options, Document book, int longest, string folder, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        (_model, _options, _folder) = (model, options, folder);
        _book = new RepeatedBook(book, model.Tokenizer.Encode(book.Text), Unit);
        RequireSpace(longest);
        _source = Create("unit", _book.Unit);
        model.NewPrefill(options.Window, options.Step).Run(_book.Tokens(_book.Unit), _source, progress, $"Reading {book.Title}", cancellation);
    }

    public MadeMemory Make(int length, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        double reading;
        string path;
        using (MemoryFile file = Create($"{length}", length))
        {
            path = file.FilePath;
            reading = Write(file, length, progress, cancellation);
        }
        // Opened anew: what mapped the whole file is let go of before the questions.
        MemoryFile made = MemoryFile.OpenAsMade(path);
        return new MadeMemory(
            new DocumentMemory(_book.Document(length), made, OpenIndex(made), Full: false, 0, TimeSpan.Zero), reading, made.Bytes + new FileInfo(RetrievalIndex.PathFor(path)).Length);
    }

    public void Dispose()
    {
        _source.Dispose();
        File.Delete(_source.FilePath);
    }

    /// <returns>Tokens a second of reading the end.</returns>
    private double Write(MemoryFile file, int length, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        // A memory that does not hold its window (format keys) is read on from the start of its last stretch, so more than this is read.
        int copied = Math.Max(0, length - StepsRead * _options.Step) / _options.Step * _options.Step;
        _book.Copy(_source, file, copied / KvCodec.BlockTokens, progress, cancellation);
        file.Flush();
        DocumentPrefill prefill = _model.NewPrefill(_options.Window, _options.Step);
        IReadOnlyList<TextToken> tokens = _book.Tokens(length);
        long started = Stopwatch.GetTimestamp();
        int read = prefill.Run(tokens, file, progress, "Reading the end", cancellation);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        OpenIndex(file).Dispose();
        return read / seconds;
    }

    private RetrievalIndex OpenIndex(MemoryFile file) => RetrievalIndex.Open(file, _model.Heads, _model.Weights.Config, _model.Decoder.Device);

    private MemoryFile Create(string name, int length) =>
        MemoryFile.Create(Path.Combine(_folder, $"{name}.memory"), _model.Fingerprint(_book.Document(length).ContentHash, length, _options.Window, _options));

    private void RequireSpace(int tokens)
    {
        KvCodec codec = KvCodec.For(_options.Format, KvShape.Of(_model.Fingerprint("", tokens, _options.Window, _options)));
        long needed = MemoryFile.ExpectedBytes(codec, tokens), free = new DriveInfo(_folder).AvailableFreeSpace;
        if (free < needed)
            throw new ProblemException(ProblemKind.Environment, $"A memory of {tokens:N0} tokens takes {needed / 1e9:F1} GB, and {_folder} has {free / 1e9:F1} GB free. Give smaller lengths, or TMPDIR on another disk.");
    }
}
