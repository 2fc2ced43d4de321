namespace RetrievalAttention.Evaluation.Comparison.Synthetic;

/// <summary>Sentences to hide in a text, and a question that they answer.</summary>
/// <param name="Needles">In the order in which they are to stand in the text.</param>
/// <param name="Evidence">Indices of the needles that have to be seen in order to answer: what the control, gold-text, puts before the question.</param>
public sealed record NeedleSet(IReadOnlyList<string> Needles, string Question, string Answer, IReadOnlyList<int> Evidence);

/// <summary>A kind of question that is made up from a seed. The needles of all tasks are hidden in one text, so no two tasks may share a wording.</summary>
/// <param name="Source">Where the task comes from.</param>
public sealed record SyntheticTask(string Name, string Source, Func<Random, NeedleSet> Make);
