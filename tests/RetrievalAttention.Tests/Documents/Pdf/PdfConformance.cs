using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Pdf;

namespace RetrievalAttention.Tests.Documents.Pdf;

public sealed class PdfConformance : DocumentReaderConformance
{
    protected override IDocumentReader Reader { get; } = new PdfReader();

    protected override IReadOnlyList<Specimen> Specimens =>
    [
        new(PdfFixture.PathOf("latex-multicolumn.pdf"),
            ["Two-Column Document with Lorem Ipsum", "This is a sample document with two columns", "Nam dui ligula", "Nulla malesuada porttitor diam. Donec felis erat",
             "Curabitur consectetuer.", "Suspendisse vel felis.", "luctus et ultrices posuere cubilia Curae; Pellentesque", "Suspendisse vitae elit.",
             "Country | Population (millions) | Area (km2) | Capital | Official Language\nAustria | 8.9 | 83,879 | Vienna | German"],
            ["pel-\n", "molestie vitae, placerat a, molestie nec, leo. Mae-"], 3),
        new(PdfFixture.PathOf("wikipedia-pdfjs.pdf"),
            ["PDF.js is a JavaScript library", "History and application", "browser.[9] Its implementation", "Dropbox,[19] Slack,[20] and LinkedIn Learning[21]",
             "Behavior", "graphics-heavy", "Developer(s) | Mozilla", "License | Apache License 2.0[3]"],
            [], 4),
        new(PdfFixture.PathOf("ligatures-copy-paste.pdf"), ["abcdeffffiflffifflststghijklmno"], ["\uFB00", "\uFB01"], 1),
    ];
}
