using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Documents;
using RetrievalAttention.Indexing;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Writing;

/// <summary>The names of a book: what a text over it must be free to say as often as it likes.</summary>
/// <param name="Names">That occur more than once, most frequent first.</param>
/// <param name="Words">Their words, without articles and the like.</param>
public sealed record BookNames(IReadOnlyList<string> Names, IReadOnlySet<string> Words)
{
    public static BookNames Of(Document document, ITextTokenizer tokenizer)
    {
        string[] names = [.. NameIndex.Names(SentencesOf(document, tokenizer)).Select(name => name.Text)];
        return new BookNames(names, names.SelectMany(NameWords.Of).Where(word => char.IsUpper(word[0]) && !StopWords.Contains(word.ToLowerInvariant())).ToHashSet());
    }

    /// <summary>The sentences without vectors: names need none.</summary>
    private static ReadBook SentencesOf(Document document, ITextTokenizer tokenizer)
    {
        DocumentText reading = new(document);
        TextBlocks blocks = TextBlocks.Of(document.Text, tokenizer);
        return new ReadBook(document, reading,
            [.. document.Paragraphs.Where(paragraph => paragraph.Kind != ParagraphKind.Heading)
                .SelectMany(paragraph => Sentences.Split(document.Text, paragraph.Start, paragraph.End, document.Language))
                .Select(sentence => new BookSentence(
                    0, sentence.Start, sentence.End, reading.ReadingText(sentence.Start, sentence.End), 1, SentenceUse.Quote, blocks.At(sentence.Start), blocks.At(sentence.End - 1), Independence: 1, Vector: []))],
            blocks, []);
    }
}
