using RetrievalAttention.Catalog;

namespace RetrievalAttention.Answering.Finding;

/// <summary>A passage that a search found.</summary>
/// <param name="Score">Fused score of the signals, before the second look.</param>
/// <param name="Places">Where each signal put it, and with which score: why it was found.</param>
/// <param name="SecondLook">From 0, its place among the best when the model read the question with them in memory; null where it was not looked at again.</param>
/// <param name="Sentences">Its sentences that have words of the query, those with most of them first.</param>
/// <param name="Before">The passage before it in its document; null at the beginning.</param>
/// <param name="After">The passage after it; null at the end.</param>
/// <param name="Elsewhere">Passages that say nearly the same; they are not listed by themselves.</param>
public sealed record FoundPassage(
    StoredPassage Passage, PassagePlace Place, double Score, IReadOnlyDictionary<SignalKind, SignalPlace> Places, int? SecondLook, IReadOnlyList<string> Sentences,
    StoredPassage? Before, StoredPassage? After, IReadOnlyList<PassagePlace> Elsewhere);
