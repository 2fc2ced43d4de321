using System.Globalization;
using RetrievalAttention.Answering.Prose;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>A name or term of a book.</summary>
/// <param name="Sentences">Indices in <see cref="ReadBook.Sentences"/> of the sentences with it, in order, one for each occurrence.</param>
public sealed record IndexedName(string Text, IReadOnlyList<int> Sentences)
{
    public int Count => Sentences.Count;
}

/// <summary>
/// Names and terms by general rules. A name is a run of words with capitals that do not come from beginning a sentence ("Long John Silver", "Mr. Darcy");
/// a term is a word that the book uses often in few places.
/// </summary>
public static class NameIndex
{
    private const int FewestNames = 2;
    private const int FewestTerms = 4;
    private const int ShortestTerm = 4;

    /// <summary>Words of this rank in the vocabulary are in every text.</summary>
    private const double CommonRank = 1500;

    /// <summary>Names that occur more than once, most frequent first.</summary>
    public static IReadOnlyList<IndexedName> Names(ReadBook book)
    {
        Dictionary<string, Forms> forms = FormsOf(book);
        HashSet<string> dates = DatesIn(book.Document.Language);
        Dictionary<string, List<int>> found = [];
        for (int i = 0; i < book.Sentences.Count; i++)
        {
            if (book.Sentences[i].Use == SentenceUse.Never) continue;
            foreach (string name in Runs(book.Sentences[i].Text, forms).Where(name => !dates.Contains(name)))
            {
                if (!found.TryGetValue(name, out List<int>? at)) found[name] = at = [];
                at.Add(i);
            }
        }
        return [.. NameMerging.Merge(found).Where(pair => pair.Value.Count >= FewestNames).Select(pair => new IndexedName(pair.Key, pair.Value)).OrderByDescending(name => name.Count).ThenBy(name => name.Text, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Words that are no names, by count, by how much their occurrences crowd (the logarithm of blocks by blocks with the word), and by how rare they are in texts at large
    /// (the logarithm of their rank in the tokenizer's vocabulary).
    /// </summary>
    public static IReadOnlyList<IndexedName> Terms(ReadBook book, IReadOnlyList<IndexedName> names)
    {
        HashSet<string> taken = [.. names.SelectMany(name => ProseWords.Content(name.Text))];
        Dictionary<string, List<int>> found = [];
        for (int i = 0; i < book.Sentences.Count; i++)
        {
            if (book.Sentences[i].Use == SentenceUse.Never) continue;
            foreach (string word in ProseWords.Content(book.Sentences[i].Text))
            {
                if (word.Length < ShortestTerm || taken.Contains(word) || !word.All(char.IsLetter)) continue;
                if (!found.TryGetValue(word, out List<int>? at)) found[word] = at = [];
                at.Add(i);
            }
        }
        return [.. found.Where(pair => pair.Value.Count >= FewestTerms).Select(pair => new IndexedName(pair.Key, pair.Value)).Select(term => (term, Weight: Weight(term)))
            .Where(pair => pair.Weight > 0).OrderByDescending(pair => pair.Weight).ThenBy(pair => pair.term.Text, StringComparer.Ordinal).Select(pair => pair.term)];

        double Weight(IndexedName term) =>
            term.Count * Crowding(term) * Math.Max(0, Math.Log(book.Blocks.RankOf(term.Text) / CommonRank));
        double Crowding(IndexedName term) => Math.Log((1.0 + book.Blocks.Count) / (1 + term.Sentences.Select(i => book.Sentences[i].FirstBlock).Distinct().Count()));
    }

    /// <summary>How often a word is written with a small letter, and with a capital that is not the start of a sentence.</summary>
    private sealed record Forms
    {
        /// <summary>It is written with small letters somewhere, so that capitals all through are emphasis.</summary>
        public bool HasSmallLetters { get; set; }

        public int Small { get; set; }

        public int Capital { get; set; }

        public bool IsName => Capital >= FewestNames && Capital > Small;
    }

    private static Dictionary<string, Forms> FormsOf(ReadBook book)
    {
        Dictionary<string, Forms> forms = [];
        foreach (BookSentence sentence in book.Sentences.Where(sentence => sentence.Use != SentenceUse.Never))
        {
            foreach (ProseWords.Word word in ProseWords.Of(sentence.Text))
            {
                string own = sentence.Text[word.Start..word.End], key = Key(own);
                if (!forms.TryGetValue(key, out Forms? form)) forms[key] = form = new Forms();
                form.HasSmallLetters |= own.Any(char.IsLower);
                if (!char.IsUpper(own[0])) form.Small++;
                else if (own.Length > 1 && !ProseFacts.BeginsSentence(sentence.Text, word.Start)) form.Capital++;
            }
        }
        return forms;
    }

    private static IEnumerable<string> Runs(string text, Dictionary<string, Forms> forms)
    {
        ProseWords.Word? first = null, last = null;
        bool known = false;
        foreach (ProseWords.Word word in ProseWords.Of(text))
        {
            string own = text[word.Start..word.End];
            bool capital = char.IsUpper(own[0]) && own.Length > 1 && !IsContraction(own);
            bool name = capital && forms[Key(own)].IsName;
            // "Black Dog": a common word is part of a name where its capital does not come from beginning a sentence.
            bool common = capital && !ProseFacts.BeginsSentence(text, word.Start);
            bool initial = own.Length == 1 && char.IsUpper(own[0]) && word.End < text.Length && text[word.End] == '.' && own != "I";
            bool continues = last is { } previous && text[previous.End..word.Start] is " " or ". ";
            if (last is { } end && !(continues && (name || initial || common)))
            {
                if (known) yield return Shown(text[first!.Value.Start..end.End], forms);
                (first, last, known) = (null, null, false);
            }
            if (!name && !common && !(initial && first is not null)) continue;
            first ??= word;
            last = word;
            known |= name;
        }
        if (known) yield return Shown(text[first!.Value.Start..last!.Value.End], forms);
    }

    /// <summary>"I'm", "You've", "Don't".</summary>
    private static bool IsContraction(string word)
    {
        int mark = word.LastIndexOfAny(['\'', '’']);
        return mark > 0 && word[(mark + 1)..].ToLowerInvariant() is "m" or "ve" or "ll" or "d" or "re" or "t" || word is "I's" or "I’s";
    }

    /// <summary>Days and months are no names of the book.</summary>
    private static HashSet<string> DatesIn(string? language)
    {
        DateTimeFormatInfo format = CultureInfo.GetCultureInfo(language ?? "en").DateTimeFormat;
        return [.. format.DayNames, .. format.MonthNames, .. format.MonthGenitiveNames];
    }

    /// <summary>Without a possessive ending: "Darcy’s" counts as Darcy. "LEAGUE" is the League, but "API" stays what it is everywhere.</summary>
    private static string Shown(string name, Dictionary<string, Forms> forms)
    {
        string bare = name.EndsWith("'s", StringComparison.Ordinal) || name.EndsWith("’s", StringComparison.Ordinal) ? name[..^2] : name;
        return string.Join(' ', bare.Split(' ').Select(word => IsEmphasis(word) ? word[0] + word[1..].ToLowerInvariant() : word));

        bool IsEmphasis(string word) => word.Length > 2 && !word.Any(char.IsLower) && forms.TryGetValue(Key(word), out Forms? form) && form.HasSmallLetters;
    }

    private static string Key(string word)
    {
        string bare = word.EndsWith("'s", StringComparison.Ordinal) || word.EndsWith("’s", StringComparison.Ordinal) ? word[..^2] : word;
        return bare.ToLowerInvariant();
    }
}
