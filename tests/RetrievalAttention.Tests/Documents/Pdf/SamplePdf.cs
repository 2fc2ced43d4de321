using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace RetrievalAttention.Tests.Documents.Pdf;

/// <summary>Makes PDFs of which every position is known. Text is set in 10 point Times, 12 points apart.</summary>
internal static class SamplePdf
{
    public const double Left = 72;
    public const double Top = 740;
    private const double Leading = 12;

    public static byte[] Make(int pages, Action<int, Setter> set)
    {
        using var builder = new PdfDocumentBuilder();
        PdfDocumentBuilder.AddedFont font = builder.AddStandard14Font(Standard14Font.TimesRoman);
        for (int number = 1; number <= pages; number++) set(number, new Setter(builder.AddPage(PageSize.A4), font));
        return builder.Build();
    }

    /// <summary>A file of one page with a line of text, made by hand, so that parts beside the page can be damaged.</summary>
    /// <param name="catalog">Entries added to the catalog.</param>
    /// <param name="font">Entries of the page's font.</param>
    /// <param name="objects">Further objects, from number 6 on.</param>
    public static byte[] ByHand(string catalog = "", string font = "/Subtype /Type1 /BaseFont /Helvetica", string trailer = "", params string[] objects)
    {
        const string Content = "BT /F 12 Tf 72 700 Td (Hello, world!) Tj ET";
        string[] all =
        [
            $"<< /Type /Catalog /Pages 2 0 R {catalog} >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
            $"<< /Length {Content.Length} >>\nstream\n{Content}\nendstream", $"<< /Type /Font {font} >>", .. objects,
        ];
        return System.Text.Encoding.Latin1.GetBytes(
            $"%PDF-1.4\n{string.Concat(all.Select((content, i) => $"{i + 1} 0 obj\n{content}\nendobj\n"))}trailer\n<< /Size {all.Length + 1} /Root 1 0 R {trailer} >>\nstartxref\n0\n%%EOF\n");
    }

    public sealed class Setter(PdfPageBuilder page, PdfDocumentBuilder.AddedFont font)
    {
        public void At(double x, double y, string text, double size = 10) => page.AddText(text, size, new PdfPoint(x, y), font);

        public void Lines(double x, double y, params string[] lines)
        {
            for (int i = 0; i < lines.Length; i++) At(x, y - i * Leading, lines[i]);
        }
    }
}
