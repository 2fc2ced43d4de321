using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Documents.Markdown;

/// <summary>
/// Reads Markdown: sections from its headings, paragraphs from its blocks. The document's text is an unchanged slice of the decoded file,
/// marks included: all of it but the YAML front matter, which gives title, author and language.
/// </summary>
public sealed class MarkdownReader : IDocumentReader
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePreciseSourceLocation().UseYamlFrontMatter().UsePipeTables().UseGridTables().UseFootnotes().UseDefinitionLists().Build();

    public DocumentFormat Format => DocumentFormat.Markdown;

    public Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        SourceFile file = SourceFile.Examine(path);
        byte[] bytes = file.ReadBytes(options.MaxTextBytes, cancellation);
        DecodedText decoded = DecodedText.From(bytes, file.Path);
        cancellation.ThrowIfCancellationRequested();

        List<string> warnings = [.. decoded.Warnings];
        MarkdownDocument? parsed = Parse(decoded.Text, warnings);
        cancellation.ThrowIfCancellationRequested();
        YamlFrontMatterBlock? yaml = parsed?.OfType<YamlFrontMatterBlock>().FirstOrDefault();
        int start = yaml is null ? 0 : Math.Min(yaml.Span.End + 1, decoded.Text.Length);
        while (start > 0 && start < decoded.Text.Length && decoded.Text[start] is '\r' or '\n') start++;
        string text = decoded.Text[start..];
        if (text.AsSpan().IsWhiteSpace())
            throw new ProblemException(ProblemKind.Document, $"'{file.Path}' holds only blanks or front matter, so there is nothing to read.");

        List<TextLine> lines = TextLine.Split(text);
        MarkdownStructure structure = parsed is not null && parsed.Descendants<HeadingBlock>().Any()
            ? MarkdownStructure.Of(parsed, text, start)
            : MarkdownStructure.OfPlainText(text, lines);
        FrontMatter front = yaml is null ? FrontMatter.Find(text, lines, []) : FrontMatter.OfYaml(decoded.Text[yaml.Span.Start..start]);
        Document document = new()
        {
            Path = file.Path,
            Format = Format,
            Title = front.Title ?? structure.OwnTitle ?? System.IO.Path.GetFileNameWithoutExtension(file.Path),
            Author = front.Author,
            Language = DeclaredLanguage.CodeOf(front.Language) ?? LanguageGuess.Of(text),
            ContentHash = ContentHash.Of(bytes),
            Text = text,
            SourceOffset = start,
            SourceLine = 1 + TextLine.Split(decoded.Text[..start]).Count,
            Sections = SectionList.From(structure.Headings, text),
            Paragraphs = structure.Paragraphs,
            Warnings = warnings,
        };
        progress?.Report(new WorkProgress($"Reading {document.Title}", bytes.Length, bytes.Length, "bytes"));
        return document;
    }

    /// <summary>The parsed text; null, with a warning, where it nests deeper than the parser allows.</summary>
    private static MarkdownDocument? Parse(string text, List<string> warnings)
    {
        try
        {
            return Markdig.Markdown.Parse(text, Pipeline);
        }
        catch (ArgumentException error)
        {
            warnings.Add($"The Markdown could not be parsed ({error.Message}), so the file was read as plain text.");
            return null;
        }
    }
}
