using RetrievalAttention.Embeddings;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Finding;

/// <summary>
/// Finds the blocks of one document that answer a question: by words, by embeddings, and, where it was read into memory, by the model's own
/// attention; then all together.
/// </summary>
public sealed class DocumentSearch : IDisposable
{
    private readonly DocumentBlocks _blocks;
    private readonly BlockWords _words;
    private readonly PassageVectors _vectors;
    private readonly BlockAttention? _attention;

    private DocumentSearch(DocumentBlocks blocks, BlockWords words, PassageVectors vectors, BlockAttention? attention) =>
        (_blocks, _words, _vectors, _attention) = (blocks, words, vectors, attention);

    public DocumentBlocks Blocks => _blocks;

    /// <summary>Prepares a document that is in memory. The first time its passages are embedded, which is kept beside the memory.</summary>
    public static DocumentSearch Prepare(
        DocumentMemory memory, LoadedModel model, SentenceEmbedder embedder, PassageOptions passages, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        DocumentBlocks blocks = DocumentBlocks.Of(memory);
        PassageVectors vectors = PassageVectors.OpenOrEmbed(memory.File.FilePath, blocks, embedder, passages, progress, cancellation);
        BlockWords words = new(blocks);
        return new DocumentSearch(blocks, words, vectors, new BlockAttention(model, memory, words));
    }

    /// <summary>Prepares a document that is not in memory, for words and embeddings alone.</summary>
    public static DocumentSearch Prepare(DocumentBlocks blocks, SentenceEmbedder embedder, PassageOptions passages, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        new(blocks, new BlockWords(blocks), PassageVectors.OpenOrEmbed(null, blocks, embedder, passages, progress, cancellation), null);

    public BlockRanking Rank(string asked) => RankTogether([this], asked);

    /// <summary>
    /// Ranks the blocks of several documents as if they were one, whose blocks are numbered through. Attention is compared by how far a block stands out in
    /// its own document.
    /// </summary>
    /// <param name="withAttention">False to leave the model out of it.</param>
    public static BlockRanking RankTogether(IReadOnlyList<DocumentSearch> documents, string asked, bool withAttention = true)
    {
        string question = TextWords.WellFormed(asked);
        IReadOnlyList<QuestionScope> scopes = QuestionScope.OfEach(question, [.. documents.Select(document => document._blocks.Document)]);
        BlockWords[] words = [.. documents.Select(document => document._words)];
        float[] query = documents[0]._vectors.EmbedQuestion(question);
        List<Signal> signals =
        [
            Signal.Of(SignalKind.Words, BlockWords.ScoreTogether(words, question), least: 0),
            Signal.Of(SignalKind.Vectors, [.. documents.SelectMany(document => document._vectors.Score(query, document._blocks))]),
        ];
        BlockAttention[] attention = [.. documents.Select(document => document._attention).OfType<BlockAttention>()];
        if (withAttention && attention.Length == documents.Count) signals.Add(Signal.Of(SignalKind.Attention, BlockAttention.ScoreTogether(attention, question)));

        SignalWeights weights = documents[0]._vectors.WeightsFor(question);
        bool[] inside = [.. documents.Zip(scopes).SelectMany(pair => pair.First._blocks.Ranges.Select(pair.Second.Holds))];
        // Inside a named part its title finds nothing; it is there anyway.
        Signal wordsWithin = !scopes[0].IsNamed ? signals[0] : Signal.Of(SignalKind.Words, BlockWords.ScoreTogether(words, TitleMentions.Without(question, scopes[0].Titles), inside), least: 0);
        Signal[] within = [wordsWithin, .. signals.Skip(1)];
        IReadOnlyList<int> best = Fuse([.. within.Select(signal => signal with { Found = [.. signal.Found.Where(scored => inside[scored.Id])] })], weights);
        IReadOnlyList<int> outside = Fuse([.. signals.Select(signal => signal with { Found = [.. signal.Found.Where(scored => !inside[scored.Id])] })], weights);
        return new BlockRanking(signals, [.. best, .. outside]);
    }

    public void Dispose() => _vectors.Dispose();

    private static IReadOnlyList<int> Fuse(IReadOnlyList<Signal> signals, SignalWeights weights) => [.. SignalFusion.Fuse(signals, weights).Select(item => (int)item.Id)];
}
