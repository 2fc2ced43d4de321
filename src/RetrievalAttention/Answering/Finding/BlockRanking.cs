namespace RetrievalAttention.Answering.Finding;

/// <summary>Blocks of one document for one question.</summary>
/// <param name="Signals">What each signal found, over the whole document.</param>
/// <param name="Fused">All blocks, best first; those of the part that the question names stand before the others.</param>
public sealed record BlockRanking(IReadOnlyList<Signal> Signals, IReadOnlyList<int> Fused);
