using RetrievalAttention.Memory;

namespace RetrievalAttention.Answering.Writing;

/// <summary>What is to be written.</summary>
/// <param name="Instruction">What the model is told to do; empty for none.</param>
/// <param name="Text">What the new text follows: an opening, or a text that is to go on; empty for none.</param>
/// <param name="Words">About how many; the end of the sentence is awaited. Range 1 to 100,000.</param>
/// <param name="StyleOnly">See only the opening of the book, for its style, and look for nothing.</param>
public sealed record WritingRequest(string Instruction, string Text, int Words, bool StyleOnly)
{
    private const string ParagraphBreak = "\n\n";

    /// <summary>Ids that stand before the text all the time. A text without an instruction stands where documents are read: in the user's turn, without any.</summary>
    /// <param name="title">Of the book.</param>
    public IReadOnlyList<int> PromptIds(LoadedModel model, string title) => Instruction.Length == 0
        ? []
        : [.. Plain(model, $"{ParagraphBreak}These were passages of \"{title}\".{ParagraphBreak}{Instruction}"), .. model.Tokenizer.EncodePrompt(model.Template.EndOfUser)];

    /// <summary>Ids of the text that is there already.</summary>
    public IReadOnlyList<int> TextIds(LoadedModel model) =>
        Text.Length == 0 ? [] : [.. Plain(model, Instruction.Length == 0 ? ParagraphBreak + Text.Trim() : Text.Trim())];

    private static IEnumerable<int> Plain(LoadedModel model, string text) => model.Tokenizer.Encode(text).Select(token => token.Id);
}
