namespace RetrievalAttention.Documents.PlainText;

/// <summary>
/// Reads plain text of any encoding. The document's text is an unchanged slice of the decoded file: all of it, or what stands between
/// Project Gutenberg's first and last words.
/// </summary>
public sealed class PlainTextReader : IDocumentReader
{
    public DocumentFormat Format => DocumentFormat.Text;

    public Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        SourceFile file = SourceFile.Examine(path);
        byte[] bytes = file.ReadBytes(options.MaxTextBytes, cancellation);
        DecodedText decoded = DecodedText.From(bytes, file.Path);
        cancellation.ThrowIfCancellationRequested();

        GutenbergFrame frame = GutenbergFrame.Find(decoded.Text);
        string text = decoded.Text[frame.BodyStart..frame.BodyEnd];
        if (text.AsSpan().IsWhiteSpace())
            throw new ProblemException(ProblemKind.Document, $"'{file.Path}' holds only blanks, so there is nothing to read.");

        List<TextLine> lines = TextLine.Split(text);
        List<Heading> headings = HeadingFinder.Find(text, lines);
        cancellation.ThrowIfCancellationRequested();
        FrontMatter front = FrontMatter.Find(text, lines, headings);
        Document document = new()
        {
            Path = file.Path,
            Format = Format,
            Title = frame.Title ?? front.Title ?? System.IO.Path.GetFileNameWithoutExtension(file.Path),
            Author = frame.Author ?? front.Author,
            Language = DeclaredLanguage.CodeOf(frame.Language ?? front.Language) ?? LanguageGuess.Of(text),
            ContentHash = ContentHash.Of(bytes),
            Text = text,
            SourceOffset = frame.BodyStart,
            SourceLine = 1 + TextLine.Split(decoded.Text[..frame.BodyStart]).Count,
            Sections = SectionList.From([.. headings.Select(heading => (lines[heading.FirstLine].Start, heading.Rank, heading.Title))], text),
            Paragraphs = ParagraphFinder.Find(text, lines, headings),
            Warnings = decoded.Warnings,
        };
        progress?.Report(new WorkProgress($"Reading {document.Title}", bytes.Length, bytes.Length, "bytes"));
        return document;
    }
}
