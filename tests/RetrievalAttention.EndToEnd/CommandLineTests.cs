using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using RetrievalAttention.App;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Memory;
using RetrievalAttention.Tests;

namespace RetrievalAttention.EndToEnd;

/// <summary>What can be told of the program without starting it.</summary>
public class CommandLineTests
{
    [Fact]
    public void EveryCommandShowsAnExampleInItsHelp()
    {
        Command[] commands = [.. Below(App.Commands.CommandLine.Create()).Where(command => !command.Hidden)];
        Assert.True(commands.Length > 30, $"only {commands.Length} commands");
        Assert.All(commands, command => Assert.Contains("Example", command.Description, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryFailureHasItsExitCode()
    {
        (Exception Error, int Code)[] failures =
        [
            (new OperationCanceledException(), 130), (new ProblemException(ProblemKind.NotFound, "no such book"), 6), (new DamagedBlockException("a.memory", 3), 5),
            (new DirectoryNotFoundException("no such folder"), 7), (new UnauthorizedAccessException("not yours"), 7), (new InvalidOperationException("a defect"), 1),
        ];
        Assert.All(failures, failure => Assert.Equal(failure.Code, Program.Explain(failure.Error)));
    }

    [Fact]
    public void TheSettingsFileListsEverySettingWithItsDefault()
    {
        string file = Path.Combine(Shipped.Root, "appsettings.json");
        Assert.Equal(JsonSerializer.Serialize(AllSettings.Load(Shipped.Root, null)), JsonSerializer.Serialize(AllSettings.Load(Shipped.Root, file)));

        JsonObject all = JsonSerializer.SerializeToNode(AllSettings.Load(Shipped.Root, null))!.AsObject();
        all.Remove(nameof(AllSettings.Home));
        string[] expected = [.. Names(all).Where(name => name is not ("Documents.UnfinishedFolder" or "Model.ReadingType"))];
        Assert.True(expected.Length > 60, $"only {expected.Length} settings");
        Assert.Equal(expected.Order(StringComparer.Ordinal), Names(JsonNode.Parse(File.ReadAllText(file))!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ControlCharactersAreShownAsPictures()
    {
        Assert.Equal("red ␛[31m ␇ �", Table.Printable("red \u001b[31m \a \u009b"));
        Assert.Equal("one␊two␉three", Table.Printable("one\ntwo\tthree"));
        Assert.Equal("one\ntwo\tthree\nfour␛", Table.Printable("one\r\ntwo\tthree\rfour\u001b", lines: true));
    }

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(below => Below(below).Prepend(below));

    private static IEnumerable<string> Names(JsonNode node, string before = "") => node.AsObject().SelectMany(setting =>
        setting.Value is JsonObject section ? Names(section, $"{before}{setting.Key}.") : [before + setting.Key]);
}
