namespace RetrievalAttention.Documents.Pdf;

/// <summary>Collects what a person should know about how a PDF was read.</summary>
internal sealed class ReadingWarnings(string name)
{
    private readonly List<int> _pictures = [], _truncated = [], _damaged = [];
    private readonly List<string> _others = [];
    private string _damage = "";

    /// <summary>Pages that show pictures and no text, by number.</summary>
    public IReadOnlyList<int> PagesWithoutText => _pictures;

    public IReadOnlyList<string> Sentences =>
    [
        .. Sentence(_damaged, $"cannot be read and were left out ({_damage})"),
        .. Sentence(_truncated, $"print more than {GlyphPage.MaximumGlyphs} glyphs each; the rest was left out"),
        .. Sentence(_pictures, "have no text layer, only pictures, and were left out; --ocr reads them"),
        .. _others,
    ];

    public void Note(GlyphPage page)
    {
        if (page.Count == 0 && page.HasImages) _pictures.Add(page.Number);
        if (page.Truncated) _truncated.Add(page.Number);
        if (page.Damage is null) return;
        _damaged.Add(page.Number);
        _damage = page.Damage.TrimEnd('.');
    }

    public void ReadByOcr(int page) => _pictures.Remove(page);

    public void Add(string sentence) => _others.Add(sentence);

    /// <summary>Reads what stands beside the pages; where it is damaged, the pages go without it.</summary>
    public T? Beside<T>(string what, Func<T?> read) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (PdfFile.IsDamage(failure))
        {
            Add($"The file's {what} cannot be read and were left out ({failure.Message.TrimEnd('.')}).");
            return null;
        }
    }

    /// <exception cref="ProblemException">There is no text at all.</exception>
    public void CheckText(IReadOnlyList<PageLines> pages, ReadingOptions options)
    {
        if (pages.Any(page => page.Lines.Any())) return;
        string problem = (_pictures.Count, _damaged.Count, options.Ocr) switch
        {
            ( > 0, _, false) => $"{name} is a scan: its pages are pictures without a text layer. Use --ocr to read them by tesseract.",
            ( > 0, _, true) => $"{name} is a scan, and nothing could be read from its pictures. {string.Join(' ', _others)}",
            (_, > 0, _) => $"{name} is a damaged PDF: none of its pages can be read ({_damage}). Saving it to a new file in a PDF viewer may repair it.",
            _ => $"{name} holds no text: its pages are empty or only drawn.",
        };
        throw new ProblemException(ProblemKind.Document, problem.TrimEnd());
    }

    private static IEnumerable<string> Sentence(List<int> pages, string predicate) =>
        pages.Count == 0 ? [] : [$"{(pages.Count == 1 ? "Page" : "Pages")} {Ranges(pages)} {(pages.Count == 1 ? Singular(predicate) : predicate)}."];

    private static string Singular(string predicate) =>
        predicate.Replace("have ", "has ").Replace("were ", "was ").Replace("print ", "prints ").Replace(" each", "").Replace("reads them", "reads it");

    /// <summary>"1, 4–7, 9".</summary>
    private static string Ranges(List<int> pages)
    {
        var ranges = new List<string>();
        for (int i = 0; i < pages.Count; i++)
        {
            int first = pages[i];
            while (i + 1 < pages.Count && pages[i + 1] == pages[i] + 1) i++;
            ranges.Add(first == pages[i] ? $"{first}" : $"{first}–{pages[i]}");
        }
        return string.Join(", ", ranges);
    }
}
