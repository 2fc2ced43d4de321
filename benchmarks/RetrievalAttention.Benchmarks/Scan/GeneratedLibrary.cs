using System.Globalization;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Benchmarks.Scan;

/// <summary>A library of books of made-up words, with random vectors, in a folder that goes away.</summary>
internal sealed class GeneratedLibrary : IDisposable
{
    private const int PassageTokens = 128, PassageWords = 96, Vocabulary = 20_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ra-library-");
    private readonly Random _random = new(3);
    private readonly string[] _words;

    public GeneratedLibrary(TimeProvider time, int books, int tokens, SentenceEmbedder embedder)
    {
        _words = ["who", "found", "the", "silver", "lantern", "beneath", "old", "harbour", "wall", .. Enumerable.Range(0, Vocabulary).Select(MadeUp)];
        Library = Library.OpenOrCreate(new LibraryOptions { Root = _folder.FullName }, new JobQueueOptions(), null, time);
        for (int book = 0; book < books; book++) Add(book, tokens / PassageTokens, embedder);
    }

    public Library Library { get; }

    public void Dispose()
    {
        Library.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Add(int book, int passages, SentenceEmbedder embedder)
    {
        string[] texts = [.. Enumerable.Range(0, passages).Select(_ => string.Join(' ', Enumerable.Range(0, PassageWords).Select(_ => NextWord())) + ".")];
        string text = string.Join('\n', texts), hash = ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(text)), path = Path.Combine(_folder.FullName, $"{book}.txt");
        long id = Library.Files.Register(new FileState(path, text.Length, DateTime.UnixEpoch), hash).Document;
        int start = 0;
        List<Passage> cut = [];
        foreach (string one in texts)
        {
            cut.Add(new Passage(cut.Count, 0, start, start + one.Length, one, one, PassageTokens));
            start += one.Length + 1;
        }
        Library.Database.Write(connection =>
        {
            DocumentContent.Store(connection, id, new Document
            {
                Path = path, Format = DocumentFormat.Text, Title = string.Create(CultureInfo.InvariantCulture, $"Book {book}"), ContentHash = hash, Text = text, SourceOffset = 0, SourceLine = 1,
                Sections = [new Section([], 0, text.Length)], Paragraphs = [new Paragraph(0, text.Length, ParagraphKind.Body)], Language = "en",
            });
            PassageRows.Store(connection, id, "en", cut);
        });
        Library.Embeddings.Add(embedder.Hash, Library.LoadPassages(id).Select(passage => (passage, (ReadOnlyMemory<float>)Enumerable.Range(0, embedder.Dimensions).Select(_ => _random.NextSingle() - 0.5f).ToArray())));
    }

    /// <summary>Few words are common and most are rare, as in a language (Zipf's law).</summary>
    private string NextWord() => _words[(int)(Math.Pow(_words.Length + 1, _random.NextDouble()) - 1)];

    private static string MadeUp(int number)
    {
        char[] letters = new char[7];
        for (int i = 0; i < letters.Length; i++, number = number / 5 + i) letters[i] = (i % 2 == 0 ? "bdfgklmnprst" : "aeiou")[number % (i % 2 == 0 ? 12 : 5)];
        return new string(letters);
    }
}
