using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Tests.Answering.Summaries;

/// <summary>A book of given sentences in one section, with vectors that say nothing: for what does not look at vectors.</summary>
internal static class SentenceBook
{
    public static ReadBook Of(params string[] sentences)
    {
        string text = string.Join("\n\n", sentences);
        Document document = new()
        {
            Path = "/book.txt", Format = DocumentFormat.Text, Title = "Book", ContentHash = "0", Text = text, Sections = [new Section([], 0, text.Length)], Paragraphs = [],
        };
        List<BookSentence> read = [];
        int at = 0;
        foreach (string sentence in sentences)
        {
            read.Add(new BookSentence(0, at, at + sentence.Length, sentence, ProseWords.Count(sentence), SentenceUse.Quote, 0, 0, 1, [1, 0]));
            at += sentence.Length + 2;
        }
        return new ReadBook(document, new DocumentText(document), read, TextBlocks.Of(text, Shipped.Model.Tokenizer), [0]);
    }
}
