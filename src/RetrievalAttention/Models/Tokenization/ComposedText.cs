using System.Globalization;
using System.Text;

namespace RetrievalAttention.Models.Tokenization;

/// <summary>A text in Unicode normal form C that knows where each of its characters stood before.</summary>
internal sealed class ComposedText
{
    private readonly List<(int Start, int End)> _places;

    private ComposedText(string text, List<(int Start, int End)> places) => (Text, _places) = (text, places);

    public string Text { get; }

    /// <summary>Null when the text is in that form already, as nearly every text is.</summary>
    public static ComposedText? Of(string text)
    {
        // Lone surrogates cannot be normalised; they become the replacement character in UTF-8, of the same length here.
        string valid = ReplaceLoneSurrogates(text);
        if (valid.IsNormalized(NormalizationForm.FormC))
            return null;
        var composed = new StringBuilder(text.Length);
        var places = new List<(int, int)>(text.Length);

        // Composition joins a base with its marks, and Hangul parts with each other: never across the text elements of UAX #29.
        for (int start = 0, length; start < valid.Length; start += length)
        {
            length = StringInfo.GetNextTextElementLength(valid, start);
            string element = valid.Substring(start, length), normal = element.Normalize(NormalizationForm.FormC);
            composed.Append(normal);
            for (int i = 0; i < normal.Length; i++)
                places.Add(normal == element ? (start + i, start + i + 1) : (start, start + length));
        }

        return new ComposedText(composed.ToString(), places);
    }

    /// <summary>A token of the composed text, with the range it covers in the original.</summary>
    public TextToken Place(int id, int start, int end) => new(id, _places[start].Start, _places[end - 1].End);

    private static string ReplaceLoneSurrogates(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        var characters = text.ToCharArray();
        for (int i = 0; i < characters.Length; i++)
        {
            if (char.IsHighSurrogate(characters[i]) && i + 1 < characters.Length && char.IsLowSurrogate(characters[i + 1]))
                i++;
            else if (char.IsSurrogate(characters[i]))
                characters[i] = '\uFFFD';
        }

        return new string(characters);
    }
}
