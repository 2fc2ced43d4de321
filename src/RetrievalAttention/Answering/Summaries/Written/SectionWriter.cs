using RetrievalAttention.Answering.Prose;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering.Summaries.Written;

/// <summary>
/// Lets the model put a section's key sentences into fewer words while it attends to the section in memory, and keeps only what it can show: a sentence
/// whose support is not positive, or with a name or number that the blocks it looked at do not hold, is written again once, and then replaced by a key sentence.
/// The result is never longer than the key sentences, and never empty.
/// </summary>
internal sealed class SectionWriter(LoadedModel model, ReadBook book, MemoryFile memory, AnsweringOptions options)
{
    private const int FewestWords = 4;

    /// <summary>The second try draws: the likeliest words were those that failed.</summary>
    private const double SecondTemperature = 0.7;

    /// <summary>Longest text that is written at once, in tokens.</summary>
    private const int MostTokens = 160;

    /// <summary>Tokens of the instruction and of what stands between the key sentences, with room to spare.</summary>
    private const int PromptRoom = 128;

    public (IReadOnlyList<SummarySentence> Sentences, WritingCounts Counts) Shorten(SectionTask task, CancellationToken cancellation)
    {
        int room = Math.Min(Math.Min(MostTokens, options.MaxAnswerTokens), task.KeyTokens(model.Tokenizer));
        if (!Fits(task, room)) return (Within(task, []), WritingCounts.None);
        using SectionContext context = new(model, memory, task, 2 * room);
        string first = context.Write("", options with { MaxAnswerTokens = room }, cancellation);
        List<SummarySentence> result = [];
        Queue<SummarySentence> unused = new(task.Keys);
        WritingCounts counts = WritingCounts.None;
        foreach (string sentence in SentencesOf(first))
        {
            SummarySentence? kept = Check(context, sentence, result, ref counts);
            if (kept is not null) counts += WritingCounts.None with { Kept = 1 };
            else if ((kept = Again(context, result, room, cancellation)) is not null) counts += WritingCounts.None with { Rewritten = 1 };
            else if (unused.TryDequeue(out kept)) counts += WritingCounts.None with { Replaced = 1 };
            if (kept is not null) result.Add(kept);
        }
        return (Within(task, result), counts);
    }

    private SummarySentence? Again(SectionContext context, List<SummarySentence> before, int room, CancellationToken cancellation)
    {
        string text = context.Write(string.Join(' ', before.Select(sentence => sentence.Text)), options with { MaxAnswerTokens = room, Temperature = SecondTemperature }, cancellation);
        WritingCounts ignored = WritingCounts.None;
        return SentencesOf(text).Take(1).Select(sentence => Check(context, sentence, before, ref ignored)).FirstOrDefault();
    }

    /// <summary>The sentence with its sources and support; null where it fails a check.</summary>
    private SummarySentence? Check(SectionContext context, string sentence, List<SummarySentence> before, ref WritingCounts counts)
    {
        (double support, IReadOnlyList<int> blocks) = context.Judge(sentence);
        string cited = string.Join('\n', blocks.Select(TextOf));
        IReadOnlyList<string> facts = ProseFacts.Of(sentence);
        int held = facts.Count(fact => ProseFacts.Holds(cited, fact));
        counts += new WritingCounts(1, support > 0 ? 1 : 0, facts.Count, held, 0, 0, 0);
        bool passes = support > 0 && held == facts.Count && ProseFacts.BeginsKnown(sentence, book.Document.Text)
            && !before.Any(other => other.Text.Equals(sentence, StringComparison.OrdinalIgnoreCase));
        return passes ? new SummarySentence(sentence, SummarySentenceKind.Written, [.. Runs(blocks, context.Task)], support) : null;
    }

    /// <summary>The sentences when they are no longer than allowed; otherwise as many key sentences as are, from the whole length, one at least.</summary>
    private static IReadOnlyList<SummarySentence> Within(SectionTask task, List<SummarySentence> sentences)
    {
        if (sentences.Count > 0 && sentences.Sum(Words) <= task.MostWords) return sentences;
        for (int count = task.Keys.Count; count > 1; count--)
        {
            SummarySentence[] spread = [.. task.Keys.Evenly(count)];
            if (spread.Sum(Words) <= task.MostWords) return spread;
        }
        return [.. task.Keys.Evenly(1)];
    }

    private static int Words(SummarySentence sentence) => ProseWords.Count(sentence.Text);

    /// <summary>Whole sentences that say something; what was cut off at the end is none.</summary>
    private IEnumerable<string> SentencesOf(string text) => Passages.Sentences.Split(text, book.Document.Language)
        .Select(range => text[range.Start..range.End])
        .Where(sentence => sentence.TrimEnd('"', '”', '’', ')', '»') is [.., '.' or '!' or '?' or '。' or '！' or '？'] && ProseWords.Count(sentence) >= FewestWords);

    private bool Fits(SectionTask task, int room) =>
        task.Blocks.Count > 0 && room > 0
        && model.Header.Length + task.Blocks.Count * KvCodec.BlockTokens + task.KeyTokens(model.Tokenizer) + PromptRoom + 2 * room <= model.Weights.Config.ContextLength;

    private string TextOf(int block)
    {
        (int start, int end) = book.Blocks.Range(block, block);
        // A word that a block's end cuts in two belongs to both.
        while (start > 0 && char.IsLetterOrDigit(book.Document.Text[start - 1])) start--;
        while (end < book.Document.Text.Length && char.IsLetterOrDigit(book.Document.Text[end])) end++;
        return book.Document.Text[start..end];
    }

    /// <summary>Runs of blocks as sources. Blocks know no sections: what they hold of another one than the key sentences stand in is left out.</summary>
    private IEnumerable<SummarySource> Runs(IReadOnlyList<int> blocks, SectionTask task)
    {
        HashSet<string> wanted = [.. task.Keys.SelectMany(key => key.Sources).Select(source => source.Section)];
        for (int i = 0; i < blocks.Count;)
        {
            int last = i;
            while (last + 1 < blocks.Count && blocks[last + 1] == blocks[last] + 1) last++;
            (int start, int end) = book.Blocks.Range(blocks[i], blocks[last]);
            Section[] own = [.. book.Document.Sections.Where(section => section.Start < end && start < section.End && wanted.Contains(book.Reading.Locate(section.Start, section.Start).Section))];
            Locator locator = own.Length == 0 ? book.Reading.Locate(start, end) : book.Reading.Locate(Math.Max(start, own[0].Start), Math.Min(end, own[^1].End));
            yield return new SummarySource(locator.Section, locator.PageLabel, locator.Start, locator.End, blocks[i], blocks[last]);
            i = last + 1;
        }
    }
}
