using System.Text.Json;

namespace RetrievalAttention.Embeddings;

public enum Pooling
{
    /// <summary>Average over the text's tokens, special tokens included.</summary>
    Mean,

    /// <summary>The first token, [CLS].</summary>
    FirstToken,
}

/// <summary>What the folder of a sentence encoder says about it, in the files of Hugging Face and sentence-transformers.</summary>
public sealed record EncoderSettings
{
    public required BertConfig Config { get; init; }

    public required Pooling Pooling { get; init; }

    /// <summary>Embeddings get length 1 (modules.json).</summary>
    public required bool Normalize { get; init; }

    /// <summary>Longest text in tokens, special tokens included; longer ones are cut.</summary>
    public required int MaximumTokens { get; init; }

    /// <summary>Put before questions; "" for none (config_sentence_transformers.json, "prompts").</summary>
    public required string QueryPrefix { get; init; }

    /// <summary>Put before passages; "" for none.</summary>
    public required string PassagePrefix { get; init; }

    public required bool LowerCase { get; init; }

    public required bool StripAccents { get; init; }

    /// <summary>Each Chinese character is a word.</summary>
    public required bool SplitChinese { get; init; }

    /// <exception cref="ProblemException">A file is missing or damaged, or the encoder is of a kind that is not supported.</exception>
    public static EncoderSettings Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ProblemException(ProblemKind.Model, $"There is no folder {folder}. Give the folder of a sentence encoder that holds config.json, model.safetensors and vocab.txt.");
        using JsonFile config = JsonFile.Open(Path.Combine(folder, "config.json"));
        using JsonFile? modules = JsonFile.OpenIfThere(Path.Combine(folder, "modules.json"));
        using JsonFile? sentence = JsonFile.OpenIfThere(Path.Combine(folder, "sentence_bert_config.json"));
        using JsonFile? prompts = JsonFile.OpenIfThere(Path.Combine(folder, "config_sentence_transformers.json"));
        using JsonFile? tokenizer = JsonFile.OpenIfThere(Path.Combine(folder, "tokenizer.json"));
        using JsonFile? tokenizerConfig = JsonFile.OpenIfThere(Path.Combine(folder, "tokenizer_config.json"));

        BertConfig bert = ReadBert(config);
        string[] steps = modules is null ? [] : [.. modules.Root.EnumerateArray().Select(module => StepName(modules, module))];
        CheckSteps(modules, steps);
        bool lowerCase = tokenizer?.Boolean("normalizer", "lowercase") ?? tokenizerConfig?.Boolean("do_lower_case") ?? true;
        return new EncoderSettings
        {
            Config = bert,
            Pooling = ReadPooling(Path.Combine(folder, "1_Pooling", "config.json")),
            Normalize = steps.Contains("Normalize"),
            MaximumTokens = Math.Min(sentence?.Integer("max_seq_length") ?? bert.MaximumPositions, bert.MaximumPositions),
            QueryPrefix = prompts?.Text("prompts", "query") ?? "",
            PassagePrefix = prompts?.Text("prompts", "passage") ?? prompts?.Text("prompts", "document") ?? "",
            LowerCase = lowerCase,
            // As in BertNormalizer: null means "as lower-casing".
            StripAccents = tokenizer?.Boolean("normalizer", "strip_accents") ?? tokenizerConfig?.Boolean("strip_accents") ?? lowerCase,
            SplitChinese = tokenizer?.Boolean("normalizer", "handle_chinese_chars") ?? tokenizerConfig?.Boolean("tokenize_chinese_chars") ?? true,
        };
    }

    private static BertConfig ReadBert(JsonFile config)
    {
        string kind = config.Text("model_type") ?? "none";
        if (kind != "bert")
            throw config.Problem($"declares model_type {kind}; only encoders of the kind bert are supported (all-MiniLM, bge, e5, arctic-embed). Choose one of them.");
        string positions = config.Text("position_embedding_type") ?? "absolute";
        if (positions != "absolute") throw config.Problem($"declares position_embedding_type {positions}; only absolute is supported.");
        string activation = config.Text("hidden_act") ?? "gelu";
        if (activation is not ("gelu" or "gelu_new" or "gelu_pytorch_tanh"))
            throw config.Problem($"declares hidden_act {activation}; gelu or gelu_new was expected.");
        var bert = new BertConfig
        {
            Layers = config.Required("num_hidden_layers"),
            Heads = config.Required("num_attention_heads"),
            HiddenSize = config.Required("hidden_size"),
            FeedForwardSize = config.Required("intermediate_size"),
            VocabularySize = config.Required("vocab_size"),
            MaximumPositions = config.Required("max_position_embeddings"),
            TokenTypes = config.Integer("type_vocab_size") ?? 2,
            NormEpsilon = config.Number("layer_norm_eps") ?? 1e-12,
            GeluByTanh = activation != "gelu",
        };
        if (bert.HiddenSize % bert.Heads != 0)
            throw config.Problem($"declares hidden_size {bert.HiddenSize}, which is no multiple of num_attention_heads {bert.Heads}.");
        return bert;
    }

    private static string StepName(JsonFile file, JsonElement module) =>
        module.TryGetProperty("type", out JsonElement type) && type.GetString() is { } name
            ? name[(name.LastIndexOf('.') + 1)..]
            : throw file.Problem("has a module without \"type\".");

    private static void CheckSteps(JsonFile? modules, string[] steps)
    {
        string? unknown = steps.FirstOrDefault(step => step is not ("Transformer" or "Pooling" or "Normalize"));
        if (unknown is not null)
            throw modules!.Problem($"has a module {unknown}, which is not supported; only Transformer, Pooling and Normalize are. Choose another encoder.");
    }

    private static Pooling ReadPooling(string path)
    {
        using JsonFile? file = JsonFile.OpenIfThere(path);
        if (file is null || file.Boolean("pooling_mode_mean_tokens") == true) return Pooling.Mean;
        if (file.Boolean("pooling_mode_cls_token") == true) return Pooling.FirstToken;
        throw file.Problem("asks for a pooling other than the mean or the first token. Choose another encoder.");
    }
}
