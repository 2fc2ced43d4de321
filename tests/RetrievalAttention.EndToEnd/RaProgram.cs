using System.Diagnostics;
using System.Text;
using System.Text.Json;
using RetrievalAttention.Tests.Models;

namespace RetrievalAttention.EndToEnd;

/// <param name="Code">The exit code.</param>
internal sealed record RunResult(int Code, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}

/// <summary>
/// The built program, with libraries in a folder of its own that goes with it. It reads and answers with a small model of random weights, which is quick and
/// says nothing sensible; <see cref="UseShippedModel"/> for answers that mean something.
/// </summary>
internal sealed class RaProgram : IDisposable
{
    private static readonly Lazy<TinyModelFolder> Tiny = new(() =>
    {
        TinyModelFolder folder = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    });

    private readonly Dictionary<string, string> _environment = [];

    public RaProgram()
    {
        Set("RA_Library__Root", Libraries);
        Set("RA_Model__Decoder", Model);

        // Which number type reads faster is measured at every start, and a busy machine may change its mind: then memories differ in their last bits.
        Set("RA_Model__Reading", "float32");
    }

    /// <summary>The small model's file.</summary>
    public string Model => Tiny.Value.ModelPath;

    public void UseShippedModel() => _environment.Remove("RA_Model__Decoder");

    /// <summary>A fresh folder.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("ra-end-to-end-").FullName;

    public string Libraries => Path.Combine(Root, "indexes");

    /// <summary>Where the default library keeps its memories.</summary>
    public string Memory => Path.Combine(Libraries, "main", "memory");

    /// <summary>Lets every user read, and none but the owner write.</summary>
    public void OpenToOthers()
    {
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(Root, Readable);
        File.SetUnixFileMode(Tiny.Value.Path, Readable);
    }

    /// <summary>An environment variable of every later run.</summary>
    public void Set(string variable, string value) => _environment[variable] = value;

    public string Write(string name, string content)
    {
        string path = Path.Combine(Root, "files", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>A shell script that later runs find before the programs of the machine.</summary>
    public void WriteProgram(string name, string script)
    {
        string folder = Path.Combine(Root, "programs"), path = Path.Combine(folder, name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Set("PATH", $"{folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}");
    }

    public async Task<RunResult> RunAsync(params string[] arguments)
    {
        using RunningProgram running = Start(arguments);
        return await running.EndAsync();
    }

    /// <summary>Runs and expects success.</summary>
    public async Task<RunResult> SucceedAsync(params string[] arguments)
    {
        RunResult result = await RunAsync(arguments);
        Assert.True(result.Code == 0, $"ra {string.Join(' ', arguments)} ended with {result.Code}: {result.Errors}");
        return result;
    }

    public RunningProgram Start(params string[] arguments) => new("dotnet", [Path.Combine(AppContext.BaseDirectory, "ra.dll"), .. arguments], _environment);

    /// <summary><c>ra chat</c> with lines as from a pipe.</summary>
    public async Task<RunResult> ChatAsync(string[] lines, params string[] arguments)
    {
        using RunningProgram running = StartChat(arguments);
        foreach (string line in lines) await running.SayAsync(line);
        running.EndInput();
        return await running.EndAsync();
    }

    public RunningProgram StartChat(params string[] arguments) => Start(["chat", .. arguments]);

    /// <summary>The same through another program, such as one that changes the user.</summary>
    public RunningProgram StartThrough(string program, string[] before, params string[] arguments) =>
        new(program, [.. before, "dotnet", Path.Combine(AppContext.BaseDirectory, "ra.dll"), .. arguments], _environment);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

internal sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _outputSoFar = new(), _errorsSoFar = new();
    private readonly Task<string> _output, _errors;

    public RunningProgram(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _output = Collect(_process.StandardOutput, _outputSoFar);
        _errors = Collect(_process.StandardError, _errorsSoFar);
    }

    public bool HasEnded => _process.HasExited;

    public async Task<RunResult> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new RunResult(_process.ExitCode, await _output, await _errors);
    }

    /// <summary>Writes a line to its input. It may have ended already.</summary>
    public async Task SayAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line.AsMemory(), TestContext.Current.CancellationToken);
            await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // Its exit code says why.
        }
    }

    public void EndInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    public Task WaitForOutputAsync() => WaitAsync(() => Read(_outputSoFar).Length > 0);

    public Task WaitForErrorsAsync(string text) => WaitAsync(() => Read(_errorsSoFar).Contains(text, StringComparison.Ordinal));

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    /// <summary>kill -TERM.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Signal("INT");

    private async Task WaitAsync(Func<bool> happened)
    {
        while (!happened())
        {
            Assert.False(HasEnded, $"It ended. It wrote: {Read(_outputSoFar)} {Read(_errorsSoFar)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string> Collect(StreamReader reader, StringBuilder soFar)
    {
        char[] buffer = new char[4096];
        for (int count; (count = await reader.ReadAsync(buffer)) > 0;)
            lock (soFar) soFar.Append(buffer, 0, count);
        return Read(soFar);
    }

    private static string Read(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    private void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
