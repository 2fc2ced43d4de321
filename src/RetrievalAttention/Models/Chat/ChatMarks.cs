namespace RetrievalAttention.Models.Chat;

/// <summary>What a family of models writes around the turns of a conversation.</summary>
internal sealed record ChatMarks(string Family)
{
    public string SystemStart { get; init; } = "";

    public string SystemEnd { get; init; } = "";

    /// <summary>The system message stands inside the first user turn, after its opening mark.</summary>
    public bool SystemInsideUser { get; init; }

    /// <summary>What comes before the system message of a conversation.</summary>
    public string Opening => SystemInsideUser ? UserStart + SystemStart : SystemStart;

    /// <summary>What comes between the system message and the user's text.</summary>
    public string Continuation => SystemInsideUser ? SystemEnd : SystemEnd + UserStart;

    public required string UserStart { get; init; }

    public required string UserEnd { get; init; }

    public required string AssistantStart { get; init; }

    public required string AssistantEnd { get; init; }

    public static ChatMarks ChatML { get; } = new("ChatML")
    {
        SystemStart = "<|im_start|>system\n",
        SystemEnd = "<|im_end|>\n",
        UserStart = "<|im_start|>user\n",
        UserEnd = "<|im_end|>\n",
        AssistantStart = "<|im_start|>assistant\n",
        AssistantEnd = "<|im_end|>\n",
    };

    public static ChatMarks Llama3 { get; } = new("Llama 3")
    {
        SystemStart = "<|start_header_id|>system<|end_header_id|>\n\n",
        SystemEnd = "<|eot_id|>",
        UserStart = "<|start_header_id|>user<|end_header_id|>\n\n",
        UserEnd = "<|eot_id|>",
        AssistantStart = "<|start_header_id|>assistant<|end_header_id|>\n\n",
        AssistantEnd = "<|eot_id|>",
    };

    /// <summary>For models without a template: roles as words.</summary>
    public static ChatMarks Plain { get; } = new("plain")
    {
        SystemEnd = "\n\n",
        UserStart = "User: ",
        UserEnd = "\n\n",
        AssistantStart = "Assistant:",
        AssistantEnd = "\n\n",
    };

    /// <summary>Versions of Mistral's template differ in spaces and in where the system message stands.</summary>
    public static ChatMarks Mistral(string jinja)
    {
        bool Writes(string mark) => jinja.Contains(mark, StringComparison.Ordinal);
        ChatMarks marks = new("Mistral")
        {
            SystemInsideUser = true,
            SystemEnd = "\n\n",
            UserStart = Writes("[INST] ") ? "[INST] " : "[INST]",
            UserEnd = Writes(" [/INST]") ? " [/INST]" : "[/INST]",
            AssistantStart = "",
            AssistantEnd = "</s>",
        };
        return Writes("[SYSTEM_PROMPT]") ? marks with { SystemInsideUser = false, SystemStart = "[SYSTEM_PROMPT]", SystemEnd = "[/SYSTEM_PROMPT]" }
            : Writes("<<SYS>>") ? marks with { SystemStart = "<<SYS>>\n", SystemEnd = "\n<</SYS>>\n\n" }
            : marks;
    }
}
