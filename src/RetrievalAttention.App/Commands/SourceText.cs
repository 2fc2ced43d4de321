using System.Globalization;
using RetrievalAttention.Answering;

namespace RetrievalAttention.App.Commands;

/// <summary>Sources for a person to read, numbered.</summary>
internal static class SourceText
{
    public static void Write(IEnumerable<AnswerSource> sources)
    {
        int number = 0;
        foreach (AnswerSource source in sources)
        {
            string page = source.Page is null ? "" : $", page {source.Page}";
            string section = source.Section.Length == 0 ? "" : $", {source.Section}";
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"[{++number}] {source.Title}{section}{page}, at {100 * source.Position:0} % (characters {source.Start}–{source.End}), attention {100 * source.Attention:0} %"));
            foreach (string line in source.Quote.Split('\n')) Console.Out.WriteLine($"    {line}");
        }
    }
}
