using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Pdf;

namespace RetrievalAttention.Tests.Documents.Pdf;

internal static class PdfFixture
{
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Fixtures", "Documents", "Pdf");

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static string Reference(string name) => File.ReadAllText(PathOf(name));

    public static Document Read(string name, ReadingOptions? options = null) =>
        new PdfReader().Read(PathOf(name), options ?? new ReadingOptions(), null, TestContext.Current.CancellationToken);
}
