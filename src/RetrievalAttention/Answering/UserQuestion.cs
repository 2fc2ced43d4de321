namespace RetrievalAttention.Answering;

/// <summary>A question and the answer that was given to it.</summary>
public sealed record ChatTurn(string Question, string Answer);

/// <summary>A question as it is put to the model.</summary>
/// <param name="Text">As the user wrote it.</param>
/// <param name="Search">What is looked for in the books: the text, or more where the text cannot be understood alone.</param>
/// <param name="Earlier">The conversation before it, oldest turn first. As many of the newest as fit stand in the context.</param>
public sealed record UserQuestion(string Text, string Search, IReadOnlyList<ChatTurn> Earlier)
{
    public UserQuestion(string text) : this(text, text, [])
    {
    }
}
