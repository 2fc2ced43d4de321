using System.IO.Compression;
using System.Text;

namespace RetrievalAttention.Tests.Documents;

/// <summary>Small EPUBs made for tests.</summary>
public static class SampleEpub
{
    public const string Container = """
        <?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
        <rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
        """;

    /// <summary>EPUB 2: NCX with a document type, two levels, a page list; footnotes; a page missing from the archive.</summary>
    public static byte[] VersionTwo() => Zip(
    [
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", Container),
        ("OPS/book.opf", """
            <?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
            <dc:title>Two Lights</dc:title><dc:creator>Ann Author</dc:creator><dc:creator>Bob Binder</dc:creator><dc:language>en-US</dc:language></metadata>
            <manifest><item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item id="a" href="text/a%20b.xhtml" media-type="application/xhtml+xml"/>
            <item id="c" href="text/c.xhtml" media-type="application/xhtml+xml"/><item id="gone" href="text/gone.xhtml" media-type="application/xhtml+xml"/>
            <item id="web" href="https://example.org/x.xhtml" media-type="application/xhtml+xml"/></manifest>
            <spine toc="ncx"><itemref idref="a"/><itemref idref="c"/><itemref idref="gone"/><itemref idref="web"/></spine></package>
            """),
        ("OPS/toc.ncx", """
            <?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">
            <ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
            <navPoint><navLabel><text>Part One</text></navLabel><content src="text/a%20b.xhtml"/>
            <navPoint><navLabel><text>The  Lamp</text></navLabel><content src="text/a%20b.xhtml#lamp"/></navPoint></navPoint>
            <navPoint><navLabel><text>The Candle</text></navLabel><content src="text/c.xhtml"/></navPoint></navMap>
            <pageList><pageTarget type="front"><navLabel><text>iv</text></navLabel><content src="text/a%20b.xhtml#p4"/></pageTarget>
            <pageTarget type="normal"><navLabel><text>5</text></navLabel><content src="text/c.xhtml"/></pageTarget></pageList></ncx>
            """),
        ("OPS/text/a b.xhtml", """
            <?xml version="1.0"?><!DOCTYPE html [<!ENTITY evil SYSTEM "file:///etc/passwd">]><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>
            <h1>Part One</h1><p><a id="p4"/>An opening.</p><div id="lamp"/><h2>The Lamp</h2><p>It burnt<a epub:type="noteref" href="#n1"><sup>1</sup></a> all night. &evil;</p>
            <aside epub:type="footnote" id="n1"><p>With whale oil.</p></aside></body></html>
            """),
        ("OPS/text/c.xhtml", "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title><script/></head><body><h2>The Candle</h2><p>It went out.</p></body></html>"),
    ]);

    public static byte[] Zip(IReadOnlyList<(string Name, string Text)> entries) =>
        Zip([.. entries.Select(entry => (entry.Name, Encoding.UTF8.GetBytes(entry.Text)))]);

    public static byte[] Zip(IReadOnlyList<(string Name, byte[] Bytes)> entries)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in entries)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }
        return stream.ToArray();
    }
}
