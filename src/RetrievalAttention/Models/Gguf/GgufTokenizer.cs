using RetrievalAttention.Models.Tokenization;

namespace RetrievalAttention.Models.Gguf;

/// <summary>Reads a tokenizer from the metadata of a GGUF file ("tokenizer.ggml.*").</summary>
internal static class GgufTokenizer
{
    // llama_token_type in llama.h.
    private const long Normal = 1, Unknown = 2, Control = 3, UserDefined = 4;

    /// <exception cref="ProblemException">Incomplete, or of a kind that cannot be read.</exception>
    public static ITextTokenizer Read(GgufMetadata metadata)
    {
        string[] tokens = metadata.Texts("tokenizer.ggml.tokens");
        long[] types = metadata.FindCounts("tokenizer.ggml.token_type") ?? [.. Enumerable.Repeat(Normal, tokens.Length)];
        if (types.Length != tokens.Length)
            throw Problem(metadata, $"has {tokens.Length} tokens and {types.Length} token types: it is damaged. Fetch it again.");

        string model = metadata.Text("tokenizer.ggml.model");
        return model switch
        {
            "gpt2" => new ByteLevelTokenizer(ByteLevel(metadata, tokens, types)),
            "llama" => new SentencePieceTokenizer(SentencePiece(metadata, tokens, types)),
            _ => throw Problem(metadata, $"has a tokenizer of kind \"{model}\"; \"gpt2\" (byte-level) and \"llama\" (SentencePiece) can be read. Choose another model."),
        };
    }

    private static TokenizerDefinition ByteLevel(GgufMetadata metadata, string[] tokens, long[] types)
    {
        string name = metadata.FindText("tokenizer.ggml.pre") ?? "default";
        IReadOnlyList<SplitStep> split = name switch
        {
            "smollm" or "starcoder" => [new(SplitStep.Digit), new(SplitStep.Gpt2)],
            "qwen2" or "deepseek-r1-qwen" => [new(SplitStep.Qwen2)],
            "llama-bpe" or "llama3" or "llama-v3" or "smaug-bpe" => [new(SplitStep.Llama3)],
            "tekken" => [new(SplitStep.Tekken)],
            "gpt-2" or "olmo" or "default" => [new(SplitStep.Gpt2)],
            _ => throw Problem(metadata, $"cuts text in the way \"{name}\"; smollm, starcoder, qwen2, llama-bpe, tekken and gpt-2 are known. Choose another model, or its Hugging Face folder, whose tokenizer.json says how."),
        };
        bool llama3 = split[0].Pattern == SplitStep.Llama3;
        return Common(metadata, tokens, types, beginByDefault: llama3) with
        {
            Merges = metadata.Texts("tokenizer.ggml.merges"),
            Split = split,
            Compose = split[0].Pattern == SplitStep.Qwen2,
            IgnoreMerges = llama3 || split[0].Pattern == SplitStep.Tekken,
        };
    }

    private static TokenizerDefinition SentencePiece(GgufMetadata metadata, string[] tokens, long[] types)
    {
        double[] scores = metadata.FindNumbers("tokenizer.ggml.scores") ?? [];
        if (scores.Length != tokens.Length)
            throw Problem(metadata, $"has {tokens.Length} tokens and {scores.Length} scores: it is damaged. Fetch it again.");
        return Common(metadata, tokens, types, beginByDefault: true) with
        {
            Kind = TokenizerKind.SentencePiece,
            Merges = ScoredMerges.Of(tokens, scores, id => types[id] == Normal),
            Prefix = metadata.FindFlag("tokenizer.ggml.add_space_prefix") ?? true ? SpacePrefix.Always : SpacePrefix.Never,
            UnknownId = metadata.FindCount("tokenizer.ggml.unknown_token_id"),
        };
    }

    private static TokenizerDefinition Common(GgufMetadata metadata, string[] tokens, long[] types, bool beginByDefault)
    {
        var vocabulary = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        var specials = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++)
        {
            Dictionary<string, int> place = types[id] is Control or UserDefined or Unknown ? specials : vocabulary;
            if (tokens[id].Length == 0 || !place.TryAdd(tokens[id], id))
                throw Problem(metadata, $"has the token \"{tokens[id]}\" (id {id}) empty or twice: it is damaged. Fetch it again.");
        }

        int? Id(string name) => metadata.FindCount($"tokenizer.ggml.{name}_token_id");
        return new TokenizerDefinition
        {
            Kind = TokenizerKind.ByteLevel,
            Vocabulary = vocabulary,
            Specials = specials,
            Merges = [],
            BeginId = metadata.FindFlag("tokenizer.ggml.add_bos_token") ?? beginByDefault ? Id("bos") : null,
            EndIds = EndTokens.Of(specials, [Id("eos"), Id("eot"), Id("eom")]),
        };
    }

    private static ProblemException Problem(GgufMetadata metadata, string sentence) => new(ProblemKind.Model, $"The model file {metadata.Path} {sentence}");
}
