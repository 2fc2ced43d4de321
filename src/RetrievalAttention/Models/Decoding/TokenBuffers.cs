namespace RetrievalAttention.Models.Decoding;

/// <summary>Room for what is computed of one token. All layers use the same; what products write does not move.</summary>
internal sealed class TokenBuffers(DecoderConfig config)
{
    /// <summary>[E], the sum that runs through the layers.</summary>
    public float[] Hidden { get; } = new float[config.HiddenSize];

    /// <summary>[E].</summary>
    public Activation Normed { get; } = new(config.HiddenSize);

    /// <summary>[H + 2G, D].</summary>
    public float[] Projected { get; } = Pinned((config.Heads + 2 * config.KvHeads) * config.HeadSize);

    /// <summary>[H + G, D], rotated queries and keys.</summary>
    public float[] Rotated { get; } = new float[(config.Heads + config.KvHeads) * config.HeadSize];

    /// <summary>[H, D].</summary>
    public Activation Mixed { get; } = new(config.Heads * config.HeadSize);

    /// <summary>[E], what attention or the feed-forward network adds.</summary>
    public float[] Added { get; } = Pinned(config.HiddenSize);

    public float[] GateUp { get; } = Pinned(2 * config.FeedForwardSize);

    public Activation Gated { get; } = new(config.FeedForwardSize);

    /// <summary>[V].</summary>
    public float[] Logits { get; } = Pinned(config.VocabularySize);

    private static float[] Pinned(int length) => GC.AllocateArray<float>(length, pinned: true);
}
