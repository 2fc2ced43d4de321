using System.Text.RegularExpressions;

namespace RetrievalAttention.Models.Chat;

/// <summary>
/// How a model was taught to read a conversation. The family is found in the template that the model declares, by the marks it writes. A prompt is
/// <see cref="Header"/>, the user's text, <see cref="EndOfUser"/>; the answer follows. The tokenizer's BeginId is not part of it: it is put before the ids.
/// </summary>
public sealed partial class ChatTemplate
{
    private readonly ChatMarks _marks;

    private ChatTemplate(ChatMarks marks, string? defaultSystem, string? warning) => (_marks, DefaultSystem, Warning) = (marks, defaultSystem, warning);

    /// <summary>"ChatML", "Llama 3", "Mistral" or "plain".</summary>
    public string Family => _marks.Family;

    /// <summary>System message that the model's own template puts where the caller gives none; null when it puts none.</summary>
    public string? DefaultSystem { get; }

    /// <summary>What a person should know when the model declares no known template; null otherwise.</summary>
    public string? Warning { get; }

    /// <summary>Closes the user's turn and opens the assistant's.</summary>
    public string EndOfUser => _marks.UserEnd + _marks.AssistantStart;

    /// <summary>Closes the assistant's turn and opens the user's next.</summary>
    public string EndOfAssistant => _marks.AssistantEnd + _marks.UserStart;

    /// <summary>Closes the assistant's turn.</summary>
    public string AssistantEnd => _marks.AssistantEnd;

    public static ChatTemplate For(IModelWeights model) => Of(model.ChatTemplate, model.Name);

    /// <param name="jinja">The template as the model declares it; null for none.</param>
    /// <param name="modelName">For the warning.</param>
    public static ChatTemplate Of(string? jinja, string modelName)
    {
        bool Writes(string mark) => jinja?.Contains(mark, StringComparison.Ordinal) == true;
        if (Writes("<|im_start|>"))
            return new ChatTemplate(ChatMarks.ChatML, FindDefaultSystem(jinja!), null);
        if (Writes("<|start_header_id|>"))
            return new ChatTemplate(ChatMarks.Llama3, null, null);
        if (Writes("[INST]"))
            return new ChatTemplate(ChatMarks.Mistral(jinja!), null, null);
        string found = jinja is null ? "declares no chat template" : "declares a chat template of an unknown family";
        return new ChatTemplate(ChatMarks.Plain, null, $"The model {modelName} {found} (known are ChatML, Llama 3 and Mistral). Questions are put to it as plain text, and answers may be worse.");
    }

    /// <summary>Everything before the user's text.</summary>
    /// <param name="system">The system message; null for the model's default, empty for none.</param>
    public string Header(string? system = null) => (system ?? DefaultSystem) is { Length: > 0 } said ? _marks.Opening + said + _marks.Continuation : _marks.UserStart;

    /// <summary>A conversation as text, open for the assistant's next turn when the last message is the user's.</summary>
    public string Render(IEnumerable<ChatMessage> messages) => string.Concat(Parts(messages).Select(p => p.Text));

    /// <summary>
    /// The same as ids. Only the marks may become special tokens; what the messages say stays text, so that none can speak in another's role.
    /// </summary>
    public IReadOnlyList<int> Encode(ITextTokenizer tokenizer, IEnumerable<ChatMessage> messages) =>
        [.. Parts(messages).SelectMany(p => p.Mark ? tokenizer.EncodePrompt(p.Text) : tokenizer.Encode(p.Text).Select(t => t.Id))];

    private IEnumerable<(string Text, bool Mark)> Parts(IEnumerable<ChatMessage> messages)
    {
        // Marks that follow each other are one part, as they are in the text the model was trained on.
        ChatMessage[] all = [.. messages];
        bool declared = all is [{ Role: ChatRole.System }, ..];
        string system = declared ? all[0].Content : DefaultSystem ?? "", marks = "";
        foreach (ChatMessage message in declared ? all[1..] : all)
        {
            switch (message.Role)
            {
                case ChatRole.User when system.Length > 0:
                    yield return (marks + _marks.Opening, true);
                    yield return (system, false);
                    yield return (_marks.Continuation, true);
                    break;
                case ChatRole.User:
                    yield return (marks + _marks.UserStart, true);
                    break;
                case ChatRole.Assistant:
                    yield return (marks, true);
                    break;
                default:
                    throw new ArgumentException("A system message can only be the first.", nameof(messages));
            }

            yield return (message.Content, false);
            (marks, system) = (message.Role == ChatRole.User ? EndOfUser : AssistantEnd, "");
        }

        yield return (marks, true);
    }

    // ChatML templates write their default as a literal: '<|im_start|>system\nYou are …<|im_end|>\n'.
    private static string? FindDefaultSystem(string jinja)
    {
        Match found = DefaultSystemPattern().Match(jinja);
        return found.Success ? found.Groups["text"].Value.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\'", "'", StringComparison.Ordinal) : null;
    }

    [GeneratedRegex("""<\|im_start\|>system(\n|\\n)(?<text>(\\'|[^'"{}<])+)<\|im_end\|>""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DefaultSystemPattern();
}
