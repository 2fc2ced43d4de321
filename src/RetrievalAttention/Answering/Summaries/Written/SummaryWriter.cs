using System.Globalization;
using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Answering.Summaries.Written;

/// <summary>
/// Writes over a quoted summary, map and reduce: every section's key sentences become a shorter text, and the texts of neighbouring sections become an overview,
/// level by level, none longer than what it was made from. Goals: 1. no sentence without support; 2. no section dropped; 3. the same path for every model.
/// </summary>
public sealed class SummaryWriter(LoadedModel model, AnsweringOptions options, WrittenSections done)
{
    /// <summary>An overview of no more words is not shortened again.</summary>
    private const int OverviewWords = 120;

    /// <summary>Words that are shortened at once: what a small model still reads well.</summary>
    private const int GroupWords = 240;

    /// <exception cref="OperationCanceledException">Stopped; sections that were written are kept and found again.</exception>
    public BookSummary Write(ReadBook book, BookSummary quoted, MemoryFile memory, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        Run run = new(book, memory, new SectionWriter(model, book, memory, options), progress, cancellation, quoted.Parts.Count);
        PartSummary[] parts = [.. quoted.Parts.Select(part => part with { Sentences = Shorten(run, part) })];
        IReadOnlyList<SummarySentence> overview = Overview(run, parts);
        return quoted with
        {
            Parts = parts,
            Overview = overview,
            Writing = run.Counts,
            Words = parts.Sum(part => WordsOf(part.Sentences)) + WordsOf(overview),
            Notes = [.. quoted.Notes, .. Notes(run, quoted)],
        };
    }

    /// <summary>One writing of a whole summary.</summary>
    private sealed class Run(ReadBook book, MemoryFile memory, SectionWriter writer, IProgress<WorkProgress>? progress, CancellationToken cancellation, int sections)
    {
        private int _done;
        private int _found;

        public ReadBook Book => book;

        public MemoryFile Memory => memory;

        public SectionWriter Writer => writer;

        public CancellationToken Cancellation => cancellation;

        public WritingCounts Counts { get; set; } = WritingCounts.None;

        /// <summary>Sections whose blocks were not read yet.</summary>
        public int Unread { get; set; }

        public void Report() => progress?.Report(new WorkProgress($"Writing {book.Document.Title}", _done, Math.Max(_done + 1, sections), "sections", _found));

        public void Count(bool found)
        {
            _done++;
            if (found) _found++;
        }
    }

    private IReadOnlyList<SummarySentence> Shorten(Run run, PartSummary part)
    {
        if (part.Sentences.Count == 0) return part.Sentences;
        string heading = part.HeadingPath.Count == 0 ? "" : $", {part.HeadingPath[^1]}";
        return Shorten(run, $"\"{run.Book.Document.Title}\"{heading}", part.Sentences, WordsOf(part.Sentences), isSection: true);
    }

    private IReadOnlyList<SummarySentence> Shorten(Run run, string about, IReadOnlyList<SummarySentence> keys, int mostWords, bool isSection)
    {
        run.Report();
        run.Cancellation.ThrowIfCancellationRequested();
        SectionTask task = SectionTask.Of(about, keys, mostWords, run.Memory.Blocks);
        if (isSection && task.Blocks.Count == 0) run.Unread++;
        string key = task.Key(run.Memory.Fingerprint, options, model.Gates);
        WrittenSection? section = done.Find(key);
        bool found = section is not null;
        if (section is null)
        {
            (IReadOnlyList<SummarySentence> sentences, WritingCounts counts) = run.Writer.Shorten(task, run.Cancellation);
            done.Add(section = new WrittenSection(key, sentences, counts));
        }
        run.Counts += section.Counts;
        run.Count(found);
        return section.Sentences;
    }

    /// <summary>Halves the text until it is short: each group of neighbouring texts becomes one.</summary>
    private IReadOnlyList<SummarySentence> Overview(Run run, IReadOnlyList<PartSummary> parts)
    {
        List<IReadOnlyList<SummarySentence>> texts = [.. parts.Where(part => part.Sentences.Count > 0).Select(part => part.Sentences)];
        // Of so few words there is nothing to be gained.
        if (texts.Count < 2 || texts.Sum(WordsOf) <= OverviewWords) return [];
        while (texts.Count > 1 && texts.Sum(WordsOf) > OverviewWords)
        {
            texts = [.. Groups(texts).Select(group => Shorten(run, $"\"{run.Book.Document.Title}\"", group, Math.Max(1, WordsOf(group) / 2), isSection: false))];
        }
        return [.. texts.SelectMany(text => text)];
    }

    /// <summary>Neighbouring texts of about as many words as can be shortened at once, two at the least where there are two.</summary>
    private static IEnumerable<IReadOnlyList<SummarySentence>> Groups(List<IReadOnlyList<SummarySentence>> texts)
    {
        List<SummarySentence> group = [];
        int members = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            bool full = members >= 2 && WordsOf(group) + WordsOf(texts[i]) > GroupWords && i + 1 < texts.Count;
            if (full)
            {
                yield return group;
                (group, members) = ([], 0);
            }
            group.AddRange(texts[i]);
            members++;
        }
        yield return group;
    }

    private static int WordsOf(IReadOnlyList<SummarySentence> sentences) => sentences.Sum(sentence => ProseWords.Count(sentence.Text));

    private static IEnumerable<string> Notes(Run run, BookSummary quoted)
    {
        if (!run.Memory.Complete)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The book is still being read into memory ({run.Memory.Blocks:N0} of {run.Book.Blocks.Count:N0} blocks): {run.Unread} of {quoted.Parts.Count} sections are quoted only.");
        }
    }
}
