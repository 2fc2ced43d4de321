using System.Text;
using Spectre.Console;

namespace RetrievalAttention.App.Consoles;

/// <summary>Rows under headings on stdout: fitted to a terminal, on a narrow one as a paragraph a row; one line per row when redirected. A column without a cell is left out.</summary>
public sealed class Table(params IReadOnlyList<string> headings)
{
    private const int RedirectedWidth = 4000;

    /// <summary>Columns of a terminal below which a table that does not fit becomes unreadable.</summary>
    private const int NarrowWidth = 80;

    private const int Gap = 2;

    private readonly List<IReadOnlyList<string>> _rows = [];

    public void Add(params IReadOnlyList<string> cells) => _rows.Add(cells);

    public void Write()
    {
        int[] columns = [.. Enumerable.Range(0, headings.Count).Where(column => _rows.Count == 0 || _rows.Any(row => row[column].Length > 0))];
        if (Console.IsOutputRedirected)
        {
            using StringWriter text = new();
            WriteTable(text, columns, RedirectedWidth);
            foreach (string line in text.ToString().TrimEnd().Split('\n')) Console.Out.WriteLine(line.TrimEnd());
            return;
        }
        int width = AnsiConsole.Profile.Width, wanted = columns.Sum(column => Gap + _rows.Append(headings).Max(row => row[column].Length));
        if (width < NarrowWidth && wanted > width) WriteParagraphs(columns);
        else WriteTable(Console.Out, columns, width);
    }

    private void WriteTable(TextWriter target, IReadOnlyList<int> columns, int width)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(target),
            Ansi = Output.Colours ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = width;
        Spectre.Console.Table table = new() { Border = TableBorder.None };
        foreach (int column in columns) table.AddColumn(new TableColumn(new Text(headings[column], new Style(decoration: Decoration.Bold))) { Padding = new Padding(0, 0, Gap, 0) });
        foreach (IReadOnlyList<string> row in _rows) table.AddRow(columns.Select(column => new Text(Printable(row[column]))));
        console.Write(table);
    }

    /// <summary>The first cell, and below it every other one behind its heading.</summary>
    private void WriteParagraphs(IReadOnlyList<int> columns)
    {
        foreach (IReadOnlyList<string> row in _rows)
        {
            Console.Out.WriteLine(Printable(row[columns[0]]));
            foreach (int column in columns.Skip(1).Where(column => row[column].Length > 0)) Console.Out.WriteLine($"  {headings[column]}: {Printable(row[column])}");
        }
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
