namespace RetrievalAttention.Models.Gguf;

/// <summary>Opens a GGUF file as a model: its configuration, and its tensors under Hugging Face names.</summary>
internal static class GgufModel
{
    private const string RopeFactors = "rope_freqs.weight";

    /// <exception cref="ProblemException">Damaged, or of an unsupported kind; the message says what was found.</exception>
    public static IModelWeights Open(string path, WeightHash hash)
    {
        var mapped = MappedFile.Open(path);
        try
        {
            GgufFile file = GgufFile.Read(mapped);
            DecoderConfig config = ReadConfig(file);
            IEnumerable<WeightTensor> tensors = file.Tensors.Values.Where(t => t.Name != RopeFactors).Select(t => ToWeight(mapped, t, config));
            return new MappedWeights([mapped], tensors, config, hash)
            {
                Name = Path.GetFileName(path),
                ChatTemplate = file.Metadata.FindText("tokenizer.chat_template"),
                Tokenizer = () => GgufTokenizer.Read(file.Metadata),
            };
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    private static DecoderConfig ReadConfig(GgufFile file)
    {
        GgufMetadata metadata = file.Metadata;
        string architecture = metadata.Text("general.architecture");
        Architectures.Check(architecture, metadata.Path);
        if (metadata.FindCount("split.count") > 1)
            throw new ProblemException(ProblemKind.Model, $"The model file {metadata.Path} is one part of {metadata.Count("split.count")}. Join the parts with llama.cpp's llama-gguf-split --merge.");

        int Count(string name) => metadata.Count($"{architecture}.{name}");
        int? FindCount(string name) => metadata.FindCount($"{architecture}.{name}");
        int heads = Math.Max(1, Count("attention.head_count")), hidden = Count("embedding_length");
        int headSize = FindCount("attention.key_length") ?? hidden / heads;
        int context = Count("context_length");
        var config = new DecoderConfig
        {
            Architecture = architecture,
            Layers = Count("block_count"),
            Heads = heads,
            KvHeads = FindCount("attention.head_count_kv") ?? heads,
            HeadSize = headSize,
            HiddenSize = hidden,
            FeedForwardSize = Count("feed_forward_length"),
            VocabularySize = (int)Math.Min(Tensor(file, "token_embd.weight").Shape[0], int.MaxValue),
            ContextLength = Math.Min(context, FindCount("attention.sliding_window") ?? context),
            NormEpsilon = (float)metadata.Number($"{architecture}.attention.layer_norm_rms_epsilon"),
            RopeFrequencies = ReadRope(file, architecture, headSize),
            TiedEmbeddings = !file.Tensors.ContainsKey("output.weight"),
            QkvBias = file.Tensors.ContainsKey("blk.0.attn_q.bias"),
            QkNorm = file.Tensors.ContainsKey("blk.0.attn_q_norm.weight"),
        };
        Architectures.Check(config, metadata.Path);
        return config;
    }

    private static IReadOnlyList<double> ReadRope(GgufFile file, string architecture, int headSize)
    {
        GgufMetadata metadata = file.Metadata;
        ProblemException Unsupported(string what) => new(ProblemKind.Model, $"The model file {metadata.Path} uses {what}, which is not supported. Use a model without it.");
        if (metadata.FindCount($"{architecture}.rope.dimension_count") is int rotated && rotated != headSize)
            throw Unsupported($"rotary embedding on {rotated} of {headSize} dimensions");

        double[] frequencies = Rope.Plain(metadata.FindNumber($"{architecture}.rope.freq_base") ?? Rope.DefaultBase, headSize);
        double linear = metadata.FindNumber($"{architecture}.rope.scale_linear") ?? 1;
        string scaling = metadata.FindText($"{architecture}.rope.scaling.type") ?? "none";
        if (scaling == "linear")
            linear = metadata.FindNumber($"{architecture}.rope.scaling.factor") ?? linear;
        else if (scaling != "none")
            throw Unsupported($"rope scaling of type {scaling}");
        frequencies = Rope.Linear(frequencies, linear);

        // The llama3 scaling is stored as one divisor for each pair of dimensions.
        if (!file.Tensors.ContainsKey(RopeFactors))
            return frequencies;
        GgufTensor factors = Tensor(file, RopeFactors);
        if (factors.Shape.Count != 1 || factors.Shape[0] != frequencies.Length || factors.Type != WeightType.F32)
            throw Unsupported($"the tensor {RopeFactors} as {factors.Type} [{string.Join(", ", factors.Shape)}] where F32 [{frequencies.Length}] was expected");
        var divisors = new float[frequencies.Length];
        Dequantizer.Dequantize(factors.Type, file.Mapped.Span(factors.Offset, divisors.Length * sizeof(float)), divisors);
        return [.. frequencies.Zip(divisors, (frequency, divisor) => frequency / divisor)];
    }

    private static WeightTensor ToWeight(MappedFile mapped, GgufTensor tensor, DecoderConfig config)
    {
        string name = GgufNames.ToHuggingFace(tensor.Name);
        int interleaved = config.Architecture != "llama" ? 0
            : name.Contains(".q_proj.", StringComparison.Ordinal) ? config.Heads
            : name.Contains(".k_proj.", StringComparison.Ordinal) ? config.KvHeads
            : 0;
        return new WeightTensor(name, mapped, tensor.Offset, tensor.Type, tensor.Shape, interleaved);
    }

    private static GgufTensor Tensor(GgufFile file, string name) => file.Tensors.GetValueOrDefault(name)
        ?? throw new ProblemException(ProblemKind.Model, $"The model file {file.Mapped.Path} lacks the tensor {name}. It is damaged or not a whole model; fetch it again.");
}
