using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation.Writing;

/// <summary>A text that the program wrote, measured.</summary>
/// <param name="Repetition">Share of runs of four words that the text had before (1 − distinct by all, as seq-rep-4 of Welleck et al. 2020).</param>
/// <param name="NamesOfBook">Different words of the book's names that it uses, without those of the prompt.</param>
/// <param name="NamesInBook">Share of its names and numbers that stand in the book or the prompt; null when it uses none.</param>
/// <param name="Copied">Share of runs of eight words that stand so in the book.</param>
public sealed record WritingResult(Sight Sight, string Prompt, string Text, int Words, double Repetition, IReadOnlyList<string> NamesOfBook, double? NamesInBook, double Copied);

/// <summary>Writes to general prompts over the names of a book, and measures what comes.</summary>
public sealed class WritingEvaluation(LoadedModel model, WritingOptions options, Writer writer)
{
    private const int RepeatedWords = 4;
    private const int CopiedWords = 8;

    /// <summary>Most frequent names that stand in prompts.</summary>
    private const int PromptNames = 12;

    /// <summary>What is seen of the book; chance would prove nothing here.</summary>
    private static readonly Sight[] Sights = [Sight.Nothing, Sight.Opening, Sight.LookingAgain];

    private static readonly (bool Instruction, string Text)[] Templates =
    [
        (true, "Write the next scene, in which {0} meets {1}."),
        (false, "That evening {0} came back and found {1} waiting."),
        (true, "Write a letter from {0} to {1}."),
        (false, "Nobody had seen {0} since the day before."),
        (true, "Write an essay about {0}."),
        (false, "When {0} opened the door,"),
        (true, "Tell what {0} and {1} did together."),
        (false, "In the morning {0} spoke to {1} of what had happened."),
        (true, "Describe {0} and the people around."),
        (false, "Years later they still told each other how {0} and {1}"),
    ];

    /// <summary>Prompts over the most frequent names of a book, the same for every sight.</summary>
    /// <exception cref="ProblemException">The book has fewer than two names.</exception>
    public static IReadOnlyList<WritingRequest> Prompts(BookNames names, string title, int count, int words)
    {
        string[] common = [.. names.Names.Take(PromptNames)];
        if (common.Length < 2) throw new ProblemException(ProblemKind.Document, $"'{title}' has {common.Length} names that occur more than once; prompts need two. Take another book.");
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                (bool instruction, string template) = Templates[i % Templates.Length];
                string text = string.Format(System.Globalization.CultureInfo.InvariantCulture, template, common[i % common.Length], common[(i + 1) % common.Length]);
                return new WritingRequest(instruction ? text : "", instruction ? "" : text, words, StyleOnly: false);
            }),
        ];
    }

    /// <summary>How many texts are written to so many prompts.</summary>
    public static int TextsOf(int prompts) => prompts * Sights.Length;

    public IReadOnlyList<WritingResult> Run(DocumentMemory memory, BookNames names, IReadOnlyList<WritingRequest> prompts, Action onText, CancellationToken cancellation)
    {
        HashSet<string> bookRuns = [.. Runs(memory.Document.Text, CopiedWords)];
        List<WritingResult> results = [];
        foreach (WritingRequest prompt in prompts)
        {
            foreach (Sight sight in Sights)
            {
                WrittenText written = writer.Write(memory, names, Look(sight, memory), prompt, null, cancellation);
                results.Add(Measure(sight, prompt.Instruction + prompt.Text, written, names, bookRuns));
                onText();
            }
        }
        return results;
    }

    /// <summary>Share of runs of four words that came before.</summary>
    public static double Repetition(string text)
    {
        string[] runs = [.. Runs(text, RepeatedWords)];
        return runs.Length == 0 ? 0 : 1 - (double)runs.Distinct().Count() / runs.Length;
    }

    private BookLook Look(Sight sight, DocumentMemory memory) => sight switch
    {
        Sight.Opening => BookLooks.Fixed(Enumerable.Range(0, Math.Min(options.StyleBlocks, memory.File.Blocks))),
        Sight.LookingAgain => BookLooks.Again(model, memory, options.BookRuns),
        _ => BookLooks.Nothing,
    };

    private static WritingResult Measure(Sight sight, string prompt, WrittenText written, BookNames names, HashSet<string> bookRuns)
    {
        string[] runs = [.. Runs(written.Text, CopiedWords)];
        UsedName[] own = [.. written.Names.Where(name => !ProseFacts.Holds(prompt, name.Name))];
        return new WritingResult(
            sight, prompt, written.Text, written.Words, Repetition(written.Text),
            [.. own.Select(name => name.Name).Where(names.Words.Contains)],
            written.Names.Count == 0 ? null : 1 - (double)own.Count(name => !name.InBook) / written.Names.Count,
            runs.Length == 0 ? 0 : (double)runs.Count(bookRuns.Contains) / runs.Length);
    }

    private static IEnumerable<string> Runs(string text, int length)
    {
        string[] words = [.. ProseWords.Of(text).Select(word => text[word.Start..word.End].ToLowerInvariant())];
        return Enumerable.Range(0, Math.Max(0, words.Length - length + 1)).Select(i => string.Join(' ', words, i, length));
    }
}
