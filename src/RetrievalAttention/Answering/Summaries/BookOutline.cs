using System.Numerics.Tensors;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Answering.Summaries;

/// <param name="Where">Where the section begins.</param>
/// <param name="FirstBlock">Its first block of 64 tokens.</param>
/// <param name="KeySentences">Verbatim, in document order.</param>
public sealed record OutlineSection(IReadOnlyList<string> HeadingPath, Locator Where, int FirstBlock, int LastBlock, int Words, IReadOnlyList<SummarySentence> KeySentences);

/// <summary>A name or a term: how often it occurs, where first, and in which sections most.</summary>
/// <param name="First">The first sentence with it.</param>
public sealed record OutlineName(string Name, int Count, Locator First, string FirstSentence, IReadOnlyList<OutlineMention> Matters);

/// <param name="Section">Heading path, joined by " › ".</param>
public sealed record OutlineMention(string Section, int Count);

/// <summary>The structure of a book: its sections with their key sentences, names and terms, and how central each block is.</summary>
/// <param name="Salience">By block: mean cosine of its sentences to the mean of the whole book, the longer a sentence the more.</param>
public sealed record BookOutline(
    string Title, IReadOnlyList<OutlineSection> Sections, IReadOnlyList<OutlineName> Names, IReadOnlyList<OutlineName> Terms, IReadOnlyList<double> Salience)
{
    private const int KeySentences = 2;
    private const int MostNames = 30;
    private const int MostTerms = 20;
    private const int MostMentions = 3;

    public static BookOutline Of(ReadBook book)
    {
        Summarizer summarizer = new();
        SentenceScores scores = new(book.Statistics);
        IReadOnlyList<IndexedName> names = NameIndex.Names(book);
        return new BookOutline(
            book.Document.Title,
            [.. SummaryParts.Of(book, int.MaxValue).Select(part => Section(book, summarizer, scores, part))],
            [.. names.Take(MostNames).Select(name => Name(book, name))],
            [.. NameIndex.Terms(book, names).Take(MostTerms).Select(term => Name(book, term))],
            SalienceOf(book));
    }

    private static OutlineSection Section(ReadBook book, Summarizer summarizer, SentenceScores scores, SummaryPart part)
    {
        BookSentence first = part.Candidates[0], last = part.Candidates[^1];
        return new OutlineSection(
            part.HeadingPath, book.Reading.Locate(first.Start, first.End), first.FirstBlock, last.LastBlock, part.Words,
            [.. summarizer.KeySentences(scores, part, KeySentences).Select(sentence => Summarizer.Quote(book, sentence))]);
    }

    private static OutlineName Name(ReadBook book, IndexedName name)
    {
        BookSentence first = book.Sentences[name.Sentences[0]];
        IEnumerable<OutlineMention> mentions = name.Sentences.CountBy(i => string.Join(" › ", book.Document.Sections[book.Sentences[i].Section].HeadingPath))
            .OrderByDescending(section => section.Value).Select(section => new OutlineMention(section.Key, section.Value));
        return new OutlineName(name.Text, name.Count, book.Reading.Locate(first.Start, first.End), first.Text, [.. mentions.Take(MostMentions)]);
    }

    private static double[] SalienceOf(ReadBook book)
    {
        float[] mean = SentenceScores.Mean(book.Sentences);
        double[] sums = new double[book.Blocks.Count];
        double[] words = new double[book.Blocks.Count];
        foreach (BookSentence sentence in book.Sentences)
        {
            double cosine = TensorPrimitives.Dot<float>(sentence.Vector, mean);
            for (int block = sentence.FirstBlock; block <= sentence.LastBlock; block++)
            {
                sums[block] += cosine * sentence.Words;
                words[block] += sentence.Words;
            }
        }
        return [.. sums.Zip(words, (sum, count) => count > 0 ? sum / count : 0)];
    }
}
