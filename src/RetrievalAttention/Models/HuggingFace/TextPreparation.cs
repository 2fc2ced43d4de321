using System.Text.Json;
using RetrievalAttention.Models.Tokenization;

namespace RetrievalAttention.Models.HuggingFace;

/// <summary>What tokenizer.json does to text before merging: its normalizer and its pre_tokenizer.</summary>
internal sealed class TextPreparation
{
    private readonly List<SplitStep> _split = [];

    /// <exception cref="ProblemException">A step that cannot be reproduced; the message names it.</exception>
    public TextPreparation(ModelJson json)
    {
        foreach (ModelJson step in Steps(json.FindObject("normalizer"), "normalizers"))
            AddNormalizer(step);
        foreach (ModelJson step in Steps(json.FindObject("pre_tokenizer"), "pretokenizers"))
            AddPreTokenizer(step);
    }

    /// <summary>Bytes are written as characters; otherwise spaces are ▁.</summary>
    public bool ByteLevel { get; private set; }

    public IReadOnlyList<SplitStep> Split => _split;

    public bool Compose { get; private set; }

    public SpacePrefix Prefix { get; private set; }

    /// <summary>The step itself, or the steps of a sequence.</summary>
    /// <param name="list">Name of the sequence's list.</param>
    public static IEnumerable<ModelJson> Steps(ModelJson? step, string list)
    {
        if (step is null)
            return [];
        if (step.Text("type") != "Sequence")
            return [step];
        JsonElement inner = step.FindList(list) ?? throw step.Problem($"is a sequence without \"{list}\". It is damaged; fetch it again.");
        return inner.EnumerateArray().SelectMany((one, i) => Steps(step.Nested(one, i), list));
    }

    private void AddNormalizer(ModelJson step)
    {
        switch (step.Text("type"))
        {
            case "NFC":
                Compose = true;
                break;
            case "Prepend" when step.FindText("prepend") == "▁":
                Prefix = SpacePrefix.Always;
                break;
            case "Replace" when step.FindText("content") == "▁" && step.FindObject("pattern")?.FindText("String") == " ":
                break;
            default:
                throw Unknown(step);
        }
    }

    private void AddPreTokenizer(ModelJson step)
    {
        switch (step.Text("type"))
        {
            case "ByteLevel" when step.FindFlag("add_prefix_space") != true:
                ByteLevel = true;
                if (step.FindFlag("use_regex") ?? true)
                    _split.Add(new SplitStep(SplitStep.Gpt2));
                break;
            case "Digits":
                _split.Add(new SplitStep(step.FindFlag("individual_digits") == true ? SplitStep.Digit : SplitStep.Digit + "+"));
                break;
            case "Split" when step.FindObject("pattern")?.FindText("Regex") is string pattern:
                AddSplit(step, pattern);
                break;
            case "Metaspace" when step.FindText("replacement") is null or "▁":
                Prefix = (step.FindText("prepend_scheme") ?? (step.FindFlag("add_prefix_space") == false ? "never" : "always")) switch
                {
                    "never" => SpacePrefix.Never,
                    "first" => SpacePrefix.FirstUnlessSpace,
                    _ => SpacePrefix.UnlessSpace,
                };
                break;
            default:
                throw Unknown(step);
        }
    }

    private void AddSplit(ModelJson step, string pattern)
    {
        bool keepGaps = (step.FindText("behavior"), step.FindFlag("invert") ?? false) switch
        {
            ("Isolated", _) => true,
            ("Removed", true) => false,
            _ => throw Unknown(step),
        };
        var split = new SplitStep(pattern, keepGaps);
        try
        {
            _ = split.Regex;
        }
        catch (ArgumentException e)
        {
            throw step.Problem($"cuts text by a pattern that .NET cannot use: {e.Message} Choose another model.");
        }

        _split.Add(split);
    }

    private static ProblemException Unknown(ModelJson step) =>
        step.Problem($"prepares text by a step that cannot be reproduced exactly: {step.Root.GetRawText()}. Choose another model, or a .gguf file of it.");
}
