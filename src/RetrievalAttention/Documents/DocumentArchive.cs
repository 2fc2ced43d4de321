using System.IO.Compression;
using System.Xml;
using System.Xml.Linq;

namespace RetrievalAttention.Documents;

/// <summary>
/// The zip archive of an EPUB or DOCX, opened with distrust: names that lead outside are refused, so is an archive that unpacks to too
/// much (a zip bomb), and no entity or type definition of its XML is ever resolved. Nothing is unpacked to disk.
/// </summary>
internal sealed class DocumentArchive : IDisposable
{
    private const int MaxEntries = 100_000;

    /// <summary>Text packs to about a tenth; from this ratio on, in a large entry, it is made to burst.</summary>
    private const int MaxRatio = 300;
    private const int RatioCountsFrom = 4 << 20;

    private readonly SourceFile _file;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly long _maxUnpacked;
    private long _unpacked;

    /// <exception cref="ProblemException">Damaged, or made to do harm.</exception>
    public DocumentArchive(SourceFile file, long maxUnpacked)
    {
        (_file, _maxUnpacked) = (file, maxUnpacked);
        FileStream stream = SourceFile.Open(file.Path);
        try
        {
            _zip = new ZipArchive(stream, ZipArchiveMode.Read);
            if (_zip.Entries.Count > MaxEntries) throw Problem($"holds {_zip.Entries.Count:N0} entries, more than the {MaxEntries:N0} that are read");
            foreach (ZipArchiveEntry entry in _zip.Entries) Admit(entry);
        }
        catch (InvalidDataException error)
        {
            stream.Dispose();
            throw Problem($"is a damaged zip archive ({error.Message})", error);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _entries.ContainsKey(name);

    public IEnumerable<string> Names => _entries.Keys;

    /// <exception cref="ProblemException">There is no such entry, it is damaged, or it unpacks to too much.</exception>
    public byte[] Read(string name, CancellationToken cancellation)
    {
        if (!_entries.TryGetValue(name, out ZipArchiveEntry? entry)) throw Problem($"lacks its part '{name}'");
        try
        {
            using Stream stream = entry.Open();
            using MemoryStream unpacked = new((int)Math.Min(entry.Length, 1 << 24));
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                // What is declared may be a lie: what comes out is counted.
                if ((_unpacked += read) > _maxUnpacked) throw TooLarge();
                unpacked.Write(buffer, 0, read);
            }
            return unpacked.ToArray();
        }
        catch (InvalidDataException error)
        {
            throw Problem($"is damaged in its part '{name}' ({error.Message})", error);
        }
    }

    public XDocument ReadXml(string name, CancellationToken cancellation)
    {
        XmlReaderSettings settings = new() { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null };
        try
        {
            using XmlReader reader = XmlReader.Create(new MemoryStream(Read(name, cancellation)), settings);
            return XDocument.Load(reader);
        }
        catch (XmlException error)
        {
            throw Problem($"has a part '{name}' that is not well-formed XML ({error.Message})", error);
        }
    }

    public ProblemException Problem(string what, Exception? inner = null) =>
        new(ProblemKind.Document, $"'{_file.Path}' {what}. Get it again from where it came, or convert it.", inner);

    public void Dispose() => _zip.Dispose();

    private void Admit(ZipArchiveEntry entry)
    {
        string name = entry.FullName;
        bool leadsOutside = name.StartsWith('/') || name.Contains('\\') || (name.Length > 1 && name[1] == ':') || name.Split('/').Contains("..");
        if (leadsOutside) throw Problem($"holds a part named '{name}', which points outside of the archive, as made to do harm");
        if (entry.Length > _maxUnpacked) throw TooLarge();
        if (entry.Length > RatioCountsFrom && entry.Length / Math.Max(1, entry.CompressedLength) > MaxRatio)
            throw Problem($"holds a part '{name}' that unpacks {entry.Length / Math.Max(1, entry.CompressedLength):N0}-fold to {entry.Length:N0} bytes, as a zip bomb does");
        _entries.TryAdd(name, entry);
    }

    private ProblemException TooLarge() => new(ProblemKind.Document,
        $"'{_file.Path}' unpacks to more than {_maxUnpacked:N0} bytes, as a zip bomb does. If it is a true book, raise MaxUnpackedBytes in the section Documents of appsettings.json.");
}
