using System.Text;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation.Length;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Evaluation.Comparison.Synthetic;

/// <summary>A document with hidden sentences, and the questions about them.</summary>
public sealed record HiddenNeedles(Document Document, IReadOnlyList<(AnswerCase Case, QuestionKind Kind)> Questions);

/// <summary>Hides needles between the sentences of a book that is cut to a length, or repeated where it is shorter.</summary>
public sealed class Haystack
{
    private readonly Document _book;
    private readonly ITextTokenizer _tokenizer;
    private readonly IReadOnlyList<TextToken> _tokens;
    private readonly IReadOnlyList<TextRange> _sentences;

    /// <param name="tokenizer">In whose tokens lengths are counted.</param>
    /// <param name="longest">Tokens of the longest haystack that will be asked for.</param>
    /// <exception cref="ProblemException">The book has hardly a token.</exception>
    public Haystack(Document book, ITextTokenizer tokenizer, int longest)
    {
        _tokenizer = tokenizer;
        IReadOnlyList<TextToken> own = tokenizer.Encode(book.Text);
        RepeatedBook repeated = new(book, own, own.Count);
        (_book, _tokens) = own.Count >= longest ? (book, own) : (repeated.Document(longest), repeated.Tokens(longest));
        _sentences = Sentences.Split(_book.Text, book.Language);
    }

    /// <summary>Hides the needles of all tasks in one text, so that it has to be read only once. The same for the same arguments.</summary>
    /// <param name="number">Of the text, from 0: each has other needles at other places.</param>
    /// <exception cref="ProblemException">The length has no room for the needles.</exception>
    public HiddenNeedles Hide(IReadOnlyList<SyntheticTask> tasks, int length, int number, int seed)
    {
        string id = $"{length}-{number}-{seed}";
        Random random = new(unchecked((int)QuestionSplit.PlaceOf(id)));
        NeedleSet[] sets = [.. tasks.Select(task => task.Make(random))];
        int end = EndOfHay(length, sets);
        int[] gaps = [0, .. _sentences.Where(sentence => sentence.End < end).Select(sentence => sentence.End)];
        // Within a task the order of the needles is kept.
        var hidden = sets.SelectMany((set, task) => Places(random, gaps, set.Needles.Count).Select((place, needle) => (place, task, needle))).Order().ToArray();

        StringBuilder text = new();
        List<TextRange>[] ranges = [.. sets.Select(_ => new List<TextRange>())];
        int at = 0;
        foreach ((int place, int task, int needle) in hidden)
        {
            string sentence = sets[task].Needles[needle];
            text.Append(_book.Text, at, place - at).Append(text.Length == 0 ? "" : "\n");
            ranges[task].Add(new TextRange(text.Length, text.Length + sentence.Length));
            text.Append(sentence).Append('\n');
            at = place;
        }
        text.Append(_book.Text, at, end - at);
        return new HiddenNeedles(
            DocumentOf(id, text.ToString()),
            [
                .. sets.Select((set, task) => (
                    new AnswerCase($"{tasks[task].Name}-{id}", set.Question, set.Answer, [.. set.Evidence.Select(needle => ranges[task][needle])]),
                    new QuestionKind(tasks[task].Name, length))),
            ]);
    }

    private int EndOfHay(int length, NeedleSet[] sets)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _tokens.Count);
        int room = length - sets.SelectMany(set => set.Needles).Sum(needle => _tokenizer.Encode(needle).Count + 2);
        if (room < 1) throw new ProblemException(ProblemKind.Setting, $"A haystack of {length:N0} tokens has no room for its needles, which take {length - room:N0}. Give longer --lengths.");
        return _tokens[room - 1].End;
    }

    private static IEnumerable<int> Places(Random random, int[] gaps, int count) => Enumerable.Range(0, count).Select(_ => gaps[random.Next(gaps.Length)]).Order();

    private Document DocumentOf(string id, string text) => new()
    {
        Path = _book.Path,
        Format = Documents.DocumentFormat.Text,
        Title = $"{_book.Title} {id}",
        Language = _book.Language,
        ContentHash = ContentHash.Of(Encoding.UTF8.GetBytes(text)),
        Text = text,
        Sections = [new Section([], 0, text.Length)],
        Paragraphs = [.. Paragraphs(text)],
    };

    /// <summary>Runs between empty lines.</summary>
    private static IEnumerable<Paragraph> Paragraphs(string text)
    {
        int start = 0;
        while (start < text.Length)
        {
            int end = text.IndexOf("\n\n", start, StringComparison.Ordinal);
            if (end < 0) end = text.Length;
            if (end > start) yield return new Paragraph(start, end, ParagraphKind.Body);
            start = end + 2;
        }
    }
}
