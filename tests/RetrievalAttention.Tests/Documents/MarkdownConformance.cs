using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Markdown;

namespace RetrievalAttention.Tests.Documents;

public sealed class MarkdownConformance : DocumentReaderConformance
{
    private const string Page = """
        ---
        title: "On Gardens"
        author: Ann Author
        language: en
        ---

        Before all headings.

        # Soil *and* `rain`

        Clay holds
        water.

        | Kind | Drains |
        |------|--------|
        | clay | slowly |

        - first item
          goes on
        - second item

        ## Tools

        > A spade  
        > is a spade.

        ```python
        # not a heading
        dig()
        ```

        A claim.[^1]

        [^1]: The note.

        [link]: https://example.org

        Setext
        ======

        The end.
        """;

    protected override IDocumentReader Reader { get; } = new MarkdownReader();

    protected override IReadOnlyList<Specimen> Specimens =>
    [
        new(Fixture("summer-cut.md"), ["Title: Summer", "Author: Edith Wharton", "##  I\n", "A girl came out of lawyer Royall's house", "##  II"], [], 5),
        new(Folder.Write("garden.md", Page),
            ["Before all headings.", "# Soil *and* `rain`", "Clay holds water.", "| clay | slowly |", "- first item goes on", "- second item", "> A spade\n> is a spade.",
             "```python\n# not a heading\ndig()\n```", "A claim.", "The note.", "example.org", "Setext", "The end."],
            ["Ann Author", "On Gardens"], 4),
    ];

    [Fact]
    public void FrontMatterNamesTheDocumentAndHeadingsNest()
    {
        Document document = Read(Folder.Write("garden.md", Page));
        Assert.Equal(("On Gardens", "Ann Author", "en"), (document.Title, document.Author, document.Language));
        Assert.Equal(["", "Soil and rain", "Soil and rain › Tools", "Setext"], document.Sections.Select(section => string.Join(" › ", section.HeadingPath)));
        Assert.Equal(ParagraphKind.Table, KindOf("| Kind"));
        Assert.Equal(ParagraphKind.Code, KindOf("```python"));
        Assert.Equal(ParagraphKind.Footnote, KindOf("[^1]: The note"));

        ParagraphKind KindOf(string start) => document.Paragraphs.Single(paragraph => document.Text.AsSpan(paragraph.Start).StartsWith(start)).Kind;
    }

    [Fact]
    public void NestingTooDeepForTheParserIsReadAsPlainText()
    {
        Document document = Read(Folder.Write("deep.md", new string('>', 5000) + " the bottom\n\nEnough."));
        Assert.Contains("the bottom", document.Text);
        Assert.EndsWith("read as plain text.", Assert.Single(document.Warnings));
    }
}
