using System.Text;
using RetrievalAttention.Answering;

namespace RetrievalAttention.App.Commands.Chat;

/// <summary>What was asked and answered, as Markdown with sources.</summary>
internal sealed class Transcript
{
    private readonly List<(string Question, Answer Answer)> _turns = [];
    private readonly HashSet<string> _saved = [];

    /// <summary>The last answer; null before there is one.</summary>
    public Answer? Last => _turns.Count > 0 ? _turns[^1].Answer : null;

    public void Add(string question, Answer answer) => _turns.Add((question, answer));

    /// <summary>Writes everything so far. A file that this conversation wrote may be written again.</summary>
    /// <exception cref="ProblemException">Nothing to save yet, another file is there, or it cannot be written.</exception>
    public void Save(string path)
    {
        string full = Path.GetFullPath(path);
        if (_turns.Count == 0) throw new ProblemException(ProblemKind.Setting, "Nothing was asked yet, so there is nothing to save.");
        if (Path.Exists(full) && !_saved.Contains(full)) throw new ProblemException(ProblemKind.Setting, $"{full} is there already and is left as it is. Give another name.");
        try
        {
            File.WriteAllText(full, ToMarkdown());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Environment, $"{full} cannot be written: {error.Message.TrimEnd('.')}. Give another name.", error);
        }
        _saved.Add(full);
    }

    private string ToMarkdown()
    {
        StringBuilder text = new("# Conversation\n");
        foreach ((string question, Answer answer) in _turns)
        {
            text.Append($"\n## {Escaped(question)}\n\n{Escaped(answer.Text)}\n");
            if (!answer.Support.IsSupported) text.Append($"\n*{Escaped(AnswerOutput.Doubt(answer.Support))}*\n");
            if (answer.Sources.Count > 0) text.Append("\nSources:\n");
            foreach ((int i, AnswerSource source) in answer.Sources.Index())
                text.Append($"\n{i + 1}. {Escaped(SourceText.Place(source))}\n\n   > {Escaped(source.Quote).ReplaceLineEndings("\n   > ")}\n");
        }
        return text.ToString();
    }

    /// <summary>Text that Markdown shows as it is, each paragraph of it where it stands.</summary>
    private static string Escaped(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char c in text) escaped.Append(@"\`*_[]<>#|".Contains(c) ? $"\\{c}" : c.ToString());
        return escaped.ToString();
    }
}
