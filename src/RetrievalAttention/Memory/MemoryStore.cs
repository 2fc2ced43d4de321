using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory.OnDevice;
using RetrievalAttention.Memory.Scanning;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>A document's memory, ready for questions.</summary>
/// <param name="Full">It was read with a window that covers the whole document: attend to all of it, without retrieval.</param>
/// <param name="ReadTokens">Tokens read just now; 0 when the memory was there.</param>
public sealed record DocumentMemory(Document Document, MemoryFile File, RetrievalIndex? Index, bool Full, int ReadTokens, TimeSpan ReadTime) : IDisposable
{
    public void Dispose()
    {
        Index?.Dispose();
        File.Dispose();
    }
}

/// <summary>
/// The memories of a library: one file a document, model and setting, in one folder. Opens what is there and reads what is missing;
/// two processes never read the same document at once.
/// </summary>
/// <param name="folder">Such as indexes/main/memory; made when it is missing.</param>
/// <param name="freeBytes">Room on the disk of a path; null to ask the system.</param>
public sealed class MemoryStore(string folder, MemoryOptions options, Func<string, long>? freeBytes = null)
{
    /// <summary>Room for the longest question when it is decided whether a document fits into the trained window.</summary>
    public const int QuestionRoom = 512;

    /// <summary>Damaged blocks that one opening repairs by reading again; more mean that the disk fails.</summary>
    public const int MostRepairs = 3;

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>Opens the memory of a document, reading what is not there yet.</summary>
    /// <param name="questionTokens">Room that a question needs when the whole document is attended to.</param>
    /// <param name="forceRetrieval">Use retrieval even where the document would fit the model's trained window.</param>
    /// <param name="note">Told in words when something unusual is done: waiting, repairing.</param>
    /// <exception cref="ProblemException">The document is empty, the disk is full, or a memory made under other settings stands in the way.</exception>
    /// <exception cref="OperationCanceledException">Stopped; the next call goes on from there.</exception>
    public DocumentMemory OpenOrRead(
        Document document, LoadedModel model, int questionTokens, bool forceRetrieval, IProgress<WorkProgress>? progress, Action<string>? note, CancellationToken cancellation)
    {
        Lazy<IReadOnlyList<TextToken>> tokens = new(() => model.Tokenizer.Encode(document.Text));
        Wanted wanted = Want(document, model, KnownTokens(document, model) ?? tokens.Value.Count, questionTokens, forceRetrieval);
        if (wanted.Fingerprint.Tokens == 0)
        {
            throw new ProblemException(ProblemKind.Document, $"{document.Path} holds no text to read ({document.Text.Length} characters). Give a file with text.");
        }
        if (!wanted.Full) _ = model.Heads;
        MakeFolder();
        long started = Stopwatch.GetTimestamp();
        int read = 0;
        for (int repairs = 0; ;)
        {
            try
            {
                if (OpenComplete(document, wanted, model, refuseOthers: true, note) is { } memory)
                    return memory with { ReadTokens = read, ReadTime = read > 0 ? Stopwatch.GetElapsedTime(started) : TimeSpan.Zero };
                read += Read(document, wanted.Fingerprint, tokens.Value, model, progress, note, cancellation);
            }
            catch (DamagedBlockException damage) when (repairs++ < MostRepairs)
            {
                Repair(damage, document.Title, note, cancellation);
            }
            catch (DamagedBlockException damage)
            {
                throw new ProblemException(ProblemKind.Environment, $"{damage.Message} It was repaired {MostRepairs} times and is damaged again: the disk may be failing. Check it, and move Library:Root to another one.", damage);
            }
        }
    }

    /// <summary>Opens the memory of a document only if it is there, complete, and made under these settings.</summary>
    /// <inheritdoc cref="OpenOrRead"/>
    public DocumentMemory? OpenIfThere(Document document, LoadedModel model, int questionTokens, bool forceRetrieval) =>
        KnownTokens(document, model) is { } tokens ? OpenComplete(document, Want(document, model, tokens, questionTokens, forceRetrieval), model, refuseOthers: false, note: null) : null;

    /// <summary>Opens as much of a memory as was read, also while another process reads on; null where nothing was.</summary>
    public MemoryFile? OpenAsFarAsRead(Document document, LoadedModel model)
    {
        if (KnownTokens(document, model) is not { } tokens) return null;
        Wanted small = Want(document, model, tokens, QuestionRoom, forceRetrieval: false), usual = Want(document, model, tokens, QuestionRoom, forceRetrieval: true);
        return new[] { true, false }.SelectMany(complete => new[] { small, usual }.Select(wanted => OpenFile(document, wanted, model, complete, refuseOthers: false))).FirstOrDefault(file => file is not null);
    }

    /// <summary>Every file of a document's memories, complete or not, with whatever settings.</summary>
    public IReadOnlyList<string> FilesOf(string contentHash) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, $"{contentHash}-*").Order(StringComparer.Ordinal)] : [];

    /// <summary>Forgets what was read of a document.</summary>
    public void Remove(Document document)
    {
        foreach (string path in FilesOf(document.ContentHash)) File.Delete(path);
    }

    /// <summary>Cuts a memory off at a damaged block, so that the next opening reads from there.</summary>
    public void Repair(DamagedBlockException damage, string title, Action<string>? note, CancellationToken cancellation)
    {
        note?.Invoke($"{damage.Message} Reading {title} again from there.");
        using FileStream held = WaitForLock(damage.Path, title, note, cancellation);
        using MemoryFile file = MemoryFile.OpenToRepair(damage.Path);
        // Another process may have repaired it while this one waited.
        if (!file.IsSound(damage.Block)) file.Truncate(Math.Min(damage.Block, file.Blocks));
        File.Delete(RetrievalIndex.PathFor(damage.Path));
    }

    /// <summary>Deletes one memory, with what stands beside it.</summary>
    public static void Forget(string path)
    {
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}*")) File.Delete(file);
    }

    /// <summary>Replaces a memory by the same in a smaller format.</summary>
    /// <param name="keys">Names of the heads that the format keys keeps (<see cref="RetrievalHeads.SourceNames"/>); null for other formats.</param>
    /// <returns>The new file.</returns>
    /// <exception cref="ProblemException">The format is not smaller, the memory not complete or damaged, or the disk full.</exception>
    public string Convert(string path, MemoryFormat format, string? keys, string title, IProgress<WorkProgress>? progress, Action<string>? note, CancellationToken cancellation)
    {
        string name = Path.GetFileName(path);
        if (name.IndexOf('-') is not (> 0 and var ofHash))
            throw new ProblemException(ProblemKind.Setting, $"{path} is not named as a memory of a library is (HASH-…{StoredMemory.Extension}), so the converted one would not be found. Convert it where it was made, by the name of its book.");
        string target = Path.Combine(folder, NameFor(name[..ofHash], MemoryFile.ReadFingerprint(path).In(format, keys)));
        try
        {
            using FileStream held = WaitForLock(path, title, note, cancellation);
            using (MemoryFile source = MemoryFile.OpenAsMade(path))
            {
                MemoryConversion.Check(source, format, title);
                RequireSpace(target, MemoryFile.ExpectedBytes(KvCodec.For(format, KvShape.Of(source.Fingerprint.In(format, keys))), source.Tokens));
                MemoryConversion.Write(source, format, keys, target + ".new", title, progress, cancellation);
            }
            File.Move(target + ".new", target, overwrite: true);
            File.Delete(path);
            KeepSideFiles(path, target);
            return target;
        }
        catch (DamagedBlockException damage)
        {
            throw new ProblemException(ProblemKind.Index, $"{damage.Message} Nothing was converted. {DamagedBlockException.Advice}", damage);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused(error);
        }
        finally
        {
            // Of a conversion that was stopped.
            File.Delete(target + ".new");
        }
    }

    /// <summary>
    /// Content hashes of the documents that a model has read to their end under these settings, as far as can be told without opening the model. The folder is looked through once,
    /// however many there are.
    /// </summary>
    public IReadOnlySet<string> ReadBy(string modelHash) => StoredMemory.Examine(Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [])
        .Where(memory => memory is { Complete: true, Fingerprint: { } made } && made.ModelHash == modelHash && (made.Window == options.Window || options.FullAttentionTokens > 0 && made.Window >= made.Tokens))
        .Select(memory => Path.GetFileName(memory.Path).Split('-')[0]).ToHashSet(StringComparer.Ordinal);

    public static string HashOf(string text) => System.Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <param name="Full">Read with a window that covers the whole document; then every token has seen all before it.</param>
    private sealed record Wanted(MemoryFingerprint Fingerprint, bool Full);

    private Wanted Want(Document document, LoadedModel model, int tokens, int questionTokens, bool forceRetrieval)
    {
        bool full = !forceRetrieval && model.Header.Length + tokens + questionTokens <= Math.Min(options.FullAttentionTokens, model.Weights.Config.ContextLength);
        int window = full ? MemoryFile.BlocksFor(tokens) * KvCodec.BlockTokens : options.Window;
        return new Wanted(model.Fingerprint(HashOf(document.Text), tokens, window, options), full);
    }

    /// <summary>N, if any memory of this text and tokenizer is there: saves tokenising a book at every question.</summary>
    private int? KnownTokens(Document document, LoadedModel model)
    {
        string textHash = HashOf(document.Text);
        return FilesOf(document.ContentHash).Where(path => path.EndsWith(StoredMemory.Extension, StringComparison.Ordinal)).Select(MemoryFile.FindFingerprint)
            .FirstOrDefault(found => found?.TextHash == textHash && found.TokenizerHash == model.Tokenizer.Hash)?.Tokens;
    }

    private DocumentMemory? OpenComplete(Document document, Wanted wanted, LoadedModel model, bool refuseOthers, Action<string>? note)
    {
        if (OpenFile(document, wanted, model, complete: true, refuseOthers) is not { } file) return null;
        try
        {
            bool full = wanted.Full && file.Codec.HoldsAll;
            DevicePlan? plan = PlanFor(file, model);
            if (plan is not null) file.KeepOn(model.Decoder.Device, plan);
            return new DocumentMemory(document, file, OpenIndex(file, full, model, plan is { Keys: true } ? model.Decoder.Device : CPU, note), full, 0, TimeSpan.Zero);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>In the configured format, or else in whichever it was converted to.</summary>
    /// <param name="refuseOthers">Throw where a file in the configured format was made under other settings, which reading would have to overwrite; otherwise it counts as not there.</param>
    private MemoryFile? OpenFile(Document document, Wanted wanted, LoadedModel model, bool complete, bool refuseOthers)
    {
        string? keys = HasHeads(model) ? model.Heads.SourceNames(model.Weights.Config) : null;
        foreach (MemoryFormat format in Enum.GetValues<MemoryFormat>().Where(format => format != MemoryFormat.Keys || keys is not null).OrderBy(format => format != options.Format))
        {
            MemoryFingerprint fingerprint = wanted.Fingerprint.In(format, keys);
            string path = PathFor(document, fingerprint);
            if (!File.Exists(path) || MemoryFile.FindFingerprint(path) is not { } found || ((format != options.Format || !refuseOthers) && found.DifferencesFrom(fingerprint).Count > 0)) continue;
            MemoryFile file = MemoryFile.Open(path, fingerprint, write: false);
            if (file.Complete || !complete && file.Blocks > 0) return file;
            file.Dispose();
        }
        return null;
    }

    private static RetrievalIndex? OpenIndex(MemoryFile file, bool full, LoadedModel model, Device keysOn, Action<string>? note) => full && !HasHeads(model)
        ? null
        : RetrievalIndex.Open(file, model.Heads, model.Weights.Config, keysOn, note);

    private static DevicePlan? PlanFor(MemoryFile file, LoadedModel model) =>
        DevicePlan.For(model.Decoder.Device, file, HasHeads(model) ? RetrievalIndex.BytesOnDevice(file, model.Heads, model.Weights.Config) : 0);

    private static bool HasHeads(LoadedModel model) => File.Exists(RetrievalHeads.PathFor(model.Path));

    private string PathFor(Document document, MemoryFingerprint fingerprint) => Path.Combine(folder, NameFor(document.ContentHash, fingerprint));

    /// <summary>Begins with the content hash, by which a library finds the files of a document.</summary>
    private static string NameFor(string contentHash, MemoryFingerprint fingerprint) =>
        $"{contentHash}-{fingerprint.TextHash[..8]}-{fingerprint.ModelHash[..8]}-{MemoryConversion.Name(fingerprint.Format)}-w{fingerprint.Window}{StoredMemory.Extension}";

    /// <summary>Reads from where the file ends to the end of the document, alone.</summary>
    /// <returns>Tokens read.</returns>
    private int Read(
        Document document, MemoryFingerprint fingerprint, IReadOnlyList<TextToken> tokens, LoadedModel model,
        IProgress<WorkProgress>? progress, Action<string>? note, CancellationToken cancellation)
    {
        string path = PathFor(document, fingerprint);
        using FileStream held = WaitForLock(path, document.Title, note, cancellation);
        try
        {
            if (File.Exists(path) && MemoryFile.FindFingerprint(path) is null)
            {
                note?.Invoke($"The first page of the memory {path} is damaged; reading {document.Title} again.");
                File.Delete(path);
            }
            using MemoryFile file = MemoryFile.Open(path, fingerprint, write: true);
            RequireSpace(path, MemoryFile.ExpectedBytes(file.Codec, tokens.Count) - file.Bytes);
            if (file.Complete) return 0;
            ScalarType? begun = file.Blocks > 0 ? ComputeType.Named(file.Fingerprint.Reading) : null;
            if (begun is { } type && type != model.Decoder.Compute)
                note?.Invoke($"{document.Title} was begun in {ComputeType.Name(type)}, so it is read to its end in it. Where that is slow, read it anew with --reread.");
            using IndexWriter? index = HasHeads(model) ? RetrievalIndex.Grow(file, model.Heads, model.Weights.Config) : null;
            return model.NewPrefill(fingerprint.Window, fingerprint.Step, begun).Run(
                tokens, file, progress, $"Reading {document.Title}", cancellation, onStored: index is null ? null : index.CatchUp);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused(error);
        }
    }

    /// <summary>What stands beside a memory (its index, the vectors of its passages) says the same of it in any format.</summary>
    private static void KeepSideFiles(string path, string target)
    {
        foreach (string side in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*"))
        {
            string extension = Path.GetExtension(side);
            if (extension is not (".lock" or ".new")) File.Move(side, target + extension, overwrite: true);
        }
    }

    private void RequireSpace(string path, long bytes)
    {
        long free = freeBytes?.Invoke(path) ?? new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free >= bytes) return;
        throw new ProblemException(ProblemKind.Environment,
            $"The memory {path} needs {bytes / 1e6:N0} MB more, but its disk has {free / 1e6:N0} MB free. Make room, or choose a smaller Memory:Format (int4, keys) in appsettings.json.");
    }

    private void MakeFolder()
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused(error);
        }
    }

    private FileStream WaitForLock(string path, string title, Action<string>? note, CancellationToken cancellation)
    {
        bool told = false;
        while (true)
        {
            try
            {
                return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error) when (IsHeldByAnother(error))
            {
                if (!told) note?.Invoke($"Another process is reading {title}; waiting for it.");
                told = true;
                if (cancellation.WaitHandle.WaitOne(LockPoll)) cancellation.ThrowIfCancellationRequested();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw Refused(error);
            }
        }
    }

    /// <summary>EWOULDBLOCK of Linux (11) and macOS (35); sharing and lock violation of Windows (32, 33).</summary>
    private static bool IsHeldByAnother(IOException error) => (error.HResult & 0xFFFF) is 11 or 32 or 33 or 35;

    private ProblemException Refused(Exception error) => new(ProblemKind.Environment,
        $"The folder {folder} cannot be written to: {error.Message.TrimEnd('.')}. What was read so far is kept. Make room or fix the folder's permissions, and run the same command again.", error);
}
