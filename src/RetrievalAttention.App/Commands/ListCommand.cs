using System.CommandLine;
using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.App.Commands;

/// <summary>What is in the library.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("list", SharedOptions.WithExamples("Lists the books of the library and how far each has come.", "ra list", "ra list --library papers --json"))
        {
            library, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(library), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string? name, bool json)
    {
        using Library library = AllSettings.Load().OpenLibrary(name);
        IReadOnlyList<CatalogDocument> documents = library.Documents.List();
        if (json) Output.WriteJson(new { documents = documents.Select(ToJson) });
        else if (documents.Count == 0) Output.Note($"The library '{library.Name}' is empty. Add books: ra ingest FOLDER");
        else WriteTable(documents);
        return ExitCodes.Success;
    }

    private static object ToJson(CatalogDocument document) => new
    {
        document.Id,
        document.Title,
        document.Author,
        document.Path,
        stage = StageNames.Reached(document),
        document.Tokens,
        document.Pages,
        document.Warnings,
        document.Problem,
    };

    private static void WriteTable(IReadOnlyList<CatalogDocument> documents)
    {
        Table table = new("Title", "Author", "Stage", "Tokens", "Pages", "Notes");
        foreach (CatalogDocument d in documents)
        {
            string notes = d.Problem ?? (d.Warnings.Count == 0 ? "" : $"{d.Warnings.Count} warning{(d.Warnings.Count == 1 ? "" : "s")}, see 'ra show'");
            table.Add(d.Title, d.Author ?? "", StageNames.Of(d), Number(d.Tokens), d.Pages == 0 ? "" : Number(d.Pages), notes);
        }
        table.Write();
    }

    private static string Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "";
}
