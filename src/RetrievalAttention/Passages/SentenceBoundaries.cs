using System.Buffers;
using System.Globalization;

namespace RetrievalAttention.Passages;

/// <summary>Finds where the sentence that begins at a position ends, in text up to <paramref name="end"/>.</summary>
internal sealed class SentenceBoundaries(string text, int end, SentenceRules rules)
{
    /// <summary>Longest word that is looked at before a full stop; longer ones are no abbreviations.</summary>
    private const int LongestAbbreviation = 24;

    private const string AsciiStops = ".!?…‽⁇⁈⁉";

    /// <summary>Stops that end a sentence without a space after them: CJK, Arabic, Urdu, Devanagari, Armenian, Ethiopic, Burmese, Khmer.</summary>
    private const string CertainStops = "。！？．｡؟۔।॥։።။។";

    private const string Closers = "\"'”’“»«›‹)]}*_」』）】》〉］｝＂＇";
    private const string Openers = "\"'“‘„‚«»‹›([{*_#¿¡—–-「『（【《〈";

    private static readonly SearchValues<char> Interesting = SearchValues.Create(AsciiStops + CertainStops + "\n\r\u2029");

    /// <summary>Verbs by which a name or "I" after a quotation belongs to it: "Stop!" I cried.</summary>
    private static readonly HashSet<string> SpeechVerbs =
    [
        "said", "cried", "asked", "replied", "answered", "exclaimed", "shouted", "whispered", "murmured", "returned", "continued", "repeated",
        "added", "observed", "remarked", "inquired", "enquired", "demanded", "muttered", "called", "thought", "says", "ejaculated", "responded",
    ];

    /// <summary>One past the last character of the sentence, between <paramref name="start"/> and the end.</summary>
    public int Next(int start)
    {
        int position = start;
        while (position < end)
        {
            int skip = text.AsSpan(position, end - position).IndexOfAny(Interesting);
            if (skip < 0) return end;
            position += skip;
            if (IsLineBreak(text[position]))
            {
                if (EmptyLineFollows(position)) return position;
                position++;
                continue;
            }
            int runEnd = EndOfStops(position);
            int closed = SkipClosers(runEnd);
            bool ends = CertainStops.Contains(text[position]) ? !QuotationGoesOn(runEnd, closed) : EndsSentence(start, position, runEnd, closed);
            if (ends) return closed;
            position = closed;
        }
        return end;
    }

    private bool EndsSentence(int start, int stop, int runEnd, int closed)
    {
        if (closed >= end) return true;
        if (!char.IsWhiteSpace(text[closed])) return false;
        int next = NextLetterOrDigit(closed);
        if (next < 0 || BreaksParagraph(closed, next)) return true;
        if (char.IsLower(text[next])) return false;
        if (closed > runEnd && IsSpeechTag(next)) return false;
        bool isFullStop = text[stop] == '.' && runEnd == stop + 1;
        return !isFullStop || FullStopEndsSentence(start, stop, next);
    }

    /// <summary>A single full stop, followed by blank and then by an upper-case letter, a digit or a letter without case.</summary>
    private bool FullStopEndsSentence(int start, int stop, int next)
    {
        int wordStart = WordStart(start, stop);
        string word = text[wordStart..stop];
        if (word.Length == 0) return true;
        if (IsListMarker(start, wordStart, word)) return false;
        if (word.All(char.IsAsciiDigit)) return !(rules.OrdinalNumbers && word.Length <= 2);
        if (rules.Continues(word)) return false;
        if (rules.ContinuesBeforeNumber(word) && StartsNumber(next)) return false;
        if (word == "I" && wordStart > start && PreviousWordIsLowerCase(wordStart)) return true;
        bool isInitial = word.Length == 1 && char.IsLetter(word[0]);
        bool isAcronym = word.Contains('.') && word.Split('.').All(part => part.Length <= 2 && part.All(char.IsLetter));
        if (isInitial || isAcronym || rules.MayEnd(word)) return StartsUsually(next);
        return true;
    }

    /// <summary>"1." or "8.1." or "IV." or "a." before the text of a list item or heading.</summary>
    private static bool IsListMarker(int sentenceStart, int wordStart, string word) =>
        wordStart == sentenceStart
        && (word.All(c => char.IsAsciiDigit(c) || c == '.') || word.Length == 1 || IsRomanNumeral(word));

    private static bool IsRomanNumeral(string word) => word.Length > 0 && word.All(c => "IVXLCDM".Contains(c));

    /// <summary>A usual first word that is no initial itself ("И." in "Э. И. Дюпон").</summary>
    private bool StartsUsually(int next)
    {
        string word = WordAt(next);
        bool isInitial = word.Length == 1 && next + 1 < end && text[next + 1] == '.';
        return !isInitial && rules.IsUsualFirstWord(word);
    }

    private bool StartsNumber(int next) => char.IsDigit(text[next]) || IsRomanNumeral(WordAt(next));

    private bool PreviousWordIsLowerCase(int wordStart)
    {
        int last = wordStart - 1;
        while (last > 0 && char.IsWhiteSpace(text[last])) last--;
        int first = last;
        while (first > 0 && char.IsLetter(text[first - 1])) first--;
        return char.IsLower(text[first]);
    }

    /// <summary>Up to three capitalised words and a verb of speech.</summary>
    private bool IsSpeechTag(int next)
    {
        int position = next;
        for (int words = 0; words < 4 && position < end; words++)
        {
            string word = WordAt(position);
            if (word.Length == 0) return false;
            if (words > 0 && SpeechVerbs.Contains(word)) return true;
            if (!char.IsUpper(word[0])) return false;
            position += word.Length;
            if (position < end && text[position] == '.') position++;
            while (position < end && text[position] is ' ' or '\n' or '\r') position++;
        }
        return false;
    }

    /// <summary>Japanese quotes a sentence inside another: 「…。」と言った。</summary>
    private bool QuotationGoesOn(int runEnd, int closed) => closed > runEnd && closed < end && text[closed] is 'と' or 'っ';

    /// <summary>One past a run of stops; ". . ." is one run.</summary>
    private int EndOfStops(int stop)
    {
        int position = stop + 1;
        while (position < end)
        {
            if (AsciiStops.Contains(text[position]) || CertainStops.Contains(text[position])) position++;
            else if (text[position] is ' ' or '\u00a0' && position + 1 < end && text[position + 1] == '.' && text[position - 1] == '.') position += 2;
            else break;
        }
        return position;
    }

    /// <summary>
    /// One past quotes, brackets and reference marks ("[3]", "²") that belong to the sentence before. A quotation mark that closes in German
    /// opens in Chinese, where no blank stands between sentences.
    /// </summary>
    private int SkipClosers(int position)
    {
        while (position < end)
        {
            bool opens = text[position] is '“' or '«' or '‹' && CertainStops.Contains(text[position - 1]);
            if (opens) break;
            if (Closers.Contains(text[position]) || text[position] is '²' or '³' or '¹') position++;
            else if (ReferenceMark(position) is var mark and > 0) position += mark;
            else if (SpacedGuillemet(position) is var guillemet and > 0) position += guillemet;
            else break;
        }
        return position;
    }

    private int ReferenceMark(int position)
    {
        if (text[position] != '[') return 0;
        int close = position + 1;
        while (close < end && close - position < 6 && char.IsAsciiDigit(text[close])) close++;
        return close > position + 1 && close < end && text[close] == ']' ? close + 1 - position : 0;
    }

    /// <summary>French closes with a space before the guillemet: "Oui. »".</summary>
    private int SpacedGuillemet(int position)
    {
        bool spaced = text[position] is ' ' or '\u00a0' or '\u202f' && position + 1 < end && text[position + 1] is '»' or '›';
        bool closes = spaced && (position + 2 >= end || !char.IsLetterOrDigit(text[position + 2]));
        return closes ? 2 : 0;
    }

    private int NextLetterOrDigit(int position)
    {
        while (position < end && (char.IsWhiteSpace(text[position]) || Openers.Contains(text[position]))) position++;
        return position < end ? position : -1;
    }

    private bool BreaksParagraph(int from, int to)
    {
        for (int position = from; position < to; position++)
        {
            if (IsLineBreak(text[position]) && EmptyLineFollows(position)) return true;
        }
        return false;
    }

    private bool EmptyLineFollows(int lineBreak)
    {
        if (text[lineBreak] == '\u2029') return true;
        int position = lineBreak + 1;
        if (text[lineBreak] == '\r' && position < end && text[position] == '\n') position++;
        while (position < end && char.IsWhiteSpace(text[position]) && !IsLineBreak(text[position])) position++;
        return position < end && IsLineBreak(text[position]);
    }

    private int WordStart(int start, int stop)
    {
        int first = stop;
        int limit = Math.Max(start, stop - LongestAbbreviation);
        while (first > limit && IsWordPart(text[first - 1])) first--;
        return first;
    }

    private string WordAt(int position)
    {
        int last = position;
        while (last < end && last - position < LongestAbbreviation && IsLetterOrMark(text[last])) last++;
        return text[position..last];
    }

    private static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c is '.' or '-' or '№' or 'ª' || IsLetterOrMark(c);

    private static bool IsLetterOrMark(char c) => char.IsLetter(c) || char.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark;

    private static bool IsLineBreak(char c) => c is '\n' or '\r' or '\u2029';
}
