namespace RetrievalAttention.Models.HuggingFace;

/// <summary>Reads a decoder's shape from config.json, with the defaults of transformers where it says nothing.</summary>
internal static class HuggingFaceConfig
{
    /// <summary>Mistral is a llama whose attention reaches back a limited way.</summary>
    public static string Architecture(ModelJson json) => json.Text("model_type") switch
    {
        "mistral" => "llama",
        string other => other,
    };

    /// <exception cref="ProblemException">Incomplete, contradictory, or with a feature that is not supported.</exception>
    public static DecoderConfig Read(ModelJson json, Func<string, bool> hasTensor)
    {
        if (json.FindText("hidden_act") is string activation and not "silu")
            throw json.Problem($"uses the activation \"{activation}\"; \"silu\" is supported. Choose another model.");
        int heads = Math.Max(1, json.Count("num_attention_heads")), hidden = json.Count("hidden_size");
        int headSize = json.FindCount("head_dim") ?? hidden / heads;
        var config = new DecoderConfig
        {
            Architecture = Architecture(json),
            Layers = json.Count("num_hidden_layers"),
            Heads = heads,
            KvHeads = json.FindCount("num_key_value_heads") ?? heads,
            HeadSize = headSize,
            HiddenSize = hidden,
            FeedForwardSize = json.Count("intermediate_size"),
            VocabularySize = json.Count("vocab_size"),
            ContextLength = ReadContext(json),
            NormEpsilon = (float)json.Number("rms_norm_eps"),
            RopeFrequencies = ReadRope(json, headSize),
            TiedEmbeddings = json.FindFlag("tie_word_embeddings") ?? !hasTensor("lm_head.weight"),
            QkvBias = hasTensor("model.layers.0.self_attn.q_proj.bias"),
            QkNorm = hasTensor("model.layers.0.self_attn.q_norm.weight"),
        };
        Architectures.Check(config, json.Path);
        return config;
    }

    // No sequence is longer than the sliding window, so that it never has to slide.
    private static int ReadContext(ModelJson json)
    {
        int context = json.Count("max_position_embeddings");
        return json.FindFlag("use_sliding_window") == false ? context : Math.Min(context, json.FindCount("sliding_window") ?? context);
    }

    private static double[] ReadRope(ModelJson json, int headSize)
    {
        if (json.FindNumber("partial_rotary_factor") is double part and not 1)
            throw json.Problem($"rotates a part of {part} of each head, which is not supported. Choose another model.");

        // transformers 5 moved both settings to rope_parameters.
        ModelJson? scaling = json.FindObject("rope_scaling") ?? json.FindObject("rope_parameters");
        double[] frequencies = Rope.Plain(json.FindNumber("rope_theta") ?? scaling?.FindNumber("rope_theta") ?? Rope.DefaultBase, headSize);
        return (scaling?.FindText("rope_type") ?? scaling?.FindText("type") ?? "default") switch
        {
            "default" => frequencies,
            "linear" => Rope.Linear(frequencies, scaling!.Number("factor")),
            "llama3" => Rope.Llama3(
                frequencies,
                scaling!.Number("factor"),
                scaling.Number("low_freq_factor"),
                scaling.Number("high_freq_factor"),
                scaling.Number("original_max_position_embeddings")),
            string other => throw json.Problem($"scales rotary positions in the way \"{other}\"; default, linear and llama3 are supported. Choose another model."),
        };
    }
}
