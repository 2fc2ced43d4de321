using System.CommandLine;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.App.Commands;

/// <summary>Puts a failed book back in the queue.</summary>
internal static class RetryCommand
{
    public static Command Create()
    {
        Argument<string> book = SharedOptions.Book();
        Option<string?> library = SharedOptions.Library();
        Command command = new("retry", SharedOptions.WithExamples(
            "Lets work on a book that failed be tried again, by the background service or the next 'ra ingest'.", "ra retry \"scanned paper\""))
        {
            book, library,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(book), parsed.GetValue(library)));
        return command;
    }

    private static int Run(string book, string? name)
    {
        using Library library = AllSettings.Load().OpenLibrary(name);
        CatalogDocument document = library.Documents.Find(book);
        string title = Table.Printable(document.Title);
        Output.Note(library.Jobs.Retry(document.Id) > 0
            ? $"'{title}' is in the queue again. The background service takes it; or run 'ra ingest' on its file."
            : $"Nothing about '{title}' has failed, so there is nothing to try again.");
        return ExitCodes.Success;
    }
}
