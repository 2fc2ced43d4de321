using System.Diagnostics;
using Microsoft.Data.Sqlite;
using RetrievalAttention.Documents;
using RetrievalAttention.Indexing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;
using static TorchSharp.torch;

namespace RetrievalAttention.Answering;

/// <summary>
/// Answers a question about a document that has not been read into memory: the text of the passages that share most words with the question stands in
/// the prompt. Worse than memory, and costs no reading.
/// </summary>
public sealed class TextAnswerer(LoadedModel model, AnsweringOptions options, PassageOptions passages)
{
    /// <summary>Passages of about 128 tokens: as much text as <see cref="AnsweringOptions.MemoryBlocks"/> blocks hold by default. Fewer where half of the model's context holds no more.</summary>
    private const int QuotedPassages = 4;

    /// <inheritdoc cref="Ask(Document, UserQuestion, Action{string}?, CancellationToken)"/>
    public Answer Ask(Document document, string question, Action<string>? onText, CancellationToken cancellation) =>
        Ask(document, new UserQuestion(question), onText, cancellation);

    /// <param name="onText">Given the answer piece by piece, while it is written.</param>
    public Answer Ask(Document document, UserQuestion question, Action<string>? onText, CancellationToken cancellation)
    {
        QuestionPrompt.RequireShort(model, question.Text);
        using var scope = NewDisposeScope();
        long asked = Stopwatch.GetTimestamp();
        int left = model.Weights.Config.ContextLength - model.Header.Length;
        IReadOnlyList<Passage> best = FindByWords(document, question.Search, Math.Clamp(left / 2 / passages.MaximumTokens, 1, QuotedPassages));
        TimeSpan retrieval = Stopwatch.GetElapsedTime(asked);

        Prompt prompt = QuestionPrompt.Build(model, question, [.. best.Select(passage => new Quotation(passage.Text))], room: left - options.MaxAnswerTokens);
        AnsweringOptions fitting = options.Within(left - prompt.Ids.Count);
        using AttentionContext context = model.Header.NewContext(prompt.Ids.Count + fitting.MaxAnswerTokens);
        int start = context.Length;
        using SpanAttention looks = new(model.Decoder.Rope, [model.Heads.CitationHead], [.. prompt.Quoted.Select(quoted => (quoted.Start + start, quoted.End + start))]);
        Generated generated = new Generation(model, fitting).Write(context, prompt.Ids, looks, onText, cancellation);
        double gain = generated.MeanLogProbability - AnswerLikelihood.ClosedBook(model, question with { Earlier = [.. question.Earlier.TakeLast(prompt.Turns)] }, generated.Ids);
        return new Answer(
            generated.Text, AnswerMode.Text, Sources(document, best, looks.Totals),
            AnswerSupport.Of(gain, generated.Text, question.Text, [.. best.Select(passage => passage.EmbeddedText)]), prompt.Turns,
            new AnswerTimings(0, 0, retrieval.TotalMilliseconds, (retrieval + generated.FirstToken).TotalMilliseconds, generated.TokensPerSecond));
    }

    /// <summary>The best passages in document order; the first ones where none shares a word with the question.</summary>
    private IReadOnlyList<Passage> FindByWords(Document document, string question, int count)
    {
        IReadOnlyList<Passage> all = PassageSplitter.Split(document, text => model.Tokenizer.Encode(text).Count, passages);
        using SqliteConnection words = new("Data Source=:memory:");
        words.Open();
        WordIndex.CreateTables(words);
        foreach (Passage passage in all) WordIndex.Add(words, passage.Index, document: 1, passage.EmbeddedText, document.Language);
        IReadOnlyList<WordMatch> found = new WordIndex(new WordOptions()).Search(words, question, count);
        return found.Count == 0 ? [.. all.Take(count)] : [.. found.Select(match => (int)match.Id).Order().Select(index => all[index])];
    }

    private static IReadOnlyList<AnswerSource> Sources(Document document, IReadOnlyList<Passage> quoted, double[] looks)
    {
        double total = looks.Sum();
        if (total <= 0) return [];
        DocumentText text = new(document);
        return
        [
            .. quoted.Zip(looks).OrderByDescending(pair => pair.Second)
                .Select(pair => Citations.Source(document, text, new TextRange(pair.First.Start, pair.First.End), pair.Second / total)),
        ];
    }
}
