using System.CommandLine;
using System.Globalization;
using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Documents;

namespace RetrievalAttention.App.Commands;

/// <summary>Sections with key sentences, names and terms with their places, and a picture of the book.</summary>
internal static class OutlineCommand
{
    public static Command Create()
    {
        Argument<string?> book = BookSource.Book();
        Option<string?> from = BookSource.From();
        Option<string?> library = SharedOptions.Library();
        Option<string?> image = new("--image") { Description = "Also draw the book as a strip: how central each block is, and the sections (.png or .svg).", HelpName = "FILE" };
        Option<bool> json = SharedOptions.Json();
        Command command = new("outline", SharedOptions.WithExamples(
            "Shows the sections of a book with their key sentences, word for word, and names and terms with where they first occur and where they matter.",
            "ra outline \"treasure island\"", "ra outline --from manual.pdf --json --image manual.svg"))
        {
            book, from, library, image, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(parsed.GetValue(book), parsed.GetValue(from), parsed.GetValue(library), parsed.GetValue(image), parsed.GetValue(json), cancellation),
            cancellation));
        return command;
    }

    private static int Run(string? book, string? from, string? library, string? image, bool json, CancellationToken cancellation)
    {
        if (image is not null)
        {
            BookStrip.RequireKnownFormat(image);
            WriteAccess.Require(image);
        }
        AllSettings settings = AllSettings.Load();
        BookOutline outline;
        using (ProgressLine progress = new())
        {
            Document document = BookSource.Load(settings, book, from, library, progress, cancellation);
            outline = BookOutline.Of(BookSource.Read(settings, document, sections: null, library, progress, cancellation));
        }
        if (json) Output.WriteJson(outline);
        else Write(outline);
        if (image is null) return ExitCodes.Success;
        BookStrip.Save(outline, image);
        Output.Note($"The strip is in {Path.GetFullPath(image)}.");
        return ExitCodes.Success;
    }

    private static void Write(BookOutline outline)
    {
        Output.WriteLine(outline.Title);
        foreach (OutlineSection section in outline.Sections)
        {
            string title = section.HeadingPath.Count == 0 ? "(before the first heading)" : section.HeadingPath[^1];
            string indent = new(' ', 2 * Math.Max(0, section.HeadingPath.Count - 1));
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{indent}{title} (at {100 * section.Where.Position:0} %{Page(section.Where)}, {section.Words:N0} words)"));
            foreach (SummarySentence sentence in section.KeySentences) Output.WriteLine($"{indent}  “{sentence.Text.ReplaceLineEndings(" / ")}”");
        }
        WriteNames("Names", outline.Names);
        WriteNames("Terms", outline.Terms);
    }

    private static void WriteNames(string heading, IReadOnlyList<OutlineName> names)
    {
        if (names.Count == 0) return;
        Console.Out.WriteLine();
        Table table = new(heading, "times", "first", "matters most in");
        foreach (OutlineName name in names)
        {
            table.Add(
                name.Name, name.Count.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"{100 * name.First.Position:0} %{Page(name.First)} {name.First.Section}"),
                string.Join(", ", name.Matters.Where(mention => mention.Section.Length > 0).Select(mention => $"{mention.Section} ({mention.Count})")));
        }
        table.Write();
    }

    private static string Page(Locator locator) => locator.PageLabel is null ? "" : $", page {locator.PageLabel}";
}
