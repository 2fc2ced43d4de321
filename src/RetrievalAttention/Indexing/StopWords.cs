using System.Collections.Frozen;

namespace RetrievalAttention.Indexing;

/// <summary>Words that say nothing about what is looked for. Other languages need no list: words that are too common are left out by count.</summary>
internal static class StopWords
{
    private static readonly FrozenSet<string> English = """
        a about above after again against all am an and any are aren as at be because been before being below between both but by can cannot could
        couldn d did didn do does doesn doing don down during each few for from further had hadn has hasn have haven having he her here hers herself
        him himself his how i if in into is isn it its itself just ll m me more most mustn my myself no nor not now of off on once only or other our
        ours ourselves out over own re s same shan she should shouldn so some such t than that the their theirs them themselves then there these they
        this those through to too under until up ve very was wasn we were weren what when where which while who whom whose why will with won would
        wouldn you your yours yourself yourselves
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();

    public static bool Contains(string word) => English.Contains(word);
}
