using System.CommandLine;
using RetrievalAttention.Benchmarks.Ann;
using RetrievalAttention.Benchmarks.Decoding;
using RetrievalAttention.Benchmarks.Encoder;
using RetrievalAttention.Benchmarks.Knn;
using RetrievalAttention.Benchmarks.Peer;
using RetrievalAttention.Benchmarks.Scan;
using RetrievalAttention.Models;

ThreadWaiting.Sleep();
RootCommand root = new("Measures this program beside others, on this machine. Results are saved under results/, one folder a machine.")
{
    PeerCommand.Create(TimeProvider.System),
    DecodingCommand.Create(TimeProvider.System),
    EmbeddingCommand.Create(TimeProvider.System),
    KnnCommand.Create(TimeProvider.System),
    ScanCommand.Create(TimeProvider.System),
    AnnCommand.Create(TimeProvider.System),
    LibraryQueryCommand.Create(TimeProvider.System),
};
return await root.Parse(args).InvokeAsync();
