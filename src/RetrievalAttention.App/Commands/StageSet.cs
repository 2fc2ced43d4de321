using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents.Isolation;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <summary>The stages of ingestion with what they need, made from the settings. Models are opened when the first document needs them.</summary>
internal sealed class StageSet : IDisposable
{
    private readonly IsolatedDocumentReader _reader = new(ReadDocumentCommand.OfThisProgram(), TimeProvider.System);
    private readonly AllSettings _settings;
    private readonly Lazy<SentenceEmbedder> _embedder;
    private readonly Lazy<LoadedModel> _model;

    private StageSet(AllSettings settings)
    {
        _settings = settings;
        _embedder = new(() => SentenceEmbedder.Open(settings.Model.Embedder, Devices.Choose(settings.Model.Device).Device, settings.Embeddings, notes: Session.NotesFolder(settings)));
        _model = new(() => new LoadedModel(settings.Model.Decoder, Devices.Choose(settings.Model.Device).Device, Session.NotesFolder(settings), settings.Model.ReadingType));
        Stages =
        [
            new ExtractStage(_reader.ReadAsync, settings.Documents),
            new PassagesStage(text => _embedder.Value.CountTokens(text), settings.Passages),
            new EmbedStage(() => new PassageEmbedder(_embedder.Value.Hash, _embedder.Value)),
            new MemoryStage(() => _model.Value, settings.Memory),
        ];
    }

    public IReadOnlyList<IStageRunner> Stages { get; }

    public static StageSet Create(AllSettings settings) => new(settings);

    /// <summary>
    /// Queues the books that were embedded by another embedder or read by another model or with another window than the configured ones, and those whose memory is not whole; what
    /// is there is searched meanwhile.
    /// </summary>
    public void QueueForModels(Library library)
    {
        library.Jobs.EnqueueForEmbedder(SentenceEmbedder.HashOf(_settings.Model.Embedder, _settings.Embeddings, Session.NotesFolder(_settings)));
        Lazy<IReadOnlySet<string>> read = new(() =>
        {
            using IModelWeights weights = ModelFiles.Open(_settings.Model.Decoder, Session.NotesFolder(_settings));
            return new MemoryStore(library.MemoryFolder, _settings.Memory).ReadBy(weights.Hash);
        });
        library.Jobs.EnqueueForMemory(hash => read.Value.Contains(hash));
    }

    public void Dispose()
    {
        _reader.Dispose();
        if (_embedder.IsValueCreated) _embedder.Value.Dispose();
        if (_model.IsValueCreated) _model.Value.Dispose();
    }
}
