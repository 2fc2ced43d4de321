using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Answering.Summaries.Written;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation;

/// <summary>Written section summaries of one book, measured.</summary>
/// <param name="FactsInBook">Names and numbers of the final text that stand in the book.</param>
/// <param name="FinalFacts">Names and numbers of the final text.</param>
/// <param name="Compression">Words of the final text by words of the key sentences: never above 1.</param>
/// <param name="NllWritten">For each section: nats a token of its text after the written summary.</param>
/// <param name="NllKeys">After the key sentences, which are longer.</param>
/// <param name="NllQuoted">After quoted sentences of no more words than the written summary.</param>
/// <param name="NllRandom">After random sentences of about as many words.</param>
public sealed record WrittenSummaryResult(
    int Sections, WritingCounts Counts, int FinalFacts, int FactsInBook, double Compression,
    IReadOnlyList<double> NllWritten, IReadOnlyList<double> NllKeys, IReadOnlyList<double> NllQuoted, IReadOnlyList<double> NllRandom);

/// <summary>Lets the model write some sections of a book, and asks whether that was worth it.</summary>
public static class WrittenSummaryEvaluation
{
    public static WrittenSummaryResult Run(
        LoadedModel model, AnsweringOptions options, ReadBook book, MemoryFile memory, SummaryLength length, int sections, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        SectionWriter writer = new(model, book, memory, options);
        WritingCounts counts = WritingCounts.None;
        List<double[]> nll = [];
        int facts = 0, inBook = 0, words = 0, keyWords = 0, done = 0;
        IReadOnlyList<SummaryPart> parts = SummaryEvaluation.LongParts(model, book, length, sections);
        foreach (SummaryPart part in parts)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress($"Writing {book.Document.Title}", done++, parts.Count, "sections"));
            IReadOnlyList<BookSentence> keys = new Summarizer().Choose(book, [part], SummaryEvaluation.SectionWords(part))[0];
            int most = keys.Sum(key => key.Words);
            string about = $"\"{book.Document.Title}\"{(part.Title.Length > 0 ? $", {part.Title}" : "")}";
            SectionTask task = SectionTask.Of(about, [.. keys.Select(key => Summarizer.Quote(book, key))], most, memory.Blocks);
            (IReadOnlyList<SummarySentence> sentences, WritingCounts own) = writer.Shorten(task, cancellation);
            counts += own;
            keyWords += most;
            int written = sentences.Sum(sentence => ProseWords.Count(sentence.Text));
            words += written;
            string[] found = [.. sentences.SelectMany(sentence => ProseFacts.Of(sentence.Text))];
            facts += found.Length;
            inBook += found.Count(fact => ProseFacts.Holds(book.Document.Text, fact));
            IReadOnlyList<BookSentence> quoted = new Summarizer().Choose(book, [part], written)[0], random = new Summarizer(SentenceChoice.Random).Choose(book, [part], written)[0];
            double[]? measured = new SectionLikelihood(model, book).Measure(
                part, [string.Join(' ', sentences.Select(sentence => sentence.Text)), Text(keys), Text(quoted), Text(random)], keys.Concat(quoted).Concat(random).ToHashSet());
            if (measured is not null) nll.Add(measured);
        }
        return new WrittenSummaryResult(parts.Count, counts, facts, inBook, keyWords == 0 ? 0 : (double)words / keyWords, Column(0), Column(1), Column(2), Column(3));

        double[] Column(int i) => [.. nll.Select(row => row[i])];
    }

    private static string Text(IEnumerable<BookSentence> sentences) => string.Join(' ', sentences.Select(sentence => sentence.Text));
}
