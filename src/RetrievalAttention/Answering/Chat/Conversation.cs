namespace RetrievalAttention.Answering.Chat;

/// <summary>Turns between a user and the model, from which the next question gets its history and what is searched for.</summary>
public sealed class Conversation
{
    private readonly List<ChatTurn> _turns = [];
    private string? _topic;

    public IReadOnlyList<ChatTurn> Turns => _turns;

    /// <summary>
    /// A question with the conversation before it. One that cannot be understood alone (<see cref="FollowUp"/>) is searched for together with the last one that can.
    /// </summary>
    public UserQuestion Ask(string text) => new(text, _topic is { } topic && FollowUp.NeedsContext(text) ? $"{topic} {text}" : text, [.. _turns]);

    /// <summary>Remembers a question that was answered. One that was stopped is not remembered.</summary>
    public void Add(UserQuestion question, string answer)
    {
        _turns.Add(new ChatTurn(question.Text, answer));
        if (_topic is null || !FollowUp.NeedsContext(question.Text)) _topic = question.Text;
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _turns.Clear();
        _topic = null;
    }
}
