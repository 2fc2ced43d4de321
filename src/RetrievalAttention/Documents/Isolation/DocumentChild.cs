using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace RetrievalAttention.Documents.Isolation;

/// <summary>One reading process, seen from its parent. It reads one document at a time and is thrown away after anything unexpected.</summary>
internal sealed class DocumentChild : IDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a process that closed its output may take to end.</summary>
    private static readonly TimeSpan EndingTime = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Task<string> _errors;
    private long _lastHeard;

    private DocumentChild(Process process, long memoryBytes, TimeProvider time)
    {
        (_process, MemoryBytes, _time) = (process, memoryBytes, time);
        _errors = FirstLineAsync(process.StandardError);
    }

    /// <summary>The memory limit it was started with.</summary>
    public long MemoryBytes { get; }

    /// <summary>Whether it can be given another document: alive, idle, and not swollen by the last one.</summary>
    public bool IsFit { get; private set; } = true;

    /// <exception cref="ProblemException">The program cannot be started.</exception>
    public static DocumentChild Start(ChildProgram program, long memoryBytes, TimeProvider time)
    {
        ProcessStartInfo start = new(program.FileName, program.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        // The runtime's own limit acts at once; the watch below also counts what is not the runtime's.
        start.Environment["DOTNET_GCHeapHardLimit"] = memoryBytes.ToString("x", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        try
        {
            return new DocumentChild(Process.Start(start)!, memoryBytes, time);
        }
        catch (Win32Exception error)
        {
            throw new ProblemException(ProblemKind.Environment, $"The program that reads documents, '{program.FileName}', cannot be started: {error.Message}", error);
        }
    }

    public async Task<Document> ReadAsync(string path, ReadingOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        IsFit = false;
        long started = Hear();
        Task<ChildMessage> answer = TalkAsync(new ReadRequest(path, options), progress);
        while (!answer.IsCompleted)
        {
            await Task.WhenAny(answer, Task.Delay(WatchInterval, _time, CancellationToken.None));
            cancellation.ThrowIfCancellationRequested();
            if (!answer.IsCompleted && WhyToStop(options, started) is { } reason) throw Stopped(path, reason);
        }
        ChildMessage message = await AnswerOf(answer, path, cancellation);
        if (message.Kind == MessageKind.Problem && message.Content<ReadProblem>() is var problem)
        {
            IsFit = !IsSwollen();
            throw new ProblemException(problem.Kind, problem.Message);
        }
        Document document = message.Content<Document>();
        IsFit = !IsSwollen();
        return document;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    /// <summary>Sends the request and reads messages until the document or a problem comes.</summary>
    private async Task<ChildMessage> TalkAsync(ReadRequest request, IProgress<WorkProgress>? progress)
    {
        ChildMessage.Of(MessageKind.Request, request).WriteTo(_process.StandardInput.BaseStream);
        while (await ChildMessage.ReadAsync(_process.StandardOutput.BaseStream, CancellationToken.None) is { } message)
        {
            Hear();
            if (message.Kind is MessageKind.Document or MessageKind.Problem) return message;
            progress?.Report(message.Content<WorkProgress>());
        }
        throw new EndOfStreamException();
    }

    private async Task<ChildMessage> AnswerOf(Task<ChildMessage> answer, string path, CancellationToken cancellation)
    {
        try
        {
            return await answer;
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            string how = await HowItEnded(error);
            // A stop of the whole program also ends its readers: that says nothing about the document.
            cancellation.ThrowIfCancellationRequested();
            throw Stopped(path, $"made its reader fail ({how})", error);
        }
    }

    private async Task<string> HowItEnded(Exception error)
    {
        if (error is InvalidDataException || !_process.WaitForExit(EndingTime)) return error.Message;
        string first = await _errors;
        if (first.Contains("OutOfMemoryException", StringComparison.Ordinal)) return $"it needs more than {Megabytes(MemoryBytes)} of memory";
        return first.Length > 0 ? first : string.Create(CultureInfo.InvariantCulture, $"exit code {_process.ExitCode}");
    }

    private string? WhyToStop(ReadingOptions options, long started)
    {
        if (Resident() > MemoryBytes) return $"needs more than {Megabytes(MemoryBytes)} of memory to be read";
        if (_time.GetElapsedTime(Volatile.Read(ref _lastHeard)) > TimeSpan.FromSeconds(options.SilenceSeconds))
            return $"made its reader stand still for {options.SilenceSeconds} seconds";
        return _time.GetElapsedTime(started) > TimeSpan.FromMinutes(options.ReadingMinutes) ? $"takes more than {options.ReadingMinutes} minutes to be read" : null;
    }

    private static ProblemException Stopped(string path, string reason, Exception? inner = null) => new(ProblemKind.Document,
        $"'{path}' {reason}. It is damaged or made to do harm; nothing of it was taken, and other documents are not affected.", inner);

    private bool IsSwollen() => Resident() > MemoryBytes / 4;

    private long Resident()
    {
        if (_process.HasExited) return 0;
        _process.Refresh();
        return _process.WorkingSet64;
    }

    private long Hear()
    {
        long now = _time.GetTimestamp();
        Volatile.Write(ref _lastHeard, now);
        return now;
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20:N0} MB");

    /// <summary>The first line of what the process complains about; the rest is read and dropped, lest it wait.</summary>
    private static async Task<string> FirstLineAsync(StreamReader errors)
    {
        string first = "";
        while (await errors.ReadLineAsync() is { } line)
            if (first.Length == 0) first = line.Trim();
        return first.Length > 300 ? first[..300] : first;
    }
}
