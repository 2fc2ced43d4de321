namespace RetrievalAttention.Models.Gguf;

/// <summary>Tensor names of llama.cpp to those of Hugging Face; names without a counterpart stay as they are.</summary>
internal static class GgufNames
{
    private static readonly Dictionary<string, string> Outer = new()
    {
        ["token_embd"] = "model.embed_tokens",
        ["output_norm"] = "model.norm",
        ["output"] = "lm_head",
    };

    private static readonly Dictionary<string, string> Inner = new()
    {
        ["attn_norm"] = "input_layernorm",
        ["attn_q"] = "self_attn.q_proj",
        ["attn_k"] = "self_attn.k_proj",
        ["attn_v"] = "self_attn.v_proj",
        ["attn_output"] = "self_attn.o_proj",
        ["attn_q_norm"] = "self_attn.q_norm",
        ["attn_k_norm"] = "self_attn.k_norm",
        ["ffn_norm"] = "post_attention_layernorm",
        ["ffn_gate"] = "mlp.gate_proj",
        ["ffn_up"] = "mlp.up_proj",
        ["ffn_down"] = "mlp.down_proj",
    };

    /// <summary>"blk.3.attn_q.weight" to "model.layers.3.self_attn.q_proj.weight".</summary>
    public static string ToHuggingFace(string name) => name.Split('.') switch
    {
        [string part, string kind] when Outer.TryGetValue(part, out string? known) => $"{known}.{kind}",
        ["blk", string layer, string part, string kind] when Inner.TryGetValue(part, out string? known) => $"model.layers.{layer}.{known}.{kind}",
        _ => name,
    };
}
