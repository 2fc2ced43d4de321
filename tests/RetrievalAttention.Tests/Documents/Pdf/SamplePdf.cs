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

    public sealed class Setter(PdfPageBuilder page, PdfDocumentBuilder.AddedFont font)
    {
        public void At(double x, double y, string text, double size = 10) => page.AddText(text, size, new PdfPoint(x, y), font);

        public void Lines(double x, double y, params string[] lines)
        {
            for (int i = 0; i < lines.Length; i++) At(x, y - i * Leading, lines[i]);
        }
    }
}
