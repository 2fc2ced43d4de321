using System.Globalization;
using RetrievalAttention.Answering;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.App.Commands;

/// <summary>How answers are shown.</summary>
internal static class AnswerOutput
{
    /// <summary>What a reader must know about an answer that the text does not support.</summary>
    public static string Doubt(AnswerSupport support) => support.Missing.Count > 0
        ? $"(The text may not hold the answer. Not in the passages that were found: {string.Join(", ", support.Missing.Select(word => $"“{word}”"))}.)"
        : !support.SharesWords ? "(The text does not seem to hold the answer: it says nothing that stands in the passages that were found.)"
        : "(The text does not seem to hold the answer: having read it made this answer no likelier.)";

    /// <summary>Names the books that a question is asked of, and warnings about them.</summary>
    public static void NoteBooks(AskedBooks books)
    {
        foreach (AskedBook book in books.Others.Prepend(books.Best))
        {
            if (book.Stage is { } stage) Output.Note($"{book.Document.Title} ({StageNames.Of(stage)})");
            foreach (string warning in book.Document.Warnings) Output.Note($"{book.Document.Title}: {warning}");
        }
    }

    /// <summary>What follows the answer, which was shown while it was written.</summary>
    public static void WriteRest(Answer answer, int sources)
    {
        Console.Out.WriteLine();
        if (!answer.Support.IsSupported) Output.WriteLine($"\n{Doubt(answer.Support)}");
        Console.Out.WriteLine();
        SourceText.Write(answer.Sources.Take(sources));
        AnswerTimings timings = answer.Timings;
        CultureInfo culture = CultureInfo.InvariantCulture;
        string read = timings.ReadTokens > 0 ? string.Create(culture, $"read {timings.ReadTokens:N0} tokens in {timings.ReadSeconds:0} s · ") : "";
        Output.Note(string.Create(culture, $"({read}first token after {timings.FirstTokenMilliseconds:0} ms · {timings.TokensPerSecond:0} tokens/s · support {answer.Support.Gain:+0.00;-0.00} nats a token)"));
    }

    /// <summary>The answer for --json.</summary>
    /// <param name="question">Of a conversation, with what it needs more; null for a single question.</param>
    public static object ToJson(Asked asked, Session session, UserQuestion? question = null)
    {
        Answer answer = asked.Answer;
        Dictionary<string, object?> json = new()
        {
            ["answer"] = answer.Text,
            ["mode"] = answer.Mode,
            ["book"] = JsonOf(asked.Books[0]),
            ["books"] = asked.Books.Select(JsonOf),
            ["sources"] = answer.Sources,
            ["support"] = answer.Support.Gain,
            ["supported"] = answer.Support.IsSupported,
            ["missing"] = answer.Support.Missing,
            ["timings"] = answer.Timings,
            ["model"] = session.Model.Weights.Name,
            ["device"] = session.Device.Device.ToString(),
        };
        if (question is null) return json;
        json["question"] = question.Text;
        json["search"] = question.Search;
        json["earlierTurns"] = answer.EarlierTurns;
        return json;
    }

    private static object JsonOf(AskedBook book) => new { book.Document.Title, book.Document.Path, book.Stage };
}
