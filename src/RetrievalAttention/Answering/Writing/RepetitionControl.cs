namespace RetrievalAttention.Answering.Writing;

/// <summary>
/// Keeps a text out of loops. Goals: 1. no run of tokens comes twice (Paulus et al. 2018); 2. words of the last sentences are less likely (Keskar et al. 2019, CTRL);
/// 3. names are never forbidden nor made unlikely, unless nothing else has come for a while: a story has to name its people again and again, but not to stutter.
/// </summary>
/// <param name="isName">Whether a token begins or continues a name, given the ids before it.</param>
public sealed class RepetitionControl(WritingOptions options, Func<IReadOnlyList<int>, int, bool> isName)
{
    /// <summary>So many tokens of which only two are different are a stutter, whatever they mean.</summary>
    private const int StutterTokens = 8;

    private readonly List<int> _ids = [];
    private readonly Dictionary<string, List<int>> _followers = [];

    /// <summary>Different ids of the last tokens that are to be penalised.</summary>
    public IReadOnlyList<int> Penalised => [.. _ids.TakeLast(options.PenaltyTokens).Distinct().Where(id => !isName(_ids, id))];

    /// <summary>Ids that would repeat a run of tokens.</summary>
    public IEnumerable<int> Forbidden => _followers.GetValueOrDefault(LastRun() ?? "", []).Where(id => !isName(_ids, id) || Stutters(id));

    /// <summary>Counts a token that the text now has.</summary>
    public void Add(int id)
    {
        if (LastRun() is { } run)
        {
            if (!_followers.TryGetValue(run, out List<int>? after)) _followers[run] = after = [];
            after.Add(id);
        }
        _ids.Add(id);
    }

    /// <param name="scores">[V], changed in place.</param>
    public void Forbid(Span<float> scores)
    {
        foreach (int id in Forbidden) scores[id] = float.NegativeInfinity;
    }

    private bool Stutters(int next) => _ids.Count >= StutterTokens - 1 && _ids.TakeLast(StutterTokens - 1).Append(next).Distinct().Count() <= 2;

    /// <summary>The tokens before the next one that decide whether it repeats a run; null while there are too few, or when that is off.</summary>
    private string? LastRun() => options.NoRepeatTokens > 0 && _ids.Count >= options.NoRepeatTokens - 1
        ? string.Join(' ', _ids.TakeLast(options.NoRepeatTokens - 1))
        : null;
}
