using RetrievalAttention.Answering.Summaries;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation;

/// <summary>
/// How well a summary prepares for the text: mean NLL of stretches of a section after the summary of that section stood in the prompt. Judges what a summary is for, by the
/// model that reads it, without a reference; tokens that any of the compared summaries quotes are left out, so that copying earns nothing.
/// </summary>
internal sealed class SectionLikelihood(LoadedModel model, ReadBook book)
{
    /// <summary>Tokens of a stretch; one stands at a quarter, one at three quarters of the section.</summary>
    private const int StretchTokens = 192;

    /// <summary>Sections shorter than this in tokens are not measured.</summary>
    public const int FewestTokens = 4 * StretchTokens;

    /// <summary>Mean NLL in nats a token for each summary, on the same tokens; null when the section is too short.</summary>
    /// <param name="part">The section.</param>
    /// <param name="summaries">Texts that stand in the prompt, one measurement each.</param>
    /// <param name="quoted">Sentences that any of them quotes.</param>
    public double[]? Measure(SummaryPart part, IReadOnlyList<string> summaries, IReadOnlySet<BookSentence> quoted)
    {
        int start = part.Candidates[0].Start, end = part.Candidates[^1].End;
        TextToken[] tokens = [.. model.Tokenizer.Encode(book.Document.Text[start..end]).Select(token => token with { Start = token.Start + start, End = token.End + start })];
        if (tokens.Length < FewestTokens) return null;
        TextToken[][] stretches = [tokens[(tokens.Length / 4)..][..StretchTokens], tokens[(3 * tokens.Length / 4)..][..StretchTokens]];
        bool[][] counted = [.. stretches.Select(stretch => stretch.Select(token => !quoted.Any(sentence => sentence.Start < token.End && token.Start < sentence.End)).ToArray())];
        int count = counted.Sum(stretch => stretch.Count(one => one));
        return count == 0 ? null : [.. summaries.Select(summary => stretches.Zip(counted, (stretch, mask) => SumOfNll(summary, stretch, mask)).Sum() / count)];
    }

    private double SumOfNll(string summary, TextToken[] stretch, bool[] counted)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        long[] prompt = [.. model.Tokenizer.Encode(summary + "\n\n").Select(token => (long)token.Id)];
        long[] target = [.. stretch.Select(token => (long)token.Id)];
        using AttentionContext context = model.Header.NewContext(prompt.Length + target.Length);
        Tensor hidden = model.Decoder.Forward(tensor([.. prompt, .. target]), context);
        Tensor logits = model.Decoder.Logits(hidden[(prompt.Length - 1)..^1]);
        Tensor nll = nn.functional.cross_entropy(logits, tensor(target, device: logits.device), reduction: nn.Reduction.None);
        return nll.cpu().data<float>().ToArray().Zip(counted, (value, counts) => counts ? value : 0.0).Sum();
    }
}
