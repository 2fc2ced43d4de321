using System.Globalization;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace RetrievalAttention.Documents.Pdf;

/// <summary>Labels that a file declares for its pages: "iv", "12", "A-3" (ISO 32000-1, 12.4.2).</summary>
internal static class PageLabels
{
    private const int DeepestTree = 32;

    private sealed record Range(int FirstPage, string Style, string Prefix, int Start);

    /// <summary>One label a page; the page's number where the file declares none.</summary>
    public static string[] Read(PdfDocument document)
    {
        var ranges = new List<Range>();
        IPdfTokenScanner scanner = document.Structure.TokenScanner;
        if (Resolve(document.Structure.Catalog.CatalogDictionary, "PageLabels", scanner) is DictionaryToken tree) Collect(tree, scanner, ranges, 0);
        ranges.Sort((a, b) => a.FirstPage.CompareTo(b.FirstPage));

        var labels = new string[document.NumberOfPages];
        for (int page = 0; page < labels.Length; page++)
        {
            Range? range = ranges.FindLast(range => range.FirstPage <= page);
            string label = range is null ? "" : range.Prefix + Counted(range.Style, range.Start + page - range.FirstPage);
            labels[page] = label.Length > 0 ? label : (page + 1).ToString(CultureInfo.InvariantCulture);
        }
        return labels;
    }

    /// <summary>The pages' numbers.</summary>
    public static string[] Plain(int pages) => [.. Enumerable.Range(1, pages).Select(page => page.ToString(CultureInfo.InvariantCulture))];

    private static void Collect(DictionaryToken node, IPdfTokenScanner scanner, List<Range> ranges, int depth)
    {
        if (depth == DeepestTree) return;
        if (Resolve(node, "Kids", scanner) is ArrayToken kids)
        {
            foreach (IToken kid in kids.Data)
            {
                if (Resolve(kid, scanner) is DictionaryToken child) Collect(child, scanner, ranges, depth + 1);
            }
        }
        if (Resolve(node, "Nums", scanner) is not ArrayToken numbers) return;
        for (int i = 0; i + 1 < numbers.Data.Count; i += 2)
        {
            if (Resolve(numbers.Data[i], scanner) is not NumericToken page || Resolve(numbers.Data[i + 1], scanner) is not DictionaryToken label) continue;
            ranges.Add(new Range(
                page.Int,
                (Resolve(label, "S", scanner) as NameToken)?.Data ?? "",
                (Resolve(label, "P", scanner) as IDataToken<string>)?.Data ?? "",
                (Resolve(label, "St", scanner) as NumericToken)?.Int ?? 1));
        }
    }

    private static IToken? Resolve(DictionaryToken dictionary, string key, IPdfTokenScanner scanner) =>
        dictionary.Data.TryGetValue(key, out IToken? value) ? Resolve(value, scanner) : null;

    private static IToken? Resolve(IToken token, IPdfTokenScanner scanner) =>
        token is IndirectReferenceToken reference ? scanner.Get(reference.Data)?.Data : token;

    private static string Counted(string style, int number) => style switch
    {
        "D" => number.ToString(CultureInfo.InvariantCulture),
        "r" => WrittenNumber.Roman(number).ToLowerInvariant(),
        "R" => WrittenNumber.Roman(number),
        "a" => WrittenNumber.Letters(number).ToLowerInvariant(),
        "A" => WrittenNumber.Letters(number),
        _ => "",
    };
}
