using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;

namespace RetrievalAttention.App.Commands;

/// <summary>Options and arguments that several commands have, and what they stand for.</summary>
internal static class SharedOptions
{
    public static Option<string?> Library() => new("--library")
    {
        Description = "The library to use: a folder under Library:Root. Default: Library:Default of appsettings.json.",
        HelpName = "NAME",
    };

    public static Option<string?> Model() => new("--model") { Description = "A .gguf file or a Hugging Face folder instead of the configured model.", HelpName = "PATH" };

    public static Option<string?> Gates() => new("--gates") { Description = "Gates over the memory that 'ra train gates' made for the model. Default: Model:Gates of appsettings.json; none with --model.", HelpName = "NAME" };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object instead of text." };

    public static Argument<string> Book() => new("book") { Description = "Any unambiguous part of the title or path.", HelpName = "BOOK" };

    /// <summary>Takes only some values of an enumeration, in small letters, so that a mistake is answered with those.</summary>
    /// <param name="values">None for all.</param>
    public static Option<T> OneOf<T>(Option<T> option, params ReadOnlySpan<T> values)
        where T : struct, Enum
    {
        string[] accepted = [.. (values.Length == 0 ? Enum.GetValues<T>() : values.ToArray()).Select(value => value.ToString().ToLowerInvariant())];
        option.CompletionSources.Clear();
        option.CompletionSources.Add(accepted);
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens.Where(token => !accepted.Contains(token.Value, StringComparer.OrdinalIgnoreCase)))
                result.AddError($"{option.Name} is '{token.Value}'; expected {string.Join(", ", accepted)}.");
        });
        return option;
    }

    /// <summary>The library that a command works on; it must be there.</summary>
    /// <exception cref="ProblemException">There is none of this name, or it cannot be opened.</exception>
    public static Library OpenLibrary(this AllSettings settings, string? name) =>
        Catalog.Library.Open(settings.Library, settings.Queue, name, TimeProvider.System);

    /// <summary>Where a library keeps its memories, whether it is there or not.</summary>
    public static string MemoryFolderOf(this AllSettings settings, string? name) => Path.Combine(Catalog.Library.FolderOf(settings.Library, name), "memory");

    /// <summary>A command's description followed by examples, one per line.</summary>
    public static string WithExamples(string description, params ReadOnlySpan<string> examples)
    {
        List<string> lines = [description, "", examples.Length == 1 ? "Example:" : "Examples:"];
        foreach (string example in examples) lines.Add($"  {example}");
        return string.Join(Environment.NewLine, lines);
    }
}
