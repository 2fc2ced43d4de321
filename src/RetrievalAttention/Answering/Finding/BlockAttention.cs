using RetrievalAttention.Memory;
using RetrievalAttention.Passages;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering.Finding;

/// <summary>The first look of attention at one document in memory, where rare words of the question ask more and titles do not ask.</summary>
/// <param name="words">Of the same document.</param>
public sealed class BlockAttention(LoadedModel model, DocumentMemory memory, BlockWords words)
{
    /// <summary>Score of every block of several documents, one document after the other; the question is read once.</summary>
    public static double[] ScoreTogether(IReadOnlyList<BlockAttention> documents, string question)
    {
        using var scope = NewDisposeScope();
        Tensor[] queries = documents[0].QueriesOf(question);
        return [.. documents.SelectMany(document => document.Score(question, queries))];
    }

    /// <summary>Score of every block.</summary>
    /// <param name="queries">Of the question, as <see cref="BlockSearch.QueriesOf"/> gave them.</param>
    public double[] Score(string question, IReadOnlyList<Tensor> queries)
    {
        QuestionScope scope = QuestionScope.Of(question, memory.Document);
        TextWord[] asked = [.. TextWords.Of(question)];
        return BlockSearch.FirstLook(model, memory.Index!, question, queries, Weight);

        // Words of a title would find the heading.
        double Weight(TextRange token)
        {
            if (scope.Titles.Any(title => title.Start < token.End && token.Start < title.End)) return 0;
            TextWord word = asked.FirstOrDefault(word => word.Start < token.End && token.Start < word.End);
            return word.Text is null ? 0 : words.Rarity(word.Text);
        }
    }

    private Tensor[] QueriesOf(string question) => BlockSearch.QueriesOf(model, question);
}
