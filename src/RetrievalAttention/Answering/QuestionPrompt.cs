using RetrievalAttention.Memory;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering;

/// <summary>The text around a question. Text of documents is encoded as plain text: it can never speak as the system or end a turn.</summary>
public static class QuestionPrompt
{
    private const string Prefix = "Question:";

    /// <summary>Ids of "Question: …", as read in the first look, and how many of them are the prefix.</summary>
    public static (IReadOnlyList<int> Ids, int PrefixTokens) FirstLook(LoadedModel model, string question) =>
        (Plain(model, $"{Prefix} {question}"), Plain(model, Prefix).Count);

    /// <summary>Where in the question each of those tokens stands that come after the prefix.</summary>
    public static IReadOnlyList<TextRange> TokensOfQuestion(LoadedModel model, string question)
    {
        string before = Prefix + " ";
        return
        [
            .. model.Tokenizer.Encode(before + question).Skip(Plain(model, Prefix).Count)
                .Select(token => new TextRange(Math.Max(0, token.Start - before.Length), Math.Max(0, token.End - before.Length))),
        ];
    }

    /// <summary>Ids from the start of the user's text to the start of the assistant's.</summary>
    /// <param name="quotation">Passages quoted before the question, in document order.</param>
    public static Prompt Build(LoadedModel model, string question, IReadOnlyList<string> quotation) =>
        Instruct(model, quotation, $"{Prefix} {question} Answer with a short phrase.");

    /// <summary>Ids from the start of the user's text to the start of the assistant's.</summary>
    /// <param name="quotation">Passages quoted before the instruction, in document order.</param>
    /// <param name="instruction">What is to be done with them.</param>
    public static Prompt Instruct(LoadedModel model, IReadOnlyList<string> quotation, string instruction)
    {
        List<int> ids = [];
        List<(int Start, int End)> quoted = [];
        for (int i = 0; i < quotation.Count; i++)
        {
            int start = ids.Count;
            ids.AddRange(Plain(model, quotation[i]));
            quoted.Add((start, ids.Count));
            ids.AddRange(Plain(model, i + 1 < quotation.Count ? "\n...\n" : "\n\n"));
        }
        ids.AddRange(Plain(model, instruction));
        ids.AddRange(model.Tokenizer.EncodePrompt(model.Template.EndOfUser));
        return new Prompt(ids, quoted);
    }

    private static List<int> Plain(LoadedModel model, string text) => [.. model.Tokenizer.Encode(text).Select(token => token.Id)];
}

/// <summary>Ids of a prompt behind the header, and the ranges of them that are quoted passages.</summary>
public sealed record Prompt(IReadOnlyList<int> Ids, IReadOnlyList<(int Start, int End)> Quoted);
