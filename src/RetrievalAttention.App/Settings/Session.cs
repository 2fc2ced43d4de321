using RetrievalAttention.App.Commands;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Isolation;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Settings;

/// <summary>What commands that use the model share: the settings, the model on its device, and a library's memories.</summary>
internal sealed class Session : IDisposable
{
    private readonly Lazy<SentenceEmbedder> _embedder;
    private readonly Library? _library;
    private readonly Task? _opening;

    private Session(AllSettings settings, ChosenDevice device, string? model, string? gates, bool embedsSoon, string? library)
    {
        _library = embedsSoon ? FindLibrary(settings, library) : null;
        _embedder = new(() => OpenEmbedder(settings, device, _library is null ? null : new LibraryEmbeddingCache(_library)));
        if (embedsSoon) _opening = Task.Run(() => _embedder.Value);
        Settings = settings;
        Device = device;
        Model = new LoadedModel(model ?? settings.Model.Decoder, device.Device, NotesFolder(settings), settings.Model.ReadingType);
        if (gates is { Length: > 0 }) Model.Use(MemoryGates.Load(MemoryGates.PathFor(Model.Path, gates), Model.Weights));
    }

    public AllSettings Settings { get; }

    public ChosenDevice Device { get; }

    public LoadedModel Model { get; }

    /// <summary>Opened on first need.</summary>
    public SentenceEmbedder Embedder => _embedder.Value;

    /// <summary>Of the embedder, without opening it.</summary>
    public string EmbedderHash => SentenceEmbedder.HashOf(Settings.Model.Embedder, Settings.Embeddings, NotesFolder(Settings));

    /// <param name="model">Path of a model instead of the configured one; null for that.</param>
    /// <param name="device">Instead of the configured one; null for that.</param>
    /// <param name="embedsSoon">Open the embedder beside the model, for it will be needed.</param>
    /// <param name="library">The library whose vectors the embedder may take; null for the default one.</param>
    /// <param name="gates">Name of gates instead of the configured ones, which are of the configured model; null for those, "" for none.</param>
    public static Session Open(AllSettings settings, string? model, string? device, bool embedsSoon = false, string? library = null, string? gates = null) =>
        new(settings, Devices.Choose(device ?? settings.Model.Device), model, gates ?? (model is null ? settings.Model.Gates : ""), embedsSoon, library);

    /// <summary>Where hashes of weights are remembered.</summary>
    public static string NotesFolder(AllSettings settings) => Path.Combine(settings.Library.Root, ".models");

    /// <summary>The memories of a library; its folder is made when they are first written.</summary>
    public MemoryStore Memories(string? library) => new(SharedOptions.MemoryFolderOf(Settings, library), Settings.Memory);

    /// <summary>
    /// Reads a file that is asked about directly. Formats that need a parser are read in a limited child process; plain text, which this program
    /// decodes itself within a bound, is not worth one.
    /// </summary>
    /// <exception cref="ProblemException">There is no such file, or it cannot be read.</exception>
    public static Document Read(AllSettings settings, string path, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        // A name that is not UTF-8 is explained by the reader.
        if (!Path.Exists(path) && !path.Contains('\uFFFD')) throw new ProblemException(ProblemKind.NotFound, $"There is no file '{path}'. Check the name; it may have been moved or removed.");
        if (DocumentReaders.Detect(path) == DocumentFormat.Text) return DocumentReaders.All.Read(path, settings.Documents, progress, cancellation);
        using IsolatedDocumentReader reader = new(ReadDocumentCommand.OfThisProgram(), TimeProvider.System);
        return reader.ReadAsync(path, settings.Documents, progress, cancellation).GetAwaiter().GetResult();
    }

    /// <summary>The same for a document on which something is measured.</summary>
    /// <exception cref="ProblemException">The gates in use were trained on it.</exception>
    public Document ReadToMeasure(string path, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        Document document = Read(Settings, path, progress, cancellation);
        Model.Gates?.ThrowIfTrainedOn(document);
        return document;
    }

    /// <param name="cache">Vectors that need not be computed; null for none.</param>
    public static SentenceEmbedder OpenEmbedder(AllSettings settings, ChosenDevice device, IEmbeddingCache? cache = null) =>
        SentenceEmbedder.Open(settings.Model.Embedder, device.Device, settings.Embeddings, cache, NotesFolder(settings));

    public void Dispose()
    {
        // It may still be opening; a fault of it was told to whoever asked for it.
        _opening?.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        if (_embedder.IsValueCreated) _embedder.Value.Dispose();
        _library?.Dispose();
        Model.Dispose();
    }

    /// <summary>Null where there is none, or none that can be used: a question about a file does not need it.</summary>
    private static Library? FindLibrary(AllSettings settings, string? name)
    {
        try
        {
            return Library.IsThere(settings.Library, name) ? settings.OpenLibrary(name) : null;
        }
        catch (ProblemException)
        {
            return null;
        }
    }
}
