using System.Numerics.Tensors;
using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>A document read for a summary: every sentence of it with its vector.</summary>
/// <param name="Sentences">In document order.</param>
/// <param name="Wanted">Indices of the sections that were read.</param>
public sealed record ReadBook(Document Document, DocumentText Reading, IReadOnlyList<BookSentence> Sentences, TextBlocks Blocks, IReadOnlyList<int> Wanted)
{
    /// <summary>Counted once, on first need.</summary>
    public WordStatistics Statistics => _statistics ??= WordStatistics.Of(this);

    private WordStatistics? _statistics;

    /// <summary>Blocks that a sentence with a vector touches, counted.</summary>
    public int BlocksRead { get; } = Sentences.SelectMany(sentence => Enumerable.Range(sentence.FirstBlock, sentence.LastBlock - sentence.FirstBlock + 1)).Distinct().Count();

    /// <summary>Blocks of the sections that were to be read.</summary>
    public int BlocksWanted { get; } = Wanted.Select(section => Document.Sections[section])
        .Where(section => section.End > section.Start)
        .SelectMany(section => Enumerable.Range(Blocks.At(section.Start), Blocks.At(section.End - 1) - Blocks.At(section.Start) + 1)).Distinct().Count();
}

/// <summary>Splits a document into sentences and embeds each of them. Stopping loses nothing when the embedder has a cache.</summary>
public sealed class BookReading(SentenceEmbedder embedder)
{
    /// <summary>A quoted sentence has at least this many words.</summary>
    private const int FewestWords = 5;

    /// <summary>Longer sentences are rather left to the last resort: one of them would use up a short summary.</summary>
    private const int MostWords = 100;

    /// <summary>Least share of letters among the characters of a quoted sentence; formulas and dotted lines have fewer.</summary>
    private const double LeastLetters = 0.65;

    /// <summary>Lines of verse that form one sentence are joined up to this length.</summary>
    private const int MostVerseTokens = 64;

    /// <param name="sections">Indices of the sections to read; null for all.</param>
    /// <exception cref="ProblemException">The document has no text.</exception>
    /// <exception cref="OperationCanceledException">Stopped; what was embedded is in the embedder's cache.</exception>
    public ReadBook Read(Document document, TextBlocks blocks, IReadOnlyList<int>? sections, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        DocumentText reading = new(document);
        IReadOnlyList<int> wanted = sections ?? [.. Enumerable.Range(0, document.Sections.Count)];
        List<Piece> pieces = [.. Split(document).Where(piece => sections is null || sections.Contains(piece.Section))];
        if (pieces.Count == 0)
            throw new ProblemException(ProblemKind.Document, $"'{document.Title}' ({document.Path}) holds no text to summarise ({document.Text.Length} characters, all blank). Give a file with text.");
        string[] texts = [.. pieces.Select(piece => reading.ReadingText(piece.Start, piece.End))];
        IReadOnlyList<float[]> vectors = embedder.Embed(texts, EmbeddingPurpose.Passage, progress, cancellation);
        bool quotationOpen = false;
        List<BookSentence> sentences = [];
        for (int i = 0; i < pieces.Count; i++)
        {
            // A quotation that goes on in the next paragraph opens again there.
            if (i == 0 || pieces[i - 1].EndsParagraph) quotationOpen = false;
            Piece piece = pieces[i];
            double speech = Independence.SpeechShare(texts[i], ref quotationOpen);
            sentences.Add(new BookSentence(
                piece.Section, piece.Start, piece.End, texts[i], Math.Max(1, ProseWords.Count(texts[i])), UseOf(piece.Kind, texts[i]),
                blocks.At(piece.Start), blocks.At(piece.End - 1), Independence.Of(texts[i], speech, document.Language), Unit(vectors[i])));
        }
        return new ReadBook(document, reading, sentences, blocks, wanted);
    }

    private sealed record Piece(int Section, int Start, int End, int Tokens, ParagraphKind Kind, bool EndsParagraph);

    private IEnumerable<Piece> Split(Document document)
    {
        TextUnits units = new(document, embedder.CountTokens, embedder.MaximumTokens - 2);
        int paragraph = 0;
        for (int section = 0; section < document.Sections.Count; section++)
        {
            Piece? verse = null;
            foreach (TextUnit unit in units.Of(document.Sections[section]))
            {
                while (paragraph < document.Paragraphs.Count && document.Paragraphs[paragraph].End <= unit.Start) paragraph++;
                bool inside = paragraph < document.Paragraphs.Count && document.Paragraphs[paragraph].Start <= unit.Start;
                ParagraphKind kind = inside ? document.Paragraphs[paragraph].Kind : ParagraphKind.Body;
                Piece piece = new(section, unit.Start, unit.End, unit.Tokens, kind, unit.EndsParagraph);
                if (kind != ParagraphKind.Verse)
                {
                    yield return piece;
                    continue;
                }
                verse = verse is null ? piece : verse with { End = piece.End, Tokens = verse.Tokens + piece.Tokens, EndsParagraph = piece.EndsParagraph };
                if (!verse.EndsParagraph && !EndsSentence(document.Text, verse.End) && verse.Tokens < MostVerseTokens) continue;
                yield return verse;
                verse = null;
            }
            if (verse is not null) yield return verse;
        }
    }

    private static bool EndsSentence(string text, int end)
    {
        ReadOnlySpan<char> tail = text.AsSpan(0, end).TrimEnd("”’\"')]»");
        return tail.Length > 0 && tail[^1] is '.' or '!' or '?' or '…' or '。' or '！' or '？';
    }

    private static SentenceUse UseOf(ParagraphKind kind, string text)
    {
        if (kind == ParagraphKind.Heading) return SentenceUse.Never;
        if (kind is ParagraphKind.Table or ParagraphKind.Code || !text.Any(char.IsLower) && text.Any(char.IsUpper)) return SentenceUse.LastResort;
        int words = ProseWords.Count(text);
        int letters = text.Count(char.IsLetter), marks = text.Count(c => !char.IsWhiteSpace(c));
        return words is >= FewestWords and <= MostWords && letters >= LeastLetters * marks ? SentenceUse.Quote : SentenceUse.LastResort;
    }

    private static float[] Unit(float[] vector)
    {
        float length = TensorPrimitives.Norm<float>(vector);
        if (length == 0) return vector;
        float[] unit = new float[vector.Length];
        TensorPrimitives.Divide(vector, length, unit);
        return unit;
    }
}
