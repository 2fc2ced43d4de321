using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Chat;
using RetrievalAttention.Answering.Finding;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;

namespace RetrievalAttention.App.Commands.Chat;

/// <summary>Reads lines until the end: questions, which are answered with what was said before, and commands, which begin with "/".</summary>
/// <param name="json">One JSON object a question on stdout, everything else on stderr.</param>
internal sealed class ChatLoop(Session session, ChatBooks books, Asking asking, Interrupts interrupts, ProgressLine progress, bool json)
{
    private const int ShownSources = 1;

    private const string Help = """
        Ask in your own words; earlier questions and answers are taken into account.
          /sources      what the last answer looked at
          /book NAME    talk about another book of the library; the conversation begins anew
          /book         talk about the whole library
          /save FILE    write the conversation with its sources as Markdown
          /help         this list
          /quit         end
        """;

    private readonly Conversation _conversation = new();
    private readonly Transcript _transcript = new();
    private readonly bool _terminal = !Console.IsInputRedirected;
    private bool _toldDropped;

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        Output.Note($"Talking about {books.Title ?? "the library"}. /help lists commands, /quit ends.");
        while (await ReadLineAsync() is { } line)
        {
            interrupts.Forget();
            string text = line.Trim();
            if (text.Length == 0) continue;
            if (text is "/quit") return ExitCodes.Success;
            Guarded(text, () =>
            {
                if (text[0] == '/') Command(text);
                else Ask(text);
            });
            if (interrupts.End.IsCancellationRequested) break;
        }
        return interrupts.End.IsCancellationRequested ? ExitCodes.Cancelled : ExitCodes.Success;
    }

    /// <summary>Null at the end of the input, or when the conversation was ended.</summary>
    private async Task<string?> ReadLineAsync()
    {
        if (_terminal) Console.Error.Write("> ");
        try
        {
            // A read from a terminal cannot be stopped; it is left behind.
            return await Task.Run(Console.In.ReadLine).WaitAsync(interrupts.End);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>What goes wrong with one line is told, and the next one may do better.</summary>
    private void Guarded(string line, Action action)
    {
        try
        {
            action();
        }
        catch (OperationCanceledException)
        {
            progress.Dispose();
            Tell(line, "Stopped.");
        }
        catch (ProblemException problem)
        {
            progress.Dispose();
            Tell(line, problem.Message);
        }
    }

    private void Tell(string line, string error)
    {
        if (json && line[0] != '/') Console.Out.WriteLine(Output.JsonLine(new { question = line, error }));
        else if (!json) Console.Out.WriteLine();
        Output.Note(error);
    }

    private void Ask(string text)
    {
        if (text.Length > PassageSearch.LongestQuery)
        {
            throw new ProblemException(ProblemKind.Setting,
                $"The question has {text.Length:N0} characters; at most {PassageSearch.LongestQuery:N0} can be answered. To ask about a long text, put it in a file: ra chat --from FILE");
        }
        UserQuestion question = _conversation.Ask(text);
        interrupts.Run(cancellation =>
        {
            Asked asked = asking.Ask(books.For(question.Search, progress, cancellation), question, json ? null : Output.Write, progress, cancellation);
            _conversation.Add(question, asked.Answer.Text);
            _transcript.Add(text, asked.Answer);
            if (json) Console.Out.WriteLine(Output.JsonLine(AnswerOutput.ToJson(asked, session, question)));
            else AnswerOutput.WriteRest(asked.Answer, ShownSources);
            if (_toldDropped || asked.Answer.EarlierTurns == question.Earlier.Count) return;
            _toldDropped = true;
            Output.Note("(The conversation has become longer than the model can look at: the oldest questions and answers are no longer taken into account.)");
        });
    }

    private void Command(string line)
    {
        string[] parts = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string argument = parts.Length > 1 ? parts[1] : "";
        switch (parts[0])
        {
            case "/help":
                Output.Note(Help);
                break;
            case "/sources" when _transcript.Last is null:
                Output.Note("There is no answer yet.");
                break;
            case "/sources" when json:
                Output.Note("The sources stand in the answer's JSON.");
                break;
            case "/sources" when _transcript.Last is { Sources.Count: 0 }:
                Output.Note("The last answer has no sources.");
                break;
            case "/sources":
                SourceText.Write(_transcript.Last.Sources);
                break;
            case "/book":
                interrupts.Run(cancellation =>
                {
                    if (argument.Length > 0) books.UseBook(argument, progress, cancellation);
                    else books.UseLibrary();
                });
                _conversation.Clear();
                Output.Note($"Talking about {books.Title ?? "the library"}.");
                break;
            case "/save" when argument.Length == 0:
                Output.Note("Name the file: /save FILE");
                break;
            case "/save":
                _transcript.Save(argument);
                Output.Note($"Saved: {Path.GetFullPath(argument)}");
                break;
            default:
                Output.Note($"There is no command {Table.Printable(parts[0])}. /help lists them.");
                break;
        }
    }
}
