using System.Text;
using Spectre.Console;

namespace RetrievalAttention.App.Consoles;

/// <summary>Rows under headings on stdout: fitted to a terminal, one line per row when redirected.</summary>
public sealed class Table(params IReadOnlyList<string> headings)
{
    private const int RedirectedWidth = 4000;

    private readonly List<IReadOnlyList<string>> _rows = [];

    public void Add(params IReadOnlyList<string> cells) => _rows.Add(cells);

    public void Write()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Out),
            Ansi = Output.Colours ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        if (Console.IsOutputRedirected) console.Profile.Width = RedirectedWidth;
        Spectre.Console.Table table = new() { Border = TableBorder.None };
        foreach (string heading in headings) table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))) { Padding = new Padding(0, 0, 2, 0) });
        foreach (IReadOnlyList<string> row in _rows) table.AddRow(row.Select(cell => new Text(Printable(cell))));
        console.Write(table);
    }

    /// <summary>Control characters as pictures, so that a file name or a document cannot break the table or speak to the terminal.</summary>
    /// <param name="lines">Leave line breaks and tabs.</param>
    public static string Printable(string text, bool lines = false)
    {
        if (!text.Any(char.IsControl)) return text;
        StringBuilder printable = new(text.Length);
        foreach (char c in lines ? text.ReplaceLineEndings("\n") : text) printable.Append(lines && c is '\n' or '\t' ? c : c < ' ' ? (char)('␀' + c) : char.IsControl(c) ? '�' : c);
        return printable.ToString();
    }
}
