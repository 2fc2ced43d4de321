namespace RetrievalAttention.Answering.Summaries;

/// <summary>
/// Brings the forms of one name together: "Holmes" and "Mr. Holmes" are "Sherlock Holmes" when no other longer name begins or ends so. Forms of
/// address that differ ("Mr. Bennet", "Mrs. Bennet") keep names apart.
/// </summary>
internal static class NameMerging
{
    /// <summary>A longer form that is rarer than this share of the shorter one is not its full name: "Twitter" is not "Twitter API" for being called so once.</summary>
    private const double RarestFullName = 0.1;

    /// <param name="found">Where each form occurs.</param>
    public static Dictionary<string, List<int>> Merge(Dictionary<string, List<int>> found)
    {
        Dictionary<string, List<int>> merged = ByBase(found);
        foreach (string name in merged.Keys.OrderBy(name => name.Length).ToArray())
        {
            string[] longer = [.. merged.Keys.Where(other => other.Length > name.Length && IsPart(name, other))];
            if (longer.Length != 1 || merged[longer[0]].Count < RarestFullName * merged[name].Count) continue;
            merged[longer[0]].AddRange(merged[name]);
            merged.Remove(name);
        }
        foreach (List<int> places in merged.Values) places.Sort();
        return merged.ToDictionary(pair => Shown(pair.Key, found, merged), pair => pair.Value);
    }

    /// <summary>"Mrs. Cheveley" rather than "Cheveley", where that is how the book mostly calls her.</summary>
    private static string Shown(string name, Dictionary<string, List<int>> found, Dictionary<string, List<int>> merged) =>
        found.Where(form => form.Key != name && WithoutAddress(form.Key) == name && !name.Contains(' ') && form.Value.Count > Count(found, name) && !merged.ContainsKey(form.Key))
            .OrderByDescending(form => form.Value.Count).Select(form => form.Key).FirstOrDefault(name);

    private static int Count(Dictionary<string, List<int>> found, string name) => found.TryGetValue(name, out List<int>? places) ? places.Count : 0;

    /// <summary>Without forms of address, unless one name has several of them.</summary>
    private static Dictionary<string, List<int>> ByBase(Dictionary<string, List<int>> found)
    {
        Dictionary<string, List<int>> merged = [];
        foreach (IGrouping<string, string> forms in found.Keys.GroupBy(WithoutAddress))
        {
            bool one = forms.Where(form => form != forms.Key).Count() <= 1;
            foreach (string form in forms)
            {
                string name = one ? forms.Key : form;
                if (!merged.TryGetValue(name, out List<int>? places)) merged[name] = places = [];
                places.AddRange(found[form]);
            }
        }
        return merged;
    }

    /// <summary>"Mr. Sherlock Holmes" without the abbreviation; initials stay.</summary>
    private static string WithoutAddress(string name)
    {
        int stop = name.IndexOf(". ", StringComparison.Ordinal);
        return stop is > 1 and <= 4 && name.AsSpan(0, stop).IndexOf(' ') < 0 ? name[(stop + 2)..] : name;
    }

    private static bool IsPart(string name, string other) =>
        other.StartsWith($"{name} ", StringComparison.Ordinal) || other.EndsWith($" {name}", StringComparison.Ordinal);
}
