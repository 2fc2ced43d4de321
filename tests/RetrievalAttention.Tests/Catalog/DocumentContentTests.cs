using System.Text.Json;
using CsCheck;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;

namespace RetrievalAttention.Tests.Catalog;

public class DocumentContentTests
{
    private static readonly Gen<Document> Documents =
        from text in Gen.String[0, 300]
        from cut in Gen.Int[0, 300]
        from title in Gen.String[1, 20]
        from author in Gen.OneOf(Gen.Const((string?)null), Gen.String[1, 10])
        from format in Gen.Enum<RetrievalAttention.Documents.DocumentFormat>()
        from offset in Gen.OneOf(Gen.Const((int?)null), Gen.Int[0, 1000].Select(i => (int?)i))
        let half = Math.Min(cut, text.Length)
        select new Document
        {
            Path = "/books/a.txt",
            Format = format,
            Title = title.Replace('\0', ' '),
            Author = author?.Replace('\0', ' '),
            Language = "de",
            ContentHash = new string('a', 64),
            Text = text,
            SourceOffset = offset,
            SourceLine = offset is null ? null : 7,
            Sections = [new Section([], 0, half), new Section(["Teil \"1\"", "Kapitel › 2"], half, text.Length)],
            Paragraphs = [new Paragraph(0, half, ParagraphKind.Verse), new Paragraph(half, text.Length, ParagraphKind.Footnote)],
            Pages = [new PageSpan(1, "iv", 0, half), new PageSpan(2, "5", half, text.Length)],
            Warnings = ["Page 3 has no text layer.", "Zeile\nzwei."],
        };

    [Fact]
    public void WhatIsStoredLoadsEqualInEveryProperty()
    {
        using TemporaryLibrary temporary = new();
        long id = temporary.Register("a.txt", "content").Document;
        int examined = 0;
        Documents.Sample(
            stored =>
            {
                Document document = stored with { ContentHash = TemporaryLibrary.HashOf("content"), Path = Path.Combine(temporary.Files, "a.txt") };
                temporary.Library.Database.Write(connection => DocumentContent.Store(connection, id, document));
                Document loaded = temporary.Library.LoadDocument(id);
                examined++;
                // Halves of surrogate pairs are no characters; UTF-8 cannot hold them, but offsets stay true.
                return loaded.Text.Length == document.Text.Length && JsonSerializer.Serialize(loaded) == JsonSerializer.Serialize(document);
            },
            iter: 200, threads: 1, seed: "0000DocContent1");
        Assert.True(examined >= 200, $"examined {examined} documents");
    }

    [Fact]
    public void ADocumentThatWasNotReadYetSaysSo()
    {
        using TemporaryLibrary temporary = new();
        long id = temporary.Register("a.txt", "content").Document;
        ProblemException problem = Assert.Throws<ProblemException>(() => temporary.Library.LoadDocument(id));
        Assert.Equal(ProblemKind.NotFound, problem.Kind);
        Assert.Contains("not read yet", problem.Message, StringComparison.Ordinal);
        Assert.Throws<ProblemException>(() => temporary.Library.LoadDocument(id + 1));
    }
}
