using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Ingestion;

namespace RetrievalAttention.App.Commands;

/// <summary>The stages of ingestion with what they need, made from the settings.</summary>
internal sealed class StageSet : IDisposable
{
    private StageSet(IReadOnlyList<IStageRunner> stages) => Stages = stages;

    public IReadOnlyList<IStageRunner> Stages { get; }

    public static StageSet Create(AllSettings settings)
    {
        ReadDocument read = (path, options, progress, cancellation) => Task.FromResult(DocumentReaders.All.Read(path, options, progress, cancellation));
        return new StageSet([new ExtractStage(read, settings.Documents)]);
    }

    public void Dispose()
    {
    }
}
