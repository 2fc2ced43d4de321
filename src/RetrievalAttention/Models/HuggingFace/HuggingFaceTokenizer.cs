using System.Text.Json;
using RetrievalAttention.Models.Tokenization;

namespace RetrievalAttention.Models.HuggingFace;

/// <summary>
/// Reads tokenizer.json and what its neighbours say about begin and end tokens. Parts that would change ids and cannot be reproduced are refused by name.
/// </summary>
internal static class HuggingFaceTokenizer
{
    /// <exception cref="ProblemException">Missing, damaged, or of a kind that cannot be read.</exception>
    public static ITextTokenizer Read(string folder)
    {
        TokenizerDefinition definition = ReadDefinition(folder);
        return definition.Kind == TokenizerKind.ByteLevel ? new ByteLevelTokenizer(definition) : new SentencePieceTokenizer(definition);
    }

    internal static TokenizerDefinition ReadDefinition(string folder)
    {
        ModelJson json = ModelJson.Read(Path.Combine(folder, "tokenizer.json"));
        ModelJson model = json.FindObject("model") ?? throw json.Problem("lacks \"model\". It is damaged; fetch it again.");
        if (model.FindText("type") is string type and not "BPE")
            throw json.Problem($"has a tokenizer of kind \"{type}\"; \"BPE\" can be read. Choose another model.");

        Dictionary<string, int> specials = ReadAdded(json);
        Dictionary<string, int> vocabulary = ReadVocabulary(model, specials);
        var text = new TextPreparation(json);
        TokenizerKind kind = text.ByteLevel ? TokenizerKind.ByteLevel : TokenizerKind.SentencePiece;
        ModelJson? settings = ModelJson.FindFile(Path.Combine(folder, "tokenizer_config.json"));
        int? Id(string? token) => token is not null && (specials.TryGetValue(token, out int id) || vocabulary.TryGetValue(token, out id)) ? id : null;
        return new TokenizerDefinition
        {
            Kind = kind,
            Vocabulary = vocabulary,
            Specials = specials,
            Merges = ReadMerges(model, specials),
            Split = text.Split,
            Compose = text.Compose,
            Prefix = text.Prefix,
            IgnoreMerges = model.FindFlag("ignore_merges") ?? false,
            UnknownId = kind == TokenizerKind.SentencePiece ? Id(model.FindText("unk_token")) : null,
            BeginId = ReadBegin(json, settings, Id),
            EndIds = EndTokens.Of(specials, [Id(TokenText(settings, "eos_token")), .. DeclaredEnds(folder)]),
        };
    }

    private static Dictionary<string, int> ReadAdded(ModelJson json)
    {
        var added = new Dictionary<string, int>(StringComparer.Ordinal);
        if (json.FindList("added_tokens") is not JsonElement list)
            return added;
        foreach (JsonElement token in list.EnumerateArray())
        {
            if (ModelJson.TextOf(token, "content") is not { Length: > 0 } text
                || !token.TryGetProperty("id", out JsonElement id) || id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out int number) || number < 0)
            {
                throw json.Problem($"has an added token without text or id: {token.GetRawText()}. It is damaged; fetch it again.");
            }

            added[text] = number;
        }

        return added;
    }

    private static Dictionary<string, int> ReadVocabulary(ModelJson model, Dictionary<string, int> specials)
    {
        JsonElement listed = model.FindObject("vocab")?.Root ?? throw model.Problem("lacks \"vocab\". It is damaged; fetch it again.");
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonProperty token in listed.EnumerateObject())
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out int id) || id < 0 || token.Name.Length == 0)
                throw model.Problem($"has the token \"{token.Name}\" with the id {token.Value.GetRawText()}: it is damaged. Fetch it again.");
            if (!specials.ContainsKey(token.Name))
                vocabulary[token.Name] = id;
        }

        return vocabulary.Count > 0 ? vocabulary : throw model.Problem("has an empty \"vocab\". It is damaged; fetch it again.");
    }

    // Each merge is "left right" or, in newer files, ["left", "right"]. One that makes a special token would never fire and is left out.
    private static List<string> ReadMerges(ModelJson model, Dictionary<string, int> specials)
    {
        JsonElement listed = model.FindList("merges") ?? throw model.Problem("lacks \"merges\". It is damaged; fetch it again.");
        var merges = new List<string>(listed.GetArrayLength());
        foreach (JsonElement merge in listed.EnumerateArray())
        {
            string text = merge.ValueKind switch
            {
                JsonValueKind.String => merge.GetString()!,
                JsonValueKind.Array when merge.GetArrayLength() == 2 => $"{ModelJson.TextOf(merge[0])} {ModelJson.TextOf(merge[1])}",
                _ => throw model.Problem($"has the merge {merge.GetRawText()}, which is no pair of tokens: it is damaged. Fetch it again."),
            };
            if (specials.Count == 0 || !specials.ContainsKey(text.Replace(" ", "", StringComparison.Ordinal)))
                merges.Add(text);
        }

        return merges;
    }

    // The post-processor's template for a single text says what is put before it; older files only have a flag beside the token.
    private static int? ReadBegin(ModelJson json, ModelJson? settings, Func<string?, int?> id)
    {
        foreach (ModelJson processor in TextPreparation.Steps(json.FindObject("post_processor"), "processors"))
        {
            if (processor.FindText("type") == "TemplateProcessing" && processor.FindList("single") is JsonElement single
                && single.GetArrayLength() > 0 && single[0].ValueKind == JsonValueKind.Object && single[0].TryGetProperty("SpecialToken", out JsonElement first))
            {
                return id(ModelJson.TextOf(first, "id"));
            }
        }

        return settings?.FindFlag("add_bos_token") == true ? id(TokenText(settings, "bos_token")) : null;
    }

    private static IEnumerable<int?> DeclaredEnds(string folder)
    {
        foreach (string name in new[] { "generation_config.json", "config.json" })
        {
            JsonElement? declared = ModelJson.FindFile(Path.Combine(folder, name))?.FindAny("eos_token_id");
            if (declared is { ValueKind: JsonValueKind.Number } one && one.TryGetInt32(out int id))
                yield return id;
            if (declared is not { ValueKind: JsonValueKind.Array } several)
                continue;
            foreach (JsonElement each in several.EnumerateArray())
            {
                if (each.ValueKind == JsonValueKind.Number && each.TryGetInt32(out id))
                    yield return id;
            }
        }
    }

    // A token is its text, or an object with its text.
    private static string? TokenText(ModelJson? settings, string name) => settings?.FindAny(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        JsonElement other => ModelJson.TextOf(other, "content"),
        null => null,
    };
}
