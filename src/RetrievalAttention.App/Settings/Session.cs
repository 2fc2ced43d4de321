using RetrievalAttention.App.Commands;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Settings;

/// <summary>What commands that use the model share: the settings, the model on its device, and a library's memories.</summary>
internal sealed class Session : IDisposable
{
    private readonly Lazy<SentenceEmbedder> _embedder;

    private Session(AllSettings settings, ChosenDevice device, LoadedModel model)
    {
        _embedder = new(() => OpenEmbedder(settings, device));
        Settings = settings;
        Device = device;
        Model = model;
    }

    public AllSettings Settings { get; }

    public ChosenDevice Device { get; }

    public LoadedModel Model { get; }

    /// <summary>Opened on first need.</summary>
    public SentenceEmbedder Embedder => _embedder.Value;

    /// <param name="model">Path of a model instead of the configured one; null for that.</param>
    /// <param name="device">Instead of the configured one; null for that.</param>
    public static Session Open(AllSettings settings, string? model, string? device)
    {
        ChosenDevice chosen = Devices.Choose(device ?? settings.Model.Device);
        return new Session(settings, chosen, new LoadedModel(model ?? settings.Model.Decoder, chosen.Device, NotesFolder(settings)));
    }

    /// <summary>Where hashes of weights are remembered.</summary>
    public static string NotesFolder(AllSettings settings) => Path.Combine(settings.Library.Root, ".models");

    /// <summary>The memories of a library; its folder is made when they are first written.</summary>
    public MemoryStore Memories(string? library) => new(SharedOptions.MemoryFolderOf(Settings, library), Settings.Memory);

    public static Document Read(AllSettings settings, string path, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        DocumentReaders.All.Read(path, settings.Documents, progress, cancellation);

    public static SentenceEmbedder OpenEmbedder(AllSettings settings, ChosenDevice device) =>
        SentenceEmbedder.Open(settings.Model.Embedder, device.Device, settings.Embeddings, notes: NotesFolder(settings));

    public void Dispose()
    {
        if (_embedder.IsValueCreated) _embedder.Value.Dispose();
        Model.Dispose();
    }
}
