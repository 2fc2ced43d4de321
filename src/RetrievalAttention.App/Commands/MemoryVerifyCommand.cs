using System.CommandLine;
using System.Globalization;
using RetrievalAttention.App.Consoles;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Memory;

namespace RetrievalAttention.App.Commands;

/// <summary>Checks every block of memory files against its checksum.</summary>
internal static class MemoryVerifyCommand
{
    private enum FileState
    {
        Good,
        Missing,
        Damaged,
    }

    /// <param name="Memory">Null fingerprint: the first page is damaged.</param>
    /// <param name="Title">Of the book; null for one that is not in the library, but was only asked about.</param>
    private sealed record Verified(StoredMemory Memory, string? Title, IReadOnlyList<int> DamagedBlocks, FileState Index)
    {
        public bool Good => Memory.Fingerprint is not null && DamagedBlocks.Count == 0;
    }

    public static Command Create()
    {
        Argument<string?> what = new("book")
        {
            Description = "A book of the library, a file that was asked about, or a .memory file. Without it, all of the library.",
            HelpName = "BOOK|FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> repair = new("--repair") { Description = "Cut damaged memories off at the first damaged block; 'ra ingest', the worker or a question about the book read on from there." };
        Option<string?> library = SharedOptions.Library();
        Option<bool> json = SharedOptions.Json();
        Command command = new("verify", SharedOptions.WithExamples(
            "Checks every block of memory files against its checksum. A question that meets damage repairs it by itself; --repair does it for all that is found. Ends with 5 when anything is damaged.",
            "ra memory verify", "ra memory verify \"treasure island\" --repair", "ra memory verify --json"))
        {
            what, repair, library, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(parsed.GetValue(what), parsed.GetValue(repair), parsed.GetValue(library), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static int Run(string? what, bool repair, string? library, bool json, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        IReadOnlyList<string> files = MemoryCommand.Find(settings, what, library, cancellation);
        List<Verified> verified = [];
        using (ProgressLine progress = new())
        {
            IReadOnlyDictionary<string, string> titles = MemoryCommand.Titles(settings, library);
            foreach (StoredMemory memory in StoredMemory.Examine(files)) verified.Add(Verify(memory, titles.GetValueOrDefault(HashOf(memory)), progress, cancellation));
        }
        if (json) WriteJson(verified);
        else WriteText(verified);
        Verified[] damaged = [.. verified.Where(file => !file.Good)];
        if (repair) Repair(new MemoryStore(settings.MemoryFolderOf(library), settings.Memory), damaged, cancellation);
        return repair || damaged.Length == 0 ? ExitCodes.Success : ExitCodes.Index;
    }

    private static void Repair(MemoryStore memories, Verified[] damaged, CancellationToken cancellation)
    {
        foreach (Verified file in damaged)
        {
            if (file.Memory.Fingerprint is null) MemoryStore.Forget(file.Memory.Path);
            else memories.Repair(new DamagedBlockException(file.Memory.Path, file.DamagedBlocks[0]), Path.GetFileName(file.Memory.Path), note: null, cancellation);
        }
        if (damaged.Length > 0) Output.Note($"{damaged.Length} memories were cut off at their first damaged block. Let 'ra ingest' or the worker read them on from there, or ask about the book.");
    }

    private static string HashOf(StoredMemory memory) => Path.GetFileName(memory.Path).Split('-')[0];

    private static Verified Verify(StoredMemory memory, string? title, ProgressLine progress, CancellationToken cancellation)
    {
        string index = RetrievalIndex.PathFor(memory.Path);
        FileState indexState = !File.Exists(index) ? FileState.Missing : RetrievalIndex.IsWhole(index) ? FileState.Good : FileState.Damaged;
        if (memory.Fingerprint is null) return new Verified(memory, title, [], indexState);
        using MemoryFile file = MemoryFile.OpenAsMade(memory.Path);
        List<int> damaged = [];
        for (int block = 0; block < file.Blocks; block++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Report(new WorkProgress($"Checking {title ?? string.Concat(HashOf(memory).Take(12))}", block, file.Blocks, "blocks"));
            if (!file.IsSound(block)) damaged.Add(block);
        }
        return new Verified(memory, title, damaged, indexState);
    }

    private static void WriteJson(IReadOnlyList<Verified> verified) => Output.WriteJson(new
    {
        files = verified.Select(file => new
        {
            file.Title,
            file.Memory.Path,
            file.Good,
            headGood = file.Memory.Fingerprint is not null,
            file.Memory.Fingerprint?.Format,
            file.Memory.Tokens,
            ofTokens = file.Memory.Fingerprint?.Tokens,
            file.Memory.Complete,
            file.Memory.Bytes,
            file.DamagedBlocks,
            file.Index,
        }),
        damaged = verified.Count(file => !file.Good),
    });

    private static void WriteText(IReadOnlyList<Verified> verified)
    {
        if (verified.Count == 0)
        {
            Output.Note("There is no memory to check.");
            return;
        }
        Table table = new("Book", "Format", "Tokens", "Result", "Memory");
        foreach (Verified file in verified)
        {
            table.Add(
                file.Title ?? "", file.Memory.Fingerprint?.Format.ToString().ToLowerInvariant() ?? "", file.Memory.Tokens.ToString("N0", CultureInfo.InvariantCulture), InWords(file),
                Path.GetFileName(file.Memory.Path));
        }
        table.Write();
    }

    private static string InWords(Verified file)
    {
        string index = file.Index == FileState.Damaged ? "; its index is damaged and will be made again" : "";
        if (file.Memory.Fingerprint is null) return $"its first page is damaged{index}";
        if (file.DamagedBlocks.Count > 0) return $"damaged: block{(file.DamagedBlocks.Count == 1 ? "" : "s")} {string.Join(", ", file.DamagedBlocks)}{index}";
        return $"{(file.Memory.Complete ? "good" : $"good, read to token {file.Memory.Tokens:N0} of {file.Memory.Fingerprint.Tokens:N0}")}{index}";
    }
}
