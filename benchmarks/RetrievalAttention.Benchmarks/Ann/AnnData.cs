using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Benchmarks.Ann;

/// <summary>Vectors that look for keys, with the keys that have the largest products with each.</summary>
/// <param name="Vectors">[Q][D].</param>
/// <param name="Nearest">[Q][<see cref="AnnData.Sought"/>], exact, the best first.</param>
/// <param name="Attention">Mean share of a query's attention to all keys that falls on those.</param>
internal sealed record AnnQueries(float[][] Vectors, int[][] Nearest, double Attention);

/// <summary>
/// What the retrieval heads compare: the keys of a book's tokens, and the queries of real questions. Half of the questions may be used to build, the other half
/// evaluates; keys of later tokens, which are not searched, are the control that has the distribution of the keys.
/// </summary>
/// <param name="Keys">[N][D].</param>
internal sealed record AnnData(float[][] Keys, AnnQueries Building, AnnQueries Questions, AnnQueries Control)
{
    /// <summary>Nearest keys that count for recall.</summary>
    public const int Sought = 100;

    private const int ControlKeys = 500;

    private const int MostAsked = 1000;

    /// <param name="memoryPath">Memory of a book, in any format.</param>
    /// <param name="tokens">Tokens of the book that are searched.</param>
    public static AnnData Read(LoadedModel model, string memoryPath, int tokens, IReadOnlyList<string> questions)
    {
        using var scope = NewDisposeScope();
        Tensor keys = KeysOf(memoryPath, model, tokens + 8 * ControlKeys);
        Tensor searched = keys[..tokens];
        AnnQueries Of(Tensor vectors)
        {
            Tensor products = vectors.mm(searched.t());
            (Tensor best, Tensor nearest) = products.topk(Sought);
            double scale = Math.Sqrt(searched.shape[1]), attention = (best.div(scale).logsumexp(1) - products.div(scale).logsumexp(1)).exp().mean().item<float>();
            return new AnnQueries(Rows(vectors), [.. nearest.data<long>().ToArray().Select(index => (int)index).Chunk(Sought)], attention);
        }
        Tensor Asked(int half) => cat([.. questions.Where((_, i) => i % 2 == half).SelectMany(question => BlockSearch.QueriesOf(model, question))
            .Select(queries => model.Decoder.Rope.RotateAll(queries, BlockScores.FixedDistance))], 0);
        Tensor asked = Asked(1);
        asked = asked[TensorIndex.Slice(step: Math.Max(1, asked.shape[0] / MostAsked))];
        return new AnnData(Rows(searched), Of(Asked(0)), Of(asked), Of(keys[TensorIndex.Slice(tokens, step: 8)]));
    }

    private static Tensor KeysOf(string memoryPath, LoadedModel model, int tokens)
    {
        using MemoryFile file = MemoryFile.OpenAsMade(memoryPath);
        if (file.Tokens < tokens) throw new ProblemException(ProblemKind.Setting, $"{memoryPath} holds {file.Tokens:N0} tokens; {tokens:N0} are needed. Give a longer book's or fewer --tokens.");
        using RetrievalIndex index = RetrievalIndex.Open(file, model.Heads, model.Weights.Config, CPU);
        using Tensor all = index.Keys(0);
        return all[..tokens].clone();
    }

    private static float[][] Rows(Tensor rows) => [.. rows.contiguous().data<float>().ToArray().Chunk((int)rows.shape[1])];
}
