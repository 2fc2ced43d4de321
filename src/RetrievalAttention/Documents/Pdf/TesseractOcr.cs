using System.Globalization;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Optical character recognition by tesseract on pages rendered by pdftoppm; both are started with argument lists, never by a shell.</summary>
internal sealed class TesseractOcr
{
    public const string HowToInstall =
        "--ocr needs the programs pdftoppm and tesseract, which were not found on the PATH. Debian and Ubuntu: apt install poppler-utils tesseract-ocr; "
        + "macOS: brew install poppler tesseract; Windows: install both and add their folders to PATH.";

    /// <summary>Dots per inch; below 200 tesseract misreads small print.</summary>
    private const int Resolution = 300;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(120);

    private readonly string _pdfPath;
    private readonly string? _password;
    private readonly string _renderer;
    private readonly string _recogniser;
    private readonly string _language;
    private readonly Action _waiting;

    private TesseractOcr(string pdfPath, string? password, string renderer, string recogniser, string language, Action waiting)
    {
        _pdfPath = pdfPath;
        _password = password;
        _renderer = renderer;
        _recogniser = recogniser;
        _language = language;
        _waiting = waiting;
    }

    /// <summary>Null when one of the programs is missing.</summary>
    /// <param name="waiting">Called again and again while one of the programs runs, for a page may take them minutes.</param>
    public static TesseractOcr? Find(string pdfPath, string? password, string? language, Action waiting)
    {
        string? renderer = ExternalProgram.OnPath("pdftoppm");
        string? recogniser = ExternalProgram.OnPath("tesseract");
        if (renderer is null || recogniser is null) return null;
        return new TesseractOcr(pdfPath, password, renderer, recogniser, LanguageFor(recogniser, language, waiting), waiting);
    }

    /// <summary>Tesseract's table of the words of one page; null when it cannot be made.</summary>
    /// <param name="problem">A sentence that says what went wrong; empty when nothing did.</param>
    public string? Read(int page, CancellationToken cancellation, out string problem)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ra-ocr-");
        try
        {
            string picture = Path.Combine(folder.FullName, "page");
            string number = page.ToString(CultureInfo.InvariantCulture);
            string[] password = _password is null ? [] : ["-upw", _password];
            ExternalProgram.Result rendered = ExternalProgram.Run(
                _renderer, ["-r", $"{Resolution}", "-f", number, "-l", number, "-gray", "-png", "-singlefile", .. password, _pdfPath, picture], TimeLimit, cancellation, _waiting);
            if (!rendered.Succeeded)
            {
                problem = $"Page {page} could not be drawn by pdftoppm: {rendered.Problem}.";
                return null;
            }
            ExternalProgram.Result recognised = ExternalProgram.Run(
                _recogniser, [picture + ".png", "stdout", "-l", _language, "--dpi", $"{Resolution}", "tsv"], TimeLimit, cancellation, _waiting);
            problem = recognised.Succeeded ? "" : $"Page {page} could not be read by tesseract: {recognised.Problem}.";
            return recognised.Succeeded ? recognised.Output : null;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// The lines of one page, one list per block of text; empty where nothing was recognised.
    /// Tesseract's table has one row a word: level, page, block, paragraph, line, word, left, top, width, height, confidence, text; level 5 is a word, lengths are pixels.
    /// </summary>
    internal static List<List<TextLine>> Lines(string table, int page, float height)
    {
        var words = new List<(string Block, string Line, float Left, float Right, float Bottom, float Height, string Text)>();
        const float toPoints = 72f / Resolution;
        foreach (string row in table.Split('\n').Skip(1))
        {
            string[] fields = row.TrimEnd('\r').Split('\t');
            if (fields.Length < 12 || fields[0] != "5" || string.IsNullOrWhiteSpace(fields[11])) continue;
            float left = Number(fields[6]) * toPoints, top = Number(fields[7]) * toPoints;
            float width = Number(fields[8]) * toPoints, wordHeight = Number(fields[9]) * toPoints;
            words.Add((fields[2], $"{fields[2]}.{fields[3]}.{fields[4]}", left, left + width, height - top - wordHeight, wordHeight, GlyphText.Repair(fields[11])));
        }
        List<List<TextLine>> regions = [];
        foreach (var block in words.GroupBy(word => word.Block))
        {
            float size = block.Select(word => word.Height).Order().ElementAt(block.Count() / 2);
            regions.Add([.. block.GroupBy(word => word.Line).Select(line => ToLine([.. line.Select(word => (new TextLine.Word(word.Text, word.Left, word.Right), word.Bottom))], page, size))]);
        }
        return regions;
    }

    private static TextLine ToLine(List<(TextLine.Word Word, float Bottom)> words, int page, float size) => new()
    {
        Page = page,
        Text = string.Join(' ', words.Select(word => word.Word.Text)),
        Words = words.ConvertAll(word => word.Word),
        Baseline = words.Select(word => word.Bottom).Order().ElementAt(words.Count / 2),
        Size = size,
    };

    private static float Number(string field) => float.TryParse(field, CultureInfo.InvariantCulture, out float value) ? value : 0;

    /// <summary>The document's language where tesseract has it, else English, else whatever it has.</summary>
    private static string LanguageFor(string recogniser, string? language, Action waiting)
    {
        ExternalProgram.Result list = ExternalProgram.Run(recogniser, ["--list-langs"], TimeLimit, CancellationToken.None, waiting);
        string[] installed = [.. list.Output.Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0 && line != "osd")];
        string wanted = language is null ? "" : ThreeLetterCode(language);
        return installed.Contains(wanted) ? wanted : installed.Contains("eng") || installed.Length == 0 ? "eng" : installed[0];
    }

    private static string ThreeLetterCode(string language)
    {
        try
        {
            return CultureInfo.GetCultureInfo(language).ThreeLetterISOLanguageName;
        }
        catch (CultureNotFoundException)
        {
            return "";
        }
    }
}
