using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation;

/// <summary>
/// How much the rest of a book looks back at each block: later blocks are read alone, as questions are in the first look, and the retrieval heads' scores of
/// what lies before them are averaged. A measurement: it decides whether reading should count this.
/// </summary>
public static class AttentionReceived
{
    /// <summary>Blocks this near are in the local window anyway.</summary>
    private const int NearBlocks = 16;

    /// <param name="every">Every how many blocks one asks; 1 for all.</param>
    /// <returns>By block: mean score from the blocks that could look back at it; 0 for the last ones, which none could.</returns>
    public static double[] Measure(LoadedModel model, DocumentMemory memory, int every, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        RetrievalIndex index = memory.Index!;
        double[] sums = new double[index.Blocks];
        int[] askers = new int[index.Blocks];
        for (int asker = NearBlocks + 1; asker < index.Blocks; asker += every)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("Looking back", asker, index.Blocks, "blocks"));
            double[] scores = Scores(model, index, memory.File.ReadTokens(asker).Select(token => (long)token.Id).ToArray());
            for (int block = 0; block < asker - NearBlocks; block++)
            {
                sums[block] += scores[block];
                askers[block]++;
            }
        }
        return [.. sums.Zip(askers, (sum, count) => count == 0 ? 0 : sum / count)];
    }

    private static double[] Scores(LoadedModel model, RetrievalIndex index, long[] ids)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using AttentionContext context = model.Header.NewContext(ids.Length);
        using QueryCapture queries = new(model.Heads.Heads);
        model.Decoder.Forward(tensor(ids), context, queries, model.Heads.LayersNeeded);
        return index.Score([.. Enumerable.Range(0, model.Heads.Heads.Count).Select(queries.Queries)], model.Decoder.Rope);
    }
}
