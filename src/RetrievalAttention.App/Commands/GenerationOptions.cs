using System.CommandLine;
using RetrievalAttention.Answering;

namespace RetrievalAttention.App.Commands;

/// <summary>Options of every command that lets the model write.</summary>
internal sealed class GenerationOptions
{
    private readonly Option<double?> _temperature = new("--temperature") { Description = "0 takes the likeliest token each time; up to 2.", HelpName = "T" };
    private readonly Option<double?> _topP = new("--top-p") { Description = "Sample from the likeliest tokens that make up this probability.", HelpName = "P" };
    private readonly Option<double?> _repetitionPenalty = new("--repetition-penalty") { Description = "Divides the scores of tokens already written; 1 is off.", HelpName = "R" };
    private readonly Option<int?> _seed = new("--seed") { Description = "Seed of sampling.", HelpName = "N" };
    private readonly Option<int?> _maxTokens = new("--max-tokens") { Description = "Longest answer, in tokens.", HelpName = "N" };
    private readonly Option<int?> _lookAgain = new("--look-again") { Description = "Tokens of an answer after which the model looks for other passages of the book; 0 never does.", HelpName = "N" };

    public Option<string?> Model { get; } = SharedOptions.Model();

    public Option<string?> Device { get; } = new("--device") { Description = "auto, cpu, cuda or cuda:N.", HelpName = "DEVICE" };

    public Option<string?> Gates { get; } = SharedOptions.Gates();

    /// <param name="length">With the longest answer and looking again, for commands that answer; texts have settings of their own for these.</param>
    public void AddTo(Command command, bool length = true)
    {
        command.Add(Model);
        command.Add(Device);
        command.Add(Gates);
        AddSamplingTo(command, length);
    }

    /// <inheritdoc cref="AddTo"/>
    public void AddSamplingTo(Command command, bool length = true)
    {
        foreach (Option option in (Option[])[_temperature, _topP, _repetitionPenalty, _seed]) command.Add(option);
        if (!length) return;
        command.Add(_maxTokens);
        command.Add(_lookAgain);
    }

    /// <exception cref="ProblemException">A value is outside its range; all faults in one message.</exception>
    public AnsweringOptions Apply(ParseResult parsed, AnsweringOptions configured)
    {
        AnsweringOptions options = configured with
        {
            Temperature = parsed.GetValue(_temperature) ?? configured.Temperature,
            TopP = parsed.GetValue(_topP) ?? configured.TopP,
            RepetitionPenalty = parsed.GetValue(_repetitionPenalty) ?? configured.RepetitionPenalty,
            Seed = parsed.GetValue(_seed) ?? configured.Seed,
            MaxAnswerTokens = parsed.GetValue(_maxTokens) ?? configured.MaxAnswerTokens,
            LookAgain = parsed.GetValue(_lookAgain) ?? configured.LookAgain,
        };
        options.Validate();
        return options;
    }
}
