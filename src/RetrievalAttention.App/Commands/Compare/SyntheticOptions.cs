using System.CommandLine;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Evaluation.Comparison;
using RetrievalAttention.Evaluation.Comparison.Synthetic;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands.Compare;

/// <summary>Options of questions that are made up, and the walk over the texts in which they are hidden.</summary>
internal sealed class SyntheticOptions
{
    private const int ShortestHaystack = 1_000;
    private const int LongestHaystack = 10_000_000;

    private readonly Option<string?> _book = new("--synthetic") { Description = $"Hide sentences in this book and ask for them: {string.Join(", ", SyntheticTasks.All.Select(task => task.Name))}.", HelpName = "BOOK" };
    private readonly Option<string> _lengths = new("--lengths") { Description = "Tokens of the texts in which they are hidden; a shorter book is repeated.", HelpName = "N,N", DefaultValueFactory = _ => "1000,4000" };
    private readonly Option<int> _samples = new("--samples") { Description = "Texts of each length; each is asked one question a task.", HelpName = "N", DefaultValueFactory = _ => 5 };
    private readonly Option<int> _seed = new("--seed") { Description = "Of what is hidden where.", HelpName = "N", DefaultValueFactory = _ => 1 };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_book, _lengths, _samples, _seed]) command.Add(option);
    }

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_book) is not null;

    /// <summary>Questions that will be asked.</summary>
    public int Count(ParseResult parsed) => Lengths(parsed).Count * Samples(parsed) * SyntheticTasks.All.Count;

    /// <summary>Asks about every text. What was read of a text is removed when its questions are answered: cells are kept, not memories.</summary>
    public void Ask(ParseResult parsed, Session session, BlockFinder finder, ComparisonRun comparison, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        int seed = parsed.GetValue(_seed);
        Haystack haystack = new(Session.Read(session.Settings, parsed.GetValue(_book)!, progress, cancellation), session.Model.Tokenizer, Lengths(parsed)[^1]);
        MemoryStore memories = new(Path.Combine(session.Settings.Library.Root, "comparison"), session.Settings.Memory);
        foreach (int length in Lengths(parsed))
        {
            for (int sample = 0; sample < Samples(parsed); sample++)
            {
                HiddenNeedles hidden = haystack.Hide(SyntheticTasks.All, length, sample, seed);
                DocumentMemory? memory = null;
                DocumentMemory Open()
                {
                    if (memory is not null) return memory;
                    memory = memories.OpenOrRead(hidden.Document, session.Model, 0, forceRetrieval: true, progress, Output.Note, cancellation);
                    finder.Prepare(memory, progress, cancellation);
                    return memory;
                }

                try
                {
                    foreach ((AnswerCase asked, QuestionKind kind) in hidden.Questions) comparison.Ask(hidden.Document, asked, kind, Open, cancellation);
                }
                finally
                {
                    memory?.Dispose();
                }
                memories.Remove(hidden.Document);
            }
        }
    }

    private IReadOnlyList<int> Lengths(ParseResult parsed) => CompareCommand.Numbers("--lengths", parsed.GetRequiredValue(_lengths), ShortestHaystack, LongestHaystack);

    private int Samples(ParseResult parsed)
    {
        int samples = parsed.GetValue(_samples);
        return samples >= 1 ? samples : throw new ProblemException(ProblemKind.Setting, $"--samples is {samples}; expected at least 1.");
    }
}
