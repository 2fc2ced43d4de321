namespace RetrievalAttention.Tests.Models;

/// <summary>A model of two layers with random weights and a SentencePiece vocabulary of a few words: small enough to damage hundreds of times.</summary>
internal static class TinyModel
{
    public const int Layers = 2, Heads = 4, KvHeads = 2, HeadSize = 16, Hidden = 64, Inner = 96;

    private static readonly string[] Words =
        ["▁the", "▁sea", "▁a", "th", "he", "se", "ea", "▁t", "▁s", "▁th", "▁the▁", "in", "ing", "er", "▁▁", "▁▁▁▁", "é", "日", "s>", "<s", "rs", "ers"];

    /// <summary>Tokens, scores and types (1 ordinary, 2 unknown, 3 control, 6 byte) as SentencePiece lays them out.</summary>
    /// <param name="wordsCross">Keep the token that crosses the start of a word.</param>
    public static (string[] Tokens, float[] Scores, int[] Types) Vocabulary(bool wordsCross = false)
    {
        string[] letters = [.. "▁abcdefghijklmnopqrstuvwxyz<>.,".Select(c => c.ToString())];
        string[] words = [.. Words.Where(w => wordsCross || w != "▁the▁")];
        string[] bytes = [.. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>")];
        string[] tokens = ["<unk>", "<s>", "</s>", .. bytes, .. words, .. letters];
        float[] scores = [.. tokens.Select((t, id) => id < 3 + 256 ? 0f : -(id - 259f))];
        int[] types = [.. tokens.Select((t, id) => id == 0 ? 2 : id < 3 ? 3 : id < 3 + 256 ? 6 : 1)];
        return (tokens, scores, types);
    }

    /// <param name="contextLength">Tokens that it claims to be trained for.</param>
    public static GgufWriter Gguf(int contextLength = 512)
    {
        (string[] tokens, float[] scores, int[] types) = Vocabulary();
        var writer = new GgufWriter
        {
            Metadata =
            {
                ["general.architecture"] = "llama",
                ["llama.block_count"] = (uint)Layers,
                ["llama.context_length"] = (uint)contextLength,
                ["llama.embedding_length"] = (uint)Hidden,
                ["llama.feed_forward_length"] = (uint)Inner,
                ["llama.attention.head_count"] = (uint)Heads,
                ["llama.attention.head_count_kv"] = (uint)KvHeads,
                ["llama.attention.layer_norm_rms_epsilon"] = 1e-5f,
                ["llama.rope.freq_base"] = 10000f,
                ["tokenizer.ggml.model"] = "llama",
                ["tokenizer.ggml.tokens"] = tokens,
                ["tokenizer.ggml.scores"] = scores,
                ["tokenizer.ggml.token_type"] = types,
                ["tokenizer.ggml.bos_token_id"] = 1u,
                ["tokenizer.ggml.eos_token_id"] = 2u,
                ["tokenizer.ggml.unknown_token_id"] = 0u,
            },
        };
        var random = new Random(5);
        writer.AddF32("token_embd.weight", [tokens.Length, Hidden], random);
        for (int layer = 0; layer < Layers; layer++)
        {
            writer.AddF32($"blk.{layer}.attn_norm.weight", [Hidden], random);
            writer.AddF32($"blk.{layer}.attn_q.weight", [Heads * HeadSize, Hidden], random);
            writer.AddF32($"blk.{layer}.attn_k.weight", [KvHeads * HeadSize, Hidden], random);
            writer.AddF32($"blk.{layer}.attn_v.weight", [KvHeads * HeadSize, Hidden], random);
            writer.AddF32($"blk.{layer}.attn_output.weight", [Hidden, Heads * HeadSize], random);
            writer.AddF32($"blk.{layer}.ffn_norm.weight", [Hidden], random);
            writer.AddF32($"blk.{layer}.ffn_gate.weight", [Inner, Hidden], random);
            writer.AddF32($"blk.{layer}.ffn_up.weight", [Inner, Hidden], random);
            writer.AddF32($"blk.{layer}.ffn_down.weight", [Hidden, Inner], random);
        }

        writer.AddF32("output_norm.weight", [Hidden], random);
        return writer;
    }
}
