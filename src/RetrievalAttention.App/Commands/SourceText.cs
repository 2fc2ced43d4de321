using System.Globalization;
using RetrievalAttention.Answering;
using RetrievalAttention.App.Consoles;

namespace RetrievalAttention.App.Commands;

/// <summary>Sources for a person to read, numbered.</summary>
internal static class SourceText
{
    public static void Write(IEnumerable<AnswerSource> sources)
    {
        int number = 0;
        foreach (AnswerSource source in sources)
        {
            Output.WriteLine($"[{++number}] {Place(source)}");
            foreach (string line in source.Quote.Split('\n')) Output.WriteLine($"    {line}");
        }
    }

    /// <summary>"Treasure Island, PART ONE, page 12, at 3 % (characters 100–200), attention 40 %".</summary>
    public static string Place(AnswerSource source)
    {
        string page = source.Page is null ? "" : $", page {source.Page}";
        string section = source.Section.Length == 0 ? "" : $", {source.Section}";
        return string.Create(CultureInfo.InvariantCulture, $"{source.Title}{section}{page}, at {100 * source.Position:0} % (characters {source.Start}–{source.End}), attention {100 * source.Attention:0} %");
    }
}
