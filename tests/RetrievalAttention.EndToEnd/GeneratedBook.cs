namespace RetrievalAttention.EndToEnd;

/// <summary>Texts of any length that are the same on every machine.</summary>
internal static class GeneratedBook
{
    private static readonly string[] Words =
    [
        "captain", "island", "letter", "garden", "winter", "harbour", "silver", "window", "teacher", "mountain", "river", "lantern", "doctor", "carriage",
        "quiet", "sudden", "broken", "ancient", "bright", "hollow", "walked", "opened", "carried", "remembered", "followed", "answered", "forgot", "lost",
    ];

    public static string Of(int seed, int chapters, int sentencesPerChapter)
    {
        Random random = new(seed);
        List<string> lines = [];
        for (int chapter = 1; chapter <= chapters; chapter++)
        {
            lines.AddRange(["", $"CHAPTER {chapter}", ""]);
            for (int sentence = 0; sentence < sentencesPerChapter; sentence++)
            {
                IEnumerable<string> words = Enumerable.Range(0, random.Next(6, 14)).Select(_ => Words[random.Next(Words.Length)]);
                lines.Add($"The {string.Join(' ', words)} number {sentence}.");
                if (sentence % 6 == 5) lines.Add("");
            }
        }
        return string.Join('\n', lines);
    }
}
