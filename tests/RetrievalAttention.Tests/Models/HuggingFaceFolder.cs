using System.Text.Json;
using RetrievalAttention.Models;
using RetrievalAttention.Models.Gguf;

namespace RetrievalAttention.Tests.Models;

/// <summary>
/// A Hugging Face folder in a temporary place, with a model's weights in float32: in one file, or in three with an index. Delete by disposing.
/// </summary>
public sealed class HuggingFaceFolder : IDisposable
{
    private HuggingFaceFolder(string path) => Path = path;

    public string Path { get; }

    public static HuggingFaceFolder FromShippedModel()
    {
        var folder = new HuggingFaceFolder(Directory.CreateTempSubdirectory("hf-smollm2-").FullName);
        using IModelWeights model = ModelFiles.Open(ShippedModel.File);
        folder.WriteWeights(model, sharded: false);
        folder.WriteConfig(model.Config, ropeBase: 100000);
        folder.WriteTokenizer();
        File.WriteAllText(folder.At("chat_template.jinja"), model.ChatTemplate);
        return folder;
    }

    /// <summary>Weights and configuration of <see cref="TinyModel"/>, beside the file "tiny.bin" that they were read from.</summary>
    public static HuggingFaceFolder FromTinyModel(bool sharded)
    {
        var folder = new HuggingFaceFolder(Directory.CreateTempSubdirectory("hf-tiny-").FullName);
        File.WriteAllBytes(folder.At("tiny.bin"), TinyModel.Gguf().ToBytes());
        using IModelWeights model = ModelFiles.Open(folder.At("tiny.bin"));
        folder.WriteWeights(model, sharded);
        folder.WriteConfig(model.Config, ropeBase: 10000);
        return folder;
    }

    /// <summary>Only the tokenizer's files, which is quick.</summary>
    public static HuggingFaceFolder WithTokenizerOnly()
    {
        var folder = new HuggingFaceFolder(Directory.CreateTempSubdirectory("hf-tokenizer-").FullName);
        folder.WriteTokenizer();
        return folder;
    }

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private void WriteWeights(IModelWeights model, bool sharded)
    {
        (string Name, long[] Shape)[] tensors = [.. Architectures.Tensors(model.Config)];
        if (!sharded)
        {
            SafetensorsWriter.Write(At("model.safetensors"), model, tensors);
            return;
        }

        var map = new Dictionary<string, string>();
        (string, long[])[][] parts = [.. tensors.Chunk(tensors.Length / 3 + 1)];
        for (int i = 0; i < parts.Length; i++)
        {
            string name = $"model-0000{i + 1}-of-0000{parts.Length}.safetensors";
            SafetensorsWriter.Write(At(name), model, parts[i]);
            foreach ((string tensor, long[] _) in parts[i])
                map[tensor] = name;
        }

        WriteJson("model.safetensors.index.json", new { metadata = new { total_size = 0 }, weight_map = map });
    }

    private void WriteConfig(DecoderConfig config, int ropeBase) => WriteJson("config.json", new
    {
        architectures = new[] { "LlamaForCausalLM" },
        model_type = "llama",
        hidden_act = "silu",
        hidden_size = config.HiddenSize,
        intermediate_size = config.FeedForwardSize,
        max_position_embeddings = config.ContextLength,
        num_attention_heads = config.Heads,
        num_hidden_layers = config.Layers,
        num_key_value_heads = config.KvHeads,
        rms_norm_eps = 1e-05,
        rope_scaling = (object?)null,
        rope_theta = ropeBase,
        tie_word_embeddings = true,
        vocab_size = config.VocabularySize,
    });

    // As in the tokenizer.json of HuggingFaceTB/SmolLM2-135M-Instruct.
    private void WriteTokenizer()
    {
        using MappedFile mapped = MappedFile.Open(ShippedModel.File);
        GgufMetadata metadata = GgufFile.Read(mapped).Metadata;
        string[] tokens = metadata.Texts("tokenizer.ggml.tokens");
        long[] types = metadata.FindCounts("tokenizer.ggml.token_type")!;
        WriteJson("tokenizer.json", new
        {
            version = "1.0",
            truncation = (object?)null,
            padding = (object?)null,
            added_tokens = Enumerable.Range(0, tokens.Length).Where(i => types[i] != 1).Select(i =>
                new { id = i, content = tokens[i], single_word = false, lstrip = false, rstrip = false, normalized = false, special = true }),
            normalizer = (object?)null,
            pre_tokenizer = new
            {
                type = "Sequence",
                pretokenizers = new object[]
                {
                    new { type = "Digits", individual_digits = true },
                    new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
                },
            },
            post_processor = (object?)null,
            decoder = new { type = "ByteLevel", add_prefix_space = true, trim_offsets = true, use_regex = true },
            model = new
            {
                type = "BPE",
                dropout = (object?)null,
                unk_token = (object?)null,
                continuing_subword_prefix = (object?)null,
                end_of_word_suffix = (object?)null,
                fuse_unk = false,
                byte_fallback = false,
                vocab = tokens.Select((t, i) => (t, i)).ToDictionary(p => p.t, p => p.i),
                merges = metadata.Texts("tokenizer.ggml.merges"),
            },
        });
        WriteJson("tokenizer_config.json", new { eos_token = "<|im_end|>", bos_token = "<|im_start|>", add_prefix_space = false });
    }

    private void WriteJson(string name, object value) => File.WriteAllBytes(At(name), JsonSerializer.SerializeToUtf8Bytes(value));
}
