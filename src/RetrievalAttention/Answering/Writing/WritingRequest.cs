using RetrievalAttention.Memory;

namespace RetrievalAttention.Answering.Writing;

/// <summary>What is to be written.</summary>
/// <param name="Instruction">What the model is told to do; empty for none.</param>
/// <param name="Text">What the new text follows: an opening, or a text that is to go on; empty for none.</param>
/// <param name="Words">About how many; the end of the sentence is awaited. Range 1 to 100,000.</param>
/// <param name="StyleOnly">See only the opening of the book, for its style, and look for nothing.</param>
public sealed record WritingRequest(string Instruction, string Text, int Words, bool StyleOnly)
{
    /// <summary>What is said where only a text is given: a model taught to converse takes a text in the user's turn for a question.</summary>
    private const string GoOn = "Continue the story in the style of the book.";

    /// <summary>Ids that stand before the text all the time: from the user's text to the start of the assistant's.</summary>
    /// <param name="title">Of the book.</param>
    public IReadOnlyList<int> PromptIds(LoadedModel model, string title) =>
    [
        .. Plain(model, $"\n\nThese were passages of \"{title}\".\n\n{(Instruction.Length == 0 ? GoOn : Instruction)}"),
        .. model.Tokenizer.EncodePrompt(model.Template.EndOfUser),
    ];

    /// <summary>Ids of the text that is there already, with which the assistant's turn begins.</summary>
    public IReadOnlyList<int> TextIds(LoadedModel model) => Text.Length == 0 ? [] : [.. Plain(model, Text.Trim())];

    private static IEnumerable<int> Plain(LoadedModel model, string text) => model.Tokenizer.Encode(text).Select(token => token.Id);
}
