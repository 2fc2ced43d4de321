namespace RetrievalAttention.Answering.Writing;

/// <summary>
/// Keeps a text out of loops. Goals: 1. no run of tokens comes twice (Paulus et al. 2018); 2. words of the last sentences are less likely (Keskar et al. 2019, CTRL);
/// 3. names are never forbidden nor made unlikely: a story has to name its people again and again.
/// </summary>
/// <param name="names">Ids of names; more may be added.</param>
public sealed class RepetitionControl(WritingOptions options, IEnumerable<int> names)
{
    private readonly HashSet<int> _names = [.. names];
    private readonly List<int> _ids = [];
    private readonly Dictionary<string, List<int>> _followers = [];

    /// <summary>Ids of the last tokens that are to be penalised.</summary>
    public IReadOnlyList<int> Penalised => [.. _ids.TakeLast(options.PenaltyTokens).Where(id => !_names.Contains(id))];

    /// <summary>Ids that would repeat a run of tokens.</summary>
    public IEnumerable<int> Forbidden => _followers.GetValueOrDefault(LastRun() ?? "", []).Where(id => !_names.Contains(id));

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

    /// <summary>From now on these belong to names.</summary>
    public void Exempt(IEnumerable<int> ids) => _names.UnionWith(ids);

    /// <param name="scores">[V], changed in place.</param>
    public void Forbid(Span<float> scores)
    {
        foreach (int id in Forbidden) scores[id] = float.NegativeInfinity;
    }

    /// <summary>The tokens before the next one that decide whether it repeats a run; null while there are too few, or when that is off.</summary>
    private string? LastRun() => options.NoRepeatTokens > 0 && _ids.Count >= options.NoRepeatTokens - 1
        ? string.Join(' ', _ids.TakeLast(options.NoRepeatTokens - 1))
        : null;
}
