using System.CommandLine;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.App.Commands;

/// <summary>Takes a book out of the library.</summary>
internal static class RemoveCommand
{
    public static Command Create()
    {
        Argument<string> book = SharedOptions.Book();
        Option<string?> library = SharedOptions.Library();
        Command command = new("remove", SharedOptions.WithExamples(
            "Removes a book from the library with everything computed from it. The file itself is not touched.", "ra remove \"treasure island\""))
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
        library.Remove(document.Id);
        Output.Note($"Removed '{Table.Printable(document.Title)}' ({Table.Printable(document.Path)}). The file itself is still where it was.");
        return ExitCodes.Success;
    }
}
