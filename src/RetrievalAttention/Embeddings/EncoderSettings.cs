using System.Text.Json;
using RetrievalAttention.Models.HuggingFace;

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
        ModelJson config = ModelJson.Read(Path.Combine(folder, "config.json"));
        ModelJson? sentence = ModelJson.FindFile(Path.Combine(folder, "sentence_bert_config.json"));
        ModelJson? prompts = ModelJson.FindFile(Path.Combine(folder, "config_sentence_transformers.json"))?.FindObject("prompts");
        ModelJson? normalizer = ModelJson.FindFile(Path.Combine(folder, "tokenizer.json"))?.FindObject("normalizer");
        ModelJson? tokenizer = ModelJson.FindFile(Path.Combine(folder, "tokenizer_config.json"));

        BertConfig bert = ReadBert(config);
        IReadOnlyList<string> steps = ReadSteps(Path.Combine(folder, "modules.json"));
        bool lowerCase = normalizer?.FindFlag("lowercase") ?? tokenizer?.FindFlag("do_lower_case") ?? true;
        return new EncoderSettings
        {
            Config = bert,
            Pooling = ReadPooling(Path.Combine(folder, "1_Pooling", "config.json")),
            Normalize = steps.Contains("Normalize"),
            MaximumTokens = Math.Min(sentence?.FindCount("max_seq_length") ?? bert.MaximumPositions, bert.MaximumPositions),
            QueryPrefix = prompts?.FindText("query") ?? "",
            PassagePrefix = prompts?.FindText("passage") ?? prompts?.FindText("document") ?? "",
            LowerCase = lowerCase,
            // As in BertNormalizer: null means "as lower-casing".
            StripAccents = normalizer?.FindFlag("strip_accents") ?? tokenizer?.FindFlag("strip_accents") ?? lowerCase,
            SplitChinese = normalizer?.FindFlag("handle_chinese_chars") ?? tokenizer?.FindFlag("tokenize_chinese_chars") ?? true,
        };
    }

    private static BertConfig ReadBert(ModelJson config)
    {
        string kind = config.FindText("model_type") ?? "none";
        if (kind != "bert")
            throw config.Problem($"declares model_type {kind}; only encoders of the kind bert are supported (all-MiniLM, bge, e5, arctic-embed). Choose one of them.");
        string positions = config.FindText("position_embedding_type") ?? "absolute";
        if (positions != "absolute") throw config.Problem($"declares position_embedding_type {positions}; only absolute is supported.");
        string activation = config.FindText("hidden_act") ?? "gelu";
        if (activation is not ("gelu" or "gelu_new" or "gelu_pytorch_tanh"))
            throw config.Problem($"declares hidden_act {activation}; gelu or gelu_new was expected.");
        var bert = new BertConfig
        {
            Layers = config.Count("num_hidden_layers"),
            Heads = config.Count("num_attention_heads"),
            HiddenSize = config.Count("hidden_size"),
            FeedForwardSize = config.Count("intermediate_size"),
            VocabularySize = config.Count("vocab_size"),
            MaximumPositions = config.Count("max_position_embeddings"),
            TokenTypes = config.FindCount("type_vocab_size") ?? 2,
            NormEpsilon = config.FindNumber("layer_norm_eps") ?? 1e-12,
            GeluByTanh = activation != "gelu",
        };
        if (bert.Layers == 0 || bert.HiddenSize == 0 || bert.Heads == 0 || bert.MaximumPositions < 3)
            throw config.Problem("declares an encoder without layers, heads, size or positions. It is damaged; fetch it again.");
        if (bert.HiddenSize % bert.Heads != 0)
            throw config.Problem($"declares hidden_size {bert.HiddenSize}, which is no multiple of num_attention_heads {bert.Heads}. It is damaged; fetch it again.");
        return bert;
    }

    /// <summary>The steps after tokenizing, such as Transformer, Pooling, Normalize; none without the file.</summary>
    private static IReadOnlyList<string> ReadSteps(string path)
    {
        if (!File.Exists(path)) return [];
        try
        {
            using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(path));
            string[] types = [.. file.RootElement.EnumerateArray().Select(module => module.GetProperty("type").GetString()!)];
            string[] steps = [.. types.Select(type => type[(type.LastIndexOf('.') + 1)..])];
            string? unknown = steps.FirstOrDefault(step => step is not ("Transformer" or "Pooling" or "Normalize"));
            return unknown is null ? steps
                : throw new ProblemException(ProblemKind.Model, $"The model file {path} has a module {unknown}; Transformer, Pooling and Normalize are supported. Choose another encoder.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ProblemException(ProblemKind.Model, $"The model file {path} is no list of modules with types: {e.Message} It is damaged; fetch it again.", e);
        }
    }

    private static Pooling ReadPooling(string path)
    {
        ModelJson? file = ModelJson.FindFile(path);
        if (file is null || file.FindFlag("pooling_mode_mean_tokens") == true) return Pooling.Mean;
        if (file.FindFlag("pooling_mode_cls_token") == true) return Pooling.FirstToken;
        throw file.Problem("asks for a pooling other than the mean or the first token. Choose another encoder.");
    }
}
