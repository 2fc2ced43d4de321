using System.Globalization;
using System.Text;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Answering;

/// <summary>The text around a question. Text of documents is encoded as plain text: it can never speak as the system or end a turn.</summary>
public static class QuestionPrompt
{
    /// <summary>What stands before every question.</summary>
    public const string Prefix = "Question:";

    /// <exception cref="ProblemException">The question leaves no room for what it is asked of.</exception>
    public static void RequireShort(LoadedModel model, string question)
    {
        (int most, int tokens) = (model.Weights.Config.ContextLength / 2, model.Tokenizer.Encode(question).Count);
        if (tokens > most) throw new ProblemException(ProblemKind.Setting, $"The question has {tokens:N0} tokens; with this model {most:N0} leave room for what it is asked of. Ask a shorter one, or read the long text as a file: --from FILE");
    }

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
        (string before, IReadOnlyList<TextRange> places) = Join(quotation);
        // One text, one run of the tokenizer: cut into parts, the seams become tokens that the model has rarely seen.
        IReadOnlyList<TextToken> tokens = model.Tokenizer.Encode(before + instruction);
        return new Prompt(
            [.. tokens.Select(token => token.Id), .. model.Tokenizer.EncodePrompt(model.Template.EndOfUser)],
            [.. places.Select(place => (tokens.TakeWhile(token => token.End <= place.Start).Count(), tokens.TakeWhile(token => token.Start < place.End).Count()))],
            Turns: 0);
    }

    /// <summary>The quotation as it stands before the question, and where in it each passage is: parted by a line of three dots unless they are one text.</summary>
    private static (string Text, IReadOnlyList<TextRange> Places) Join(IReadOnlyList<Quotation> quotation)
    {
        StringBuilder text = new();
        List<TextRange> places = [];
        for (int i = 0; i < quotation.Count; i++)
        {
            if (i > 0 && !quotation[i].GoesOn) text.Append("\n...\n");
            if (quotation[i].Book is { } book && (i == 0 || quotation[i - 1].Book != book)) text.Append(CultureInfo.InvariantCulture, $"From {book}:\n");
            places.Add(new TextRange(text.Length, text.Length + quotation[i].Text.Length));
            text.Append(quotation[i].Text);
        }
        if (quotation.Count > 0) text.Append("\n\n");
        return (text.ToString(), places);
    }

    private static string Asked(string question) => $"{Prefix} {question} Answer with a short phrase.";

    /// <summary>An earlier turn without what was quoted for it, and the marks behind which the user speaks again.</summary>
    private static List<int> Said(LoadedModel model, ChatTurn turn) =>
        [.. Instruct(model, (IReadOnlyList<Quotation>)[], Asked(turn.Question)).Ids, .. Plain(model, turn.Answer), .. model.Tokenizer.EncodePrompt(model.Template.EndOfAssistant)];

    private static List<int> Plain(LoadedModel model, string text) => [.. model.Tokenizer.Encode(text).Select(token => token.Id)];
}

/// <summary>A passage that is quoted before a question.</summary>
/// <param name="Book">Title that is written before it; null where there is one book only. Said once for passages that follow each other.</param>
/// <param name="GoesOn">It stands directly behind the passage before it, so that both are one text.</param>
public readonly record struct Quotation(string Text, string? Book = null, bool GoesOn = false);

/// <summary>Ids of a prompt behind the header, and the ranges of them that are quoted passages.</summary>
/// <param name="Turns">Earlier turns in it: the newest ones.</param>
public sealed record Prompt(IReadOnlyList<int> Ids, IReadOnlyList<(int Start, int End)> Quoted, int Turns);
