using Microsoft.Data.Sqlite;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.Ingestion;

/// <summary>Brings documents to one stage. One class per stage; the pipeline leases the jobs, keeps the leases and stores the results.</summary>
public interface IStageRunner
{
    /// <summary>The stage that this work leads to.</summary>
    DocumentStage Goal { get; }

    /// <summary>Does the work for one document and gives back what stores its result, run in the transaction that ends the job.</summary>
    /// <exception cref="ProblemException">Of kind Document: the document is at fault and is not tried again. Of kind Environment: the machine
    /// is, and the queue stops. Of any other kind: it is tried again a few times.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the job is no longer this worker's.</exception>
    Task<Action<SqliteConnection>> RunAsync(StageWork work, CancellationToken cancellation);
}
