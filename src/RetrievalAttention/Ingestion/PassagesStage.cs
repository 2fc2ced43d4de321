using Microsoft.Data.Sqlite;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Ingestion;

/// <summary>Splits a document into passages and makes them searchable by their words. A newer version takes the old one's place here.</summary>
/// <param name="countTokens">Tokens of a text in the embedder, without special tokens.</param>
public sealed class PassagesStage(Func<string, int> countTokens, PassageOptions options) : IStageRunner
{
    public DocumentStage Goal => DocumentStage.Searchable;

    public Task<Action<SqliteConnection>> RunAsync(StageWork work, CancellationToken cancellation)
    {
        Document document = work.Library.LoadDocument(work.Document.Id);
        IReadOnlyList<Passage> passages = PassageSplitter.Split(document, countTokens, options);
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult<Action<SqliteConnection>>(connection =>
        {
            PassageRows.Store(connection, work.Document.Id, document.Language, passages);
            DocumentCatalog.TakePlaceOfOldVersion(connection, work.Document.Id);
        });
    }
}
