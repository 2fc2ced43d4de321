namespace RetrievalAttention.Models.Chat;

public enum ChatRole
{
    /// <summary>How the model should behave; only as the first message.</summary>
    System,
    User,
    Assistant,
}

public sealed record ChatMessage(ChatRole Role, string Content);
