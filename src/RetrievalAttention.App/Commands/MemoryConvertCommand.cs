using System.CommandLine;
using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;

namespace RetrievalAttention.App.Commands;

/// <summary>Makes a book's memory smaller without reading the book again.</summary>
internal static class MemoryConvertCommand
{
    private sealed record Converted(StoredMemory Before, StoredMemory After);

    public static Command Create()
    {
        Argument<string> book = SharedOptions.Book();
        Option<MemoryFormat> format = SharedOptions.OneOf(new Option<MemoryFormat>("--format") { Description = "int8 (from float16), int4 (from float16 or int8) or keys (from any): keys are enough to find blocks, which questions then read as text.", HelpName = "FORMAT", Required = true }, MemoryFormat.Int8, MemoryFormat.Int4, MemoryFormat.Keys);
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("convert", SharedOptions.WithExamples(
            "Brings the memory of a book into a smaller format, without reading the book again. Questions use it from then on, whatever Memory:Format says.",
            "ra memory convert \"treasure island\" --format int4", "ra memory convert frankenstein --format keys --json"))
        {
            book, format, library, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(parsed.GetRequiredValue(book), parsed.GetRequiredValue(format), parsed.GetValue(library), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(string book, MemoryFormat format, string? library, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        MemoryStore memories = new(settings.MemoryFolderOf(library), settings.Memory);
        IReadOnlyList<StoredMemory> found = StoredMemory.Examine(MemoryCommand.Find(settings, book, library, cancellation));
        if (found.Count == 0)
            throw new ProblemException(ProblemKind.NotFound, $"'{book}' has no memory yet, so there is nothing to convert. Read it first: ra ingest, or ra ask --book");
        string? keys = format == MemoryFormat.Keys ? KeptHeads(settings, found) : null;
        List<Converted> converted = [];
        using (ProgressLine progress = new())
        {
            foreach (StoredMemory memory in found.Where(memory => found.Count == 1 || memory.Fingerprint?.Format < format))
            {
                string after = memories.Convert(memory.Path, format, keys, book, progress, Output.Note, cancellation);
                converted.Add(new Converted(memory, StoredMemory.Examine([after])[0]));
            }
        }
        if (json) Output.WriteJson(new { files = converted.Select(file => new { file.After.Path, from = file.Before.Fingerprint!.Format, to = format, bytesBefore = file.Before.Bytes, bytesAfter = file.After.Bytes, file.After.BytesPerToken }) });
        else WriteText(converted, format);
        return ExitCodes.Success;
    }

    /// <summary>Which keys are kept is known of the configured model only.</summary>
    private static string KeptHeads(AllSettings settings, IReadOnlyList<StoredMemory> found)
    {
        using IModelWeights weights = ModelFiles.Open(settings.Model.Decoder, Session.NotesFolder(settings));
        if (found.FirstOrDefault(memory => memory.Fingerprint is { } made && made.ModelHash != weights.Hash) is { } other)
            throw new ProblemException(ProblemKind.Setting, $"{other.Path} was read by another model than {weights.Name}, whose retrieval heads are known here. Set Model:Decoder to the model that read it.");
        return RetrievalHeads.Load(RetrievalHeads.PathFor(settings.Model.Decoder), weights).SourceNames(weights.Config);
    }

    private static void WriteText(IReadOnlyList<Converted> converted, MemoryFormat format)
    {
        if (converted.Count == 0) Output.Note($"Every memory of this book is {format.ToString().ToLowerInvariant()} or smaller already.");
        foreach (Converted file in converted)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{file.Before.Fingerprint!.Format.ToString().ToLowerInvariant()} to {format.ToString().ToLowerInvariant()}: {file.Before.Bytes / 1e6:N1} MB became {file.After.Bytes / 1e6:N1} MB, {file.After.BytesPerToken:N0} bytes a token."));
        }
    }
}
