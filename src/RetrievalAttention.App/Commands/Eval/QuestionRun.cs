using System.CommandLine;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands.Eval;

/// <summary>Options of measurements over a file of questions, and the walk over its documents, each read into memory first.</summary>
/// <param name="required">Whether there has to be a file of questions.</param>
internal sealed class QuestionRun(bool required = true)
{
    private readonly Option<string> _questions = new("--questions") { Description = "JSONL: document, question or question_unscoped, answers, evidence, char_offset.", HelpName = "FILE", Required = required };
    private readonly Option<string> _root = new("--root") { Description = "Folder to which the documents' paths are relative.", HelpName = "DIR", Required = required };
    private readonly Option<int?> _limit = new("--limit") { Description = "Only the first N questions.", HelpName = "N" };
    private readonly Option<int?> _each = new("--each") { Description = "Only N questions of each document, evenly over its questions.", HelpName = "N" };
    private readonly Option<string[]> _only = new("--only") { Description = "Only questions about documents whose path contains this; may be given several times.", HelpName = "PART" };
    private readonly Option<bool> _scoped = new("--scoped") { Description = "Use the wording that names the part of the document, where there are two." };
    private readonly Option<string?> _library = SharedOptions.Library();

    public Option<string?> Model { get; } = SharedOptions.Model();

    /// <exception cref="ProblemException">The file was given without its folder, or the other way round.</exception>
    public bool IsGiven(ParseResult parsed) => (parsed.GetValue(_questions) is not null, parsed.GetValue(_root) is not null) switch
    {
        (true, false) => throw new ProblemException(ProblemKind.Setting, "--questions needs --root DIR, the folder to which the documents' paths are relative."),
        (false, true) => throw new ProblemException(ProblemKind.Setting, "--root needs --questions FILE."),
        (bool both, _) => both,
    };

    /// <summary>Questions that will be asked.</summary>
    public int Count(ParseResult parsed) => Choose(parsed).Length;

    /// <summary>Documents that they are about.</summary>
    public int Documents(ParseResult parsed) => Choose(parsed).Select(question => question.Document).Distinct().Count();

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_questions, _root, _limit, _each, _only, _scoped, Model, _library]) command.Add(option);
    }

    /// <summary>Calls <paramref name="ask"/> with every chosen question; blocks can be found in its document's memory.</summary>
    /// <exception cref="ProblemException">No question has an answer and matches the selection, or evidence does not stand where the file says.</exception>
    /// <param name="shared">Shown instead of an own line, and then told about documents only, not about questions; null for an own one.</param>
    public void ForEach(
        ParseResult parsed, Session session, BlockFinder finder, Action<DocumentMemory, AnswerCase> ask, CancellationToken cancellation, IProgress<WorkProgress>? shared = null)
    {
        Question[] chosen = Choose(parsed);
        using ProgressLine own = new();
        IProgress<WorkProgress> progress = shared ?? own;
        int done = 0;
        foreach (IGrouping<string, Question> group in chosen.GroupBy(question => question.Document))
        {
            using DocumentMemory memory = Open(parsed, session, group.Key, progress, cancellation);
            finder.Prepare(memory, progress, cancellation);
            foreach (AnswerCase one in AnswerCases.Of(memory.Document, group, parsed.GetValue(_scoped)))
            {
                cancellation.ThrowIfCancellationRequested();
                if (shared is null) progress.Report(new WorkProgress("Asking", done++, chosen.Length, "questions"));
                ask(memory, one);
            }
        }
    }

    /// <summary>The same with the documents of all chosen questions on one shelf.</summary>
    /// <param name="ask">Given the shelf, the index on it of the question's document, and the question.</param>
    /// <inheritdoc cref="ForEach"/>
    public void ForEachTogether(ParseResult parsed, Session session, Action<MemoryShelf, int, AnswerCase> ask, CancellationToken cancellation)
    {
        Question[] chosen = Choose(parsed);
        IGrouping<string, Question>[] groups = [.. chosen.GroupBy(question => question.Document)];
        using ProgressLine progress = new();
        List<DocumentMemory> memories = [];
        try
        {
            foreach (IGrouping<string, Question> group in groups) memories.Add(Open(parsed, session, group.Key, progress, cancellation));
            MemoryShelf shelf = new(memories);
            int done = 0;
            foreach ((int book, IGrouping<string, Question> group) in groups.Index())
            {
                foreach (AnswerCase one in AnswerCases.Of(memories[book].Document, group, parsed.GetValue(_scoped)))
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress.Report(new WorkProgress("Asking", done++, chosen.Length, "questions"));
                    ask(shelf, book, one);
                }
            }
        }
        finally
        {
            foreach (DocumentMemory memory in memories) memory.Dispose();
        }
    }

    private DocumentMemory Open(ParseResult parsed, Session session, string path, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        Document document = session.ReadToMeasure(Path.Combine(parsed.GetRequiredValue(_root), path), progress, cancellation);
        return session.Memories(parsed.GetValue(_library)).OpenOrRead(document, session.Model, questionTokens: 0, forceRetrieval: true, progress, Output.Note, cancellation);
    }

    private Question[] Choose(ParseResult parsed)
    {
        string file = parsed.GetRequiredValue(_questions);
        string[] only = parsed.GetValue(_only) ?? [];
        IEnumerable<Question> matching = QuestionFile.Read(file)
            .Where(question => question.Answers.Count > 0 && (only.Length == 0 || only.Any(part => question.Document.Contains(part, StringComparison.OrdinalIgnoreCase))));
        if (parsed.GetValue(_each) is { } each) matching = matching.GroupBy(question => question.Document).SelectMany(group => Evenly([.. group], each));
        Question[] chosen = [.. matching.Take(parsed.GetValue(_limit) ?? int.MaxValue)];
        return chosen.Length > 0 ? chosen : throw new ProblemException(ProblemKind.NotFound, $"No question of '{file}' has an answer and matches the selection.");
    }

    private static IEnumerable<Question> Evenly(Question[] all, int count)
    {
        int taken = Math.Clamp(count, 0, all.Length);
        return Enumerable.Range(0, taken).Select(i => all[(int)((long)i * all.Length / taken)]);
    }
}
