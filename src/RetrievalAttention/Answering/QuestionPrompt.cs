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
    public static Prompt Build(LoadedModel model, string question, IReadOnlyList<string> quotation) => Instruct(model, quotation, Asked(question));

    /// <summary>Ids from the start of the first user's text to the start of the assistant's next: earlier turns, the quotation, the question.</summary>
    /// <param name="quotation">Passages quoted before the question, in the order of the shelf.</param>
    /// <param name="room">Tokens that the prompt may have; earlier turns that would exceed it are left out, oldest first. Null for no limit.</param>
    public static Prompt Build(LoadedModel model, UserQuestion question, IReadOnlyList<Quotation> quotation, int? room = null)
    {
        Prompt last = Instruct(model, quotation, Asked(question.Text));
        List<int>[] earlier = [.. question.Earlier.Select(turn => Said(model, turn))];
        int left = (room ?? int.MaxValue) - last.Ids.Count;
        List<int>[] kept = [.. earlier.Reverse().TakeWhile(turn => (left -= turn.Count) >= 0).Reverse()];
        int before = kept.Sum(turn => turn.Count);
        return new Prompt([.. kept.SelectMany(turn => turn), .. last.Ids], [.. last.Quoted.Select(range => (range.Start + before, range.End + before))], kept.Length);
    }

    /// <summary>Ids from the start of the user's text to the start of the assistant's.</summary>
    /// <param name="quotation">Passages quoted before the instruction, in document order.</param>
    /// <param name="instruction">What is to be done with them.</param>
    public static Prompt Instruct(LoadedModel model, IReadOnlyList<string> quotation, string instruction) =>
        Instruct(model, [.. quotation.Select(text => new Quotation(text))], instruction);

    private static Prompt Instruct(LoadedModel model, IReadOnlyList<Quotation> quotation, string instruction)
    {
        List<int> ids = [];
        List<(int Start, int End)> quoted = [];
        for (int i = 0; i < quotation.Count; i++)
        {
            if (quotation[i].Book is { } book && (i == 0 || quotation[i - 1].Book != book)) ids.AddRange(Plain(model, $"From {book}:\n"));
            int start = ids.Count;
            ids.AddRange(Plain(model, quotation[i].Text));
            quoted.Add((start, ids.Count));
            ids.AddRange(Plain(model, i + 1 < quotation.Count ? "\n...\n" : "\n\n"));
        }
        ids.AddRange(Plain(model, instruction));
        ids.AddRange(model.Tokenizer.EncodePrompt(model.Template.EndOfUser));
        return new Prompt(ids, quoted, Turns: 0);
    }

    private static string Asked(string question) => $"{Prefix} {question} Answer with a short phrase.";

    /// <summary>An earlier turn without what was quoted for it, and the marks behind which the user speaks again.</summary>
    private static List<int> Said(LoadedModel model, ChatTurn turn) =>
        [.. Instruct(model, (IReadOnlyList<Quotation>)[], Asked(turn.Question)).Ids, .. Plain(model, turn.Answer), .. model.Tokenizer.EncodePrompt(model.Template.EndOfAssistant)];

    private static List<int> Plain(LoadedModel model, string text) => [.. model.Tokenizer.Encode(text).Select(token => token.Id)];
}

/// <summary>A passage that is quoted before a question.</summary>
/// <param name="Book">Title that is written before it; null where there is one book only. Said once for passages that follow each other.</param>
public readonly record struct Quotation(string Text, string? Book = null);

/// <summary>Ids of a prompt behind the header, and the ranges of them that are quoted passages.</summary>
/// <param name="Turns">Earlier turns in it: the newest ones.</param>
public sealed record Prompt(IReadOnlyList<int> Ids, IReadOnlyList<(int Start, int End)> Quoted, int Turns);
