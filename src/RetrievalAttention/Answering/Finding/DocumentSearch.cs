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
    private readonly Func<string, Func<TextRange, double>, double[]>? _attention;

    /// <param name="attention">Scores of all blocks for a question, given how much each part of the question asks.</param>
    private DocumentSearch(DocumentBlocks blocks, PassageVectors vectors, Func<string, Func<TextRange, double>, double[]>? attention)
    {
        (_blocks, _vectors, _attention) = (blocks, vectors, attention);
        _words = new BlockWords(blocks);
    }

    public DocumentBlocks Blocks => _blocks;

    /// <summary>Prepares a document that is in memory. The first time its passages are embedded, which is kept beside the memory.</summary>
    public static DocumentSearch Prepare(
        DocumentMemory memory, LoadedModel model, SentenceEmbedder embedder, PassageOptions passages, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        DocumentBlocks blocks = DocumentBlocks.Of(memory);
        PassageVectors vectors = PassageVectors.OpenOrEmbed(memory.File.FilePath, blocks, embedder, passages, progress, cancellation);
        return new DocumentSearch(blocks, vectors, (question, weight) => BlockSearch.FirstLook(model, memory.Index!, question, weight));
    }

    /// <summary>Prepares a document that is not in memory, for words and embeddings alone.</summary>
    public static DocumentSearch Prepare(DocumentBlocks blocks, SentenceEmbedder embedder, PassageOptions passages, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        new(blocks, PassageVectors.OpenOrEmbed(null, blocks, embedder, passages, progress, cancellation), null);

    public BlockRanking Rank(string question)
    {
        QuestionScope scope = QuestionScope.Of(question, _blocks.Document);
        List<Signal> signals =
        [
            Signal.Of(SignalKind.Words, _words.Score(question), least: 0),
            Signal.Of(SignalKind.Vectors, _vectors.Score(question, _blocks)),
        ];
        if (_attention is not null) signals.Add(Signal.Of(SignalKind.Attention, _attention(question, QueryWeights(question, scope))));

        bool[] inside = [.. _blocks.Ranges.Select(scope.Holds)];
        // Inside a named part its title finds nothing; it is there anyway.
        Signal wordsWithin = scope.Ranges.Count == 0 ? signals[0] : Signal.Of(SignalKind.Words, _words.Score(TitleMentions.Without(question, scope.Titles)), least: 0);
        Signal[] within = [wordsWithin, .. signals.Skip(1)];
        IReadOnlyList<int> best = Fuse([.. within.Select(signal => signal with { Found = [.. signal.Found.Where(scored => inside[scored.Id])] })]);
        IReadOnlyList<int> outside = Fuse([.. signals.Select(signal => signal with { Found = [.. signal.Found.Where(scored => !inside[scored.Id])] })]);
        return new BlockRanking(signals, [.. best, .. outside]);
    }

    public void Dispose() => _vectors.Dispose();

    private static IReadOnlyList<int> Fuse(IReadOnlyList<Signal> signals) => [.. SignalFusion.Fuse(signals, SignalWeights.Default).Select(item => (int)item.Id)];

    /// <summary>How much a token of the question asks: rare words much, words of a title nothing (they would find the heading).</summary>
    private Func<TextRange, double> QueryWeights(string question, QuestionScope scope)
    {
        TextWord[] words = [.. TextWords.Of(question)];
        return token =>
        {
            if (scope.Titles.Any(title => title.Start < token.End && token.Start < title.End)) return 0;
            TextWord word = words.FirstOrDefault(word => word.Start < token.End && token.Start < word.End);
            return word.Text is null ? 0 : _words.Rarity(word.Text);
        };
    }
}
