namespace RetrievalAttention.Models;

/// <summary>The decoders that can be run, and the tensors that each consists of.</summary>
internal static class Architectures
{
    private static readonly string[] Supported = ["llama", "qwen2", "qwen3"];

    /// <exception cref="ProblemException">Another architecture.</exception>
    public static void Check(string architecture, string path)
    {
        if (!Supported.Contains(architecture))
            throw new ProblemException(ProblemKind.Model, $"The model {path} has the architecture \"{architecture}\". Supported are {string.Join(", ", Supported)} (SmolLM2, Llama 2 and 3, TinyLlama, Mistral, Qwen 2, 2.5 and 3). Choose one of these.");
    }

    /// <exception cref="ProblemException">Numbers that contradict each other.</exception>
    public static void Check(DecoderConfig config, string path)
    {
        void Require(bool holds, string what)
        {
            if (!holds)
                throw new ProblemException(ProblemKind.Model, $"The model {path} declares {what}: its configuration is damaged. Fetch it again.");
        }

        Require(config.Layers > 0, $"{config.Layers} layers");
        Require(config.Heads > 0 && config.KvHeads > 0 && config.Heads % config.KvHeads == 0, $"{config.Heads} query heads and {config.KvHeads} key/value heads, where the first must be a multiple of the second");
        Require(config.HeadSize > 0 && config.HeadSize % 2 == 0, $"a head size of {config.HeadSize}, where an even number is needed");
        Require(config.HiddenSize > 0 && config.FeedForwardSize > 0 && config.VocabularySize > 0, $"a hidden size of {config.HiddenSize}, a feed-forward size of {config.FeedForwardSize} and a vocabulary of {config.VocabularySize}");
        Require(config.ContextLength > 0, $"a context of {config.ContextLength} tokens");
        Require(config.NormEpsilon is >= 0 and < 1, $"a normalisation epsilon of {config.NormEpsilon}");
        Require(config.RopeFrequencies.All(f => f is > 0 and <= 1), "rotary frequencies outside 0 to 1");
    }

    /// <summary>Every tensor of the decoder under its Hugging Face name, with its shape.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Tensors(DecoderConfig config)
    {
        long hidden = config.HiddenSize, inner = config.FeedForwardSize, vocabulary = config.VocabularySize;
        long queries = (long)config.Heads * config.HeadSize, keys = (long)config.KvHeads * config.HeadSize;
        yield return ("model.embed_tokens.weight", [vocabulary, hidden]);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            yield return ($"{prefix}input_layernorm.weight", [hidden]);
            yield return ($"{prefix}self_attn.q_proj.weight", [queries, hidden]);
            yield return ($"{prefix}self_attn.k_proj.weight", [keys, hidden]);
            yield return ($"{prefix}self_attn.v_proj.weight", [keys, hidden]);
            yield return ($"{prefix}self_attn.o_proj.weight", [hidden, queries]);
            if (config.QkvBias)
            {
                yield return ($"{prefix}self_attn.q_proj.bias", [queries]);
                yield return ($"{prefix}self_attn.k_proj.bias", [keys]);
                yield return ($"{prefix}self_attn.v_proj.bias", [keys]);
            }

            if (config.QkNorm)
            {
                yield return ($"{prefix}self_attn.q_norm.weight", [config.HeadSize]);
                yield return ($"{prefix}self_attn.k_norm.weight", [config.HeadSize]);
            }

            yield return ($"{prefix}post_attention_layernorm.weight", [hidden]);
            yield return ($"{prefix}mlp.gate_proj.weight", [inner, hidden]);
            yield return ($"{prefix}mlp.up_proj.weight", [inner, hidden]);
            yield return ($"{prefix}mlp.down_proj.weight", [hidden, inner]);
        }

        yield return ("model.norm.weight", [hidden]);
        if (!config.TiedEmbeddings)
            yield return ("lm_head.weight", [vocabulary, hidden]);
    }
}
