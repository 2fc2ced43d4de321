using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using RetrievalAttention.Documents;
using RetrievalAttention.Models;
using TorchSharp;

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
public sealed class MemoryStore(string folder, MemoryOptions options)
{
    private const string Extension = ".memory";
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
        string textHash = HashOf(document.Text);
        int count = KnownTokens(document, textHash, model) ?? tokens.Value.Count;
        if (count == 0)
        {
            throw new ProblemException(ProblemKind.Document, $"{document.Path} holds no text to read ({document.Text.Length} characters). Give a file with text.");
        }
        bool full = !forceRetrieval && FitsInFull(count, questionTokens, model);
        MemoryFingerprint fingerprint = FingerprintFor(textHash, count, full, model);
        string path = PathFor(document, fingerprint);
        Directory.CreateDirectory(folder);

        long started = Stopwatch.GetTimestamp();
        int read = 0;
        if (!IsComplete(path, fingerprint, model))
        {
            using FileStream held = WaitForLock(path, document.Title, note, cancellation);
            read = Read(path, fingerprint, document, tokens.Value, model, progress, cancellation);
        }
        TimeSpan readTime = read > 0 ? Stopwatch.GetElapsedTime(started) : TimeSpan.Zero;
        MemoryFile file = MemoryFile.Open(path, fingerprint, model.Weights.Config, write: false);
        RetrievalIndex? index = full && !File.Exists(RetrievalHeads.PathFor(model.Path)) ? null : RetrievalIndex.Open(file, model.Heads, model.Weights.Config, model.Decoder.Device);
        return new DocumentMemory(document, file, index, full, read, readTime);
    }

    /// <summary>Every file of a document's memories, complete or not, with whatever settings.</summary>
    public IReadOnlyList<string> FilesOf(Document document) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, $"{document.ContentHash}-*").Order(StringComparer.Ordinal)] : [];

    /// <summary>Forgets what was read of a document.</summary>
    public void Remove(Document document)
    {
        foreach (string path in FilesOf(document)) File.Delete(path);
    }

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Cuts a damaged memory off at the block, so that the next opening reads from there.</summary>
    public static void CutAt(DocumentMemory memory, LoadedModel model, int block)
    {
        using MemoryFile file = MemoryFile.Open(memory.File.FilePath, memory.File.Fingerprint, model.Weights.Config, write: true);
        file.Truncate(block);
        File.Delete(memory.File.FilePath + ".index");
    }

    /// <summary>N, if any memory of this text and tokenizer is there: saves tokenising a book at every question.</summary>
    private int? KnownTokens(Document document, string textHash, LoadedModel model)
    {
        foreach (string path in FilesOf(document).Where(path => path.EndsWith(Extension, StringComparison.Ordinal)))
        {
            MemoryFingerprint found = MemoryFile.ReadFingerprint(path);
            if (found.TextHash == textHash && found.TokenizerHash == model.Tokenizer.Hash) return found.Tokens;
        }
        return null;
    }

    private bool FitsInFull(int documentTokens, int questionTokens, LoadedModel model) =>
        model.Header.Length + documentTokens + questionTokens <= Math.Min(options.FullAttentionTokens, model.Weights.Config.ContextLength);

    /// <summary>A document that is attended to in full is read with a window that covers it; then every token has seen all before it.</summary>
    private MemoryFingerprint FingerprintFor(string textHash, int tokens, bool full, LoadedModel model) =>
        model.Fingerprint(textHash, tokens, full ? MemoryFile.BlocksFor(tokens) * KvCodec.BlockTokens : options.Window, options);

    /// <summary>Begins with the content hash, by which a library finds the files of a document.</summary>
    private string PathFor(Document document, MemoryFingerprint fingerprint) => Path.Combine(folder,
        $"{document.ContentHash}-{fingerprint.TextHash[..8]}-{fingerprint.ModelHash[..8]}-{fingerprint.Format.ToString().ToLowerInvariant()}-w{fingerprint.Window}{Extension}");

    private static bool IsComplete(string path, MemoryFingerprint fingerprint, LoadedModel model)
    {
        if (!File.Exists(path)) return false;
        using MemoryFile file = MemoryFile.Open(path, fingerprint, model.Weights.Config, write: false);
        return file.Complete;
    }

    private int Read(
        string path, MemoryFingerprint fingerprint, Document document, IReadOnlyList<TextToken> tokens, LoadedModel model,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            using MemoryFile file = MemoryFile.Open(path, fingerprint, model.Weights.Config, write: true);
            RequireSpace(path, MemoryFile.ExpectedBytes(file.Codec, tokens.Count) - file.Bytes);
            int before = file.Tokens;
            if (!file.Complete) model.NewPrefill(fingerprint.Window, fingerprint.Step).Run(tokens, file, progress, $"Reading {document.Title}", cancellation);
            return file.Tokens - before;
        }
        catch (IOException problem)
        {
            throw new ProblemException(ProblemKind.Environment,
                $"Writing the memory {path} failed: {problem.Message} What was read so far is kept; make room or fix the folder's permissions and run the same command again.", problem);
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new ProblemException(ProblemKind.Environment, $"The folder {folder} cannot be written to: {problem.Message} Fix its permissions, or choose another with --library.", problem);
        }
    }

    private static void RequireSpace(string path, long bytes)
    {
        long free = new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace;
        if (free >= bytes) return;
        throw new ProblemException(ProblemKind.Environment,
            $"The memory {path} needs {bytes / 1e6:N0} MB more, but its disk has {free / 1e6:N0} MB free. Make room, or choose a smaller Memory:Format (int4) in appsettings.json.");
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
            catch (IOException) when (File.Exists(path + ".lock"))
            {
                if (!told) note?.Invoke($"Another process is reading {title}; waiting for it.");
                told = true;
                if (cancellation.WaitHandle.WaitOne(LockPoll)) cancellation.ThrowIfCancellationRequested();
            }
            catch (UnauthorizedAccessException problem)
            {
                throw new ProblemException(ProblemKind.Environment, $"The folder {folder} cannot be written to: {problem.Message} Fix its permissions, or choose another with --library.", problem);
            }
        }
    }
}
