namespace RetrievalAttention.Documents.Pdf;

/// <summary>Lines that make one paragraph, table, listing or footnote; body paragraphs may reach over a page's end.</summary>
internal sealed record Block(ParagraphKind Kind, List<TextLine> Lines)
{
    public int LastPage => Lines[^1].Page;
}
