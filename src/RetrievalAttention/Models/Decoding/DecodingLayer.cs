namespace RetrievalAttention.Models.Decoding;

/// <summary>Weights of one layer, with the products made of them.</summary>
internal sealed record DecodingLayer(
    float[] InputNorm, MatrixProduct Qkv, float[]? QkvBias, float[]? QueryNorm, float[]? KeyNorm, MatrixProduct Output,
    float[] FeedForwardNorm, MatrixProduct GateUp, MatrixProduct Down)
{
    public static DecodingLayer Load(DecoderConfig config, StoredWeights weights, int index, TokenBuffers buffers)
    {
        string layer = $"model.layers.{index}", attention = $"{layer}.self_attn", feedForward = $"{layer}.mlp";
        MatrixProduct Product(Activation input, float[] result, params string[] names) => new([.. names.Select(weights.Matrix)], input, result);
        return new DecodingLayer(
            weights.Vector($"{layer}.input_layernorm.weight"),
            Product(buffers.Normed, buffers.Projected, $"{attention}.q_proj.weight", $"{attention}.k_proj.weight", $"{attention}.v_proj.weight"),
            config.QkvBias ? [.. weights.Vector($"{attention}.q_proj.bias"), .. weights.Vector($"{attention}.k_proj.bias"), .. weights.Vector($"{attention}.v_proj.bias")] : null,
            config.QkNorm ? weights.Vector($"{attention}.q_norm.weight") : null,
            config.QkNorm ? weights.Vector($"{attention}.k_norm.weight") : null,
            Product(buffers.Mixed, buffers.Added, $"{attention}.o_proj.weight"),
            weights.Vector($"{layer}.post_attention_layernorm.weight"),
            Product(buffers.Normed, buffers.GateUp, $"{feedForward}.gate_proj.weight", $"{feedForward}.up_proj.weight"),
            Product(buffers.Gated, buffers.Added, $"{feedForward}.down_proj.weight"));
    }
}
