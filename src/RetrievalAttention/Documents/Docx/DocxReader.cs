using System.Xml;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;

namespace RetrievalAttention.Documents.Docx;

/// <summary>
/// Reads Word documents: headings by outline level, lists with their numbers, tables as rows, footnotes after the paragraph that cites them.
/// Text deleted under tracked changes, hidden text and field codes are left out. Nothing outside of the file is ever loaded.
/// </summary>
public sealed class DocxReader : IDocumentReader
{
    public DocumentFormat Format => DocumentFormat.Docx;

    public Document Read(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        SourceFile file = SourceFile.Examine(path);
        file.RefuseEmpty();
        // Opened first for its guards: the package below would unpack a bomb.
        using (DocumentArchive archive = new(file, options.MaxUnpackedBytes)) RefuseEntities(archive, cancellation);
        DocumentBuilder builder = new();
        try
        {
            using FileStream stream = SourceFile.Open(file.Path);
            using WordprocessingDocument word = WordprocessingDocument.Open(stream, isEditable: false, new OpenSettings { MaxCharactersInPart = options.MaxUnpackedBytes });
            if (word.MainDocumentPart?.Document?.Body is not { } body)
                throw new ProblemException(ProblemKind.Document, $"'{file.Path}' is a DOCX without a main text. Save it again with the program that made it.");
            new DocxText(word.MainDocumentPart, builder, progress, $"Reading {Path.GetFileName(path)}", cancellation).AddBody(body);
            return builder.Build(file, Format, ContentHash.OfFile(file.Path, cancellation), word.PackageProperties.Title, word.PackageProperties.Creator, word.PackageProperties.Language);
        }
        // The last two are how the library answers parts that contradict each other and attribute values that do not exist.
        catch (Exception error) when (error is XmlException or InvalidDataException or OpenXmlPackageException or FormatException or FileFormatException
            or InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw new ProblemException(ProblemKind.Document, $"'{file.Path}' is a damaged DOCX ({error.Message}). Save it again with the program that made it.", error);
        }
    }

    /// <summary>A Word document needs no document type; one that has it was made to load files or to burst.</summary>
    private static void RefuseEntities(DocumentArchive archive, CancellationToken cancellation)
    {
        foreach (string name in archive.Names.Where(name => name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".rels", StringComparison.OrdinalIgnoreCase)))
        {
            byte[] bytes = archive.Read(name, cancellation);
            ReadOnlySpan<byte> head = bytes.AsSpan(0, Math.Min(bytes.Length, 4096));
            if (head.IndexOf("<!DOCTYPE"u8) >= 0 || head.IndexOf("<!ENTITY"u8) >= 0)
                throw archive.Problem($"has a part '{name}' that declares a document type or entities, as made to do harm");
        }
    }
}
