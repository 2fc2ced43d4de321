using RetrievalAttention.Documents;
using RetrievalAttention.Documents.Isolation;

namespace RetrievalAttention.Tests.Documents;

/// <summary>Reading processes that misbehave in every way, played by shell commands.</summary>
public sealed class IsolationTests
{
    private static readonly ReadingOptions Quick = new() { SilenceSeconds = 1, MemoryMegabytes = 64 };

    [Theory]
    [InlineData("head -c 5 >/dev/null; echo 'Stack overflow.' >&2; exit 134", "made its reader fail (Stack overflow.)")]
    [InlineData("exit 3", "made its reader fail (exit code 3)")]
    [InlineData("echo this is no message at all; cat >/dev/null", "what came is no message")]
    [InlineData(@"printf '\003\002\000\000\000{}'; head -c 32 /dev/zero; cat >/dev/null", "checksum is wrong")]
    [InlineData("exec sleep 60", "stand still for 1 seconds")]
    [InlineData("exec tail /dev/zero", "needs more than 64 MB of memory", 60)]
    public async Task WhateverTheReaderDoesOnlyItsDocumentFails(string script, string expected, int silenceSeconds = 1)
    {
        using IsolatedDocumentReader reader = Shell(script);
        ReadingOptions options = Quick with { SilenceSeconds = silenceSeconds };
        ProblemException problem = await Assert.ThrowsAsync<ProblemException>(() => reader.ReadAsync("/a/book.txt", options, null, TestContext.Current.CancellationToken));
        Assert.Equal(ProblemKind.Document, problem.Kind);
        Assert.Contains(expected, problem.Message);
        Assert.Contains("/a/book.txt", problem.Message);
    }

    [Fact]
    public async Task CancellingStopsAReaderThatHangs()
    {
        using CancellationTokenSource cancelled = new(TimeSpan.FromMilliseconds(200));
        using IsolatedDocumentReader reader = Shell("exec sleep 60");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.ReadAsync("/a/book.txt", new ReadingOptions(), null, cancelled.Token));
    }

    [Fact]
    public async Task AMissingProgramIsAProblemOfTheEnvironment()
    {
        using IsolatedDocumentReader reader = new(new ChildProgram("/no/such/program", []), TimeProvider.System);
        ProblemException problem = await Assert.ThrowsAsync<ProblemException>(() => reader.ReadAsync("/a/book.txt", Quick, null, TestContext.Current.CancellationToken));
        Assert.Equal(ProblemKind.Environment, problem.Kind);
    }

    [Fact]
    public async Task MessagesComeThroughUnchanged()
    {
        using MemoryStream stream = new();
        WorkProgress sent = new("Reading", 3, 10, "pages");
        ChildMessage.Of(MessageKind.Progress, sent).WriteTo(stream);
        stream.Position = 0;
        ChildMessage? received = await ChildMessage.ReadAsync(stream, TestContext.Current.CancellationToken);
        Assert.Equal(sent, received!.Value.Content<WorkProgress>());
        Assert.Null(await ChildMessage.ReadAsync(stream, TestContext.Current.CancellationToken));
    }

    private static IsolatedDocumentReader Shell(string script)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "There is no /bin/sh here to play a reader that misbehaves.");
        return new IsolatedDocumentReader(new ChildProgram("/bin/sh", ["-c", script]), TimeProvider.System);
    }
}
