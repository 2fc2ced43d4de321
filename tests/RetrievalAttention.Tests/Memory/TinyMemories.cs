using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Tests.Models;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Memory;

/// <summary>A small model of random weights, a text of some thousand tokens, and its memory as an undisturbed reading makes it.</summary>
public sealed class TinyMemories : IDisposable
{
    private readonly TinyModelFolder _model = new();
    private readonly string _root = Directory.CreateTempSubdirectory("ra-memories-").FullName;
    private int _folders;

    public TinyMemories()
    {
        Model = NewModel();
        Random random = new(3);
        string[] words = ["the", "sea", "in", "a", "ship", "lantern", "her", "singer", "thing", "easing", "captain", "letter"];
        Text = string.Join(' ', Enumerable.Range(0, 400).Select(i => words[random.Next(words.Length)] + (i % 12 == 11 ? "." : "")));
        using DocumentMemory memory = Open(NewFolder());
        Path = memory.File.FilePath;
        Bytes = File.ReadAllBytes(Path);
        IndexBytes = File.ReadAllBytes(RetrievalIndex.PathFor(Path));
        Tokens = memory.File.Tokens;
        Blocks = memory.File.Blocks;
    }

    /// <summary>Steps of two blocks, so that a short text has many.</summary>
    public static MemoryOptions Options { get; } = new() { Window = 128, Step = 128, FullAttentionTokens = 0, Format = MemoryFormat.Int8 };

    public LoadedModel Model { get; }

    public string Text { get; }

    public Document Document => DocumentOf(Text);

    /// <summary>The undisturbed file, and what stands in it.</summary>
    public string Path { get; }

    public byte[] Bytes { get; }

    public byte[] IndexBytes { get; }

    public int Tokens { get; }

    public int Blocks { get; }

    public int RecordBytes => (Bytes.Length - 4096) / Blocks;

    public LoadedModel NewModel(ScalarType reading = ScalarType.Float32) => new(_model.ModelPath, CPU, reading: reading);

    public string NewFolder() => Directory.CreateDirectory(System.IO.Path.Combine(_root, $"{_folders++}")).FullName;

    /// <summary>A new folder with the undisturbed memory, changed as told, without its index.</summary>
    public (string Folder, string Path) NewFolderWith(Action<FileStream> change)
    {
        string folder = NewFolder(), path = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(Path));
        using FileStream stream = File.Create(path);
        stream.Write(Bytes);
        change(stream);
        return (folder, path);
    }

    public DocumentMemory Open(string folder, MemoryOptions? options = null, List<string>? notes = null) =>
        new MemoryStore(folder, options ?? Options).OpenOrRead(Document, Model, 0, forceRetrieval: true, null, notes is null ? null : notes.Add, TestContext.Current.CancellationToken);

    /// <summary>Reads until the token is cancelled, which the progress may do.</summary>
    public void OpenUntil(string folder, IProgress<WorkProgress> progress, CancellationToken cancellation) =>
        new MemoryStore(folder, Options).OpenOrRead(Document, Model, 0, forceRetrieval: true, progress, null, cancellation).Dispose();

    public static Document DocumentOf(string text) => new()
    {
        Path = "/nowhere/tiny.txt",
        Format = DocumentFormat.Text,
        Title = "Tiny",
        ContentHash = TestHash(text),
        Text = text,
        SourceOffset = 0,
        SourceLine = 1,
        Sections = [new Section([], 0, text.Length)],
        Paragraphs = [new Paragraph(0, text.Length, ParagraphKind.Body)],
    };

    public void Dispose()
    {
        Model.Dispose();
        _model.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private static string TestHash(string text) => ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(text));
}

/// <summary>Calls back on every report, in the thread that reports.</summary>
internal sealed class CallbackProgress(Action<WorkProgress> report) : IProgress<WorkProgress>
{
    public void Report(WorkProgress value) => report(value);
}
