using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RetrievalAttention.Models;
using RetrievalAttention.Models.HuggingFace;
using RetrievalAttention.Models.Tokenization;

namespace RetrievalAttention.Tests.Models;

/// <summary>
/// Against Hugging Face's own tokenizers library (Tokenizers.DotNet) on the same tokenizer.json: the shipped vocabulary with the ways of cutting text
/// that the supported families use, and a small SentencePiece vocabulary.
/// </summary>
public class TokenizerOracleTests
{
    private const int Texts = 300;

    private static readonly string[] Pieces =
    [
        "the", "The", "sea", "in", "ing", "don't", "I'M", "THEY'RE", "'s", "'", "1745", "007", "½", "²", "Ⅷ", "٣", " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t",
        "\u00a0", "\u2009", "\u3000", "é", "e\u0301", "naïve", "ß", "ſ", "ﬁ", "你好", "，", "日本", "한국", "\u1112\u1161\u11ab", "Привет", "مرحبا", "עברית", "हिन्दी", "ไทย",
        "🙂", "👩‍👧", "🇩🇪", "𝒜𝓁𝒾", "𠀀", "𝟜𝟚", "𐍈", "—", "…", "“", "”", "!!", "?", "...", "-", "--", "_", "/", "\\", "<", ">", "<|", "|>", "</s>", "<s>", "<0x41>", "[", "]", "{}",
        "$", "€", "+", "=", "\u0000", "\u0007", "\u007f", "\u0085", "\u00ad", "\u200b", "\ufeff", "\u0300", "abcdefghijklmnopqrstuvwxyz", "aaaaaaaaaaaaaaaa", "camelCase", "XMLHttp", "x", "Q",
    ];

    public static TheoryData<string> Ways => ["smollm2", "gpt2", "llama3", "qwen2", "tekken"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void ByteLevelTokenizersGiveTheOraclesIds(string way)
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.WithTokenizerOnly();
        string path = folder.At("tokenizer.json");
        if (way != "smollm2")
            Edit(path, json => Cut(json, way));
        Compare(folder.Path, path);
    }

    [Theory]
    [InlineData("prepend", false)]
    [InlineData("prepend", true)]
    [InlineData("first", false)]
    [InlineData("always", false)]
    [InlineData("never", false)]
    public void SentencePieceTokenizersGiveTheOraclesIds(string prefix, bool wordsCross)
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.WithTokenizerOnly();
        string path = folder.At("tokenizer.json");
        File.WriteAllText(path, SentencePiece(prefix, wordsCross).ToJsonString());
        Compare(folder.Path, path);
    }

    [Fact]
    public void AGgufWithScoresGivesTheIdsOfItsTokenizerJson()
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.WithTokenizerOnly();
        File.WriteAllText(folder.At("tokenizer.json"), SentencePiece("prepend", wordsCross: false).ToJsonString());
        File.WriteAllBytes(folder.At("model.gguf"), TinyModel.Gguf().ToBytes());
        using IModelWeights model = ModelFiles.Open(folder.At("model.gguf"));
        ITextTokenizer fromGguf = model.CreateTokenizer(), fromJson = HuggingFaceTokenizer.Read(folder.Path);
        int examined = 0;
        foreach (string text in RandomTexts(21))
        {
            Assert.Equal(fromJson.Encode(text), fromGguf.Encode(text));
            examined++;
        }

        Assert.Equal(Texts, examined);
        Assert.Equal((1, 2), (fromGguf.BeginId, Assert.Single(fromGguf.EndIds)));
    }

    private static void Compare(string folder, string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The oracle's native library is only referenced for Linux.");
        var oracle = new Tokenizers.DotNet.Tokenizer(vocabPath: path);
        ITextTokenizer tokenizer = HuggingFaceTokenizer.Read(folder);
        int examined = 0;
        foreach (string text in RandomTexts(20))
        {
            int[] expected = [.. oracle.Encode(text).Select(id => (int)id)];
            int[] found = [.. tokenizer.EncodePrompt(text)];
            Assert.True(expected.SequenceEqual(found), $"{JsonSerializer.Serialize(text)}: [{string.Join(", ", expected)}] expected, [{string.Join(", ", found)}] found.");
            Assert.Equal(oracle.Decode([.. expected.Select(id => (uint)id)]), tokenizer.Decode(expected));
            CheckOffsets(text, tokenizer.Encode(text));
            examined++;
        }

        Assert.Equal(Texts, examined);
    }

    // In order, inside the text, never half a surrogate pair.
    private static void CheckOffsets(string text, IReadOnlyList<TextToken> tokens)
    {
        int start = 0;
        foreach (TextToken token in tokens)
        {
            Assert.InRange(token.Start, start, text.Length);
            Assert.InRange(token.End, token.Start, text.Length);
            Assert.False(token.Start > 0 && token.Start < text.Length && char.IsLowSurrogate(text[token.Start]) && char.IsHighSurrogate(text[token.Start - 1]));
            start = token.Start;
        }
    }

    private static IEnumerable<string> RandomTexts(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < Texts; i++)
        {
            var text = new StringBuilder();
            for (int piece = random.Next(1, 30); piece > 0; piece--)
                text.Append(Pieces[random.Next(Pieces.Length)]).Append(random.Next(3) == 0 ? " " : "");
            if (i % 50 == 0)
                text.Append(string.Concat(Enumerable.Range(0, 700).Select(_ => (char)random.Next('a', 'z' + 1))));
            yield return text.ToString();
        }
    }

    private static void Cut(JsonNode json, string way)
    {
        string pattern = way switch { "llama3" => SplitStep.Llama3, "qwen2" => SplitStep.Qwen2, "tekken" => SplitStep.Tekken, _ => SplitStep.Gpt2 };
        json["model"]!["ignore_merges"] = way is "llama3" or "tekken";
        json["normalizer"] = way == "qwen2" ? new JsonObject { ["type"] = "NFC" } : null;
        json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = false, ["use_regex"] = false }),
        };
    }

    private static JsonObject SentencePiece(string prefix, bool wordsCross)
    {
        (string[] tokens, float[] scores, int[] types) = TinyModel.Vocabulary(wordsCross);
        var vocabulary = new JsonObject(tokens.Select((t, id) => KeyValuePair.Create(t, (JsonNode?)id)));
        IReadOnlyList<string> merges = ScoredMerges.Of(tokens, [.. scores.Select(s => (double)s)], id => types[id] == 1);
        JsonNode replace = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = "▁" };
        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. new[] { 0, 1, 2 }.Select(id => new JsonObject
            {
                ["id"] = id, ["content"] = tokens[id], ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
            })]),
            ["normalizer"] = prefix == "prepend"
                ? new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" }, replace) }
                : null,
            ["pre_tokenizer"] = prefix == "prepend" ? null : new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = prefix, ["split"] = false },
            ["post_processor"] = null,
            ["decoder"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["decoders"] = new JsonArray(
                [
                    new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = "▁" }, ["content"] = " " },
                    new JsonObject { ["type"] = "ByteFallback" },
                    new JsonObject { ["type"] = "Fuse" },
                    .. prefix == "never" ? Array.Empty<JsonNode>() : [new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 }],
                ]),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = "<unk>", ["continuing_subword_prefix"] = null, ["end_of_word_suffix"] = null,
                ["fuse_unk"] = true, ["byte_fallback"] = true, ["ignore_merges"] = false, ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges.Select(m => (JsonNode?)m)]),
            },
        };
    }

    private static void Edit(string path, Action<JsonNode> change)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(path))!;
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}
