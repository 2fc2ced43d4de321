namespace RetrievalAttention.Documents.Isolation;

/// <summary>
/// The reading process's side: reads one requested document after the other until its parent closes the connection. Whatever else goes wrong
/// ends the process, and with it one document.
/// </summary>
public static class DocumentChildHost
{
    /// <param name="input">Requests from the parent.</param>
    /// <param name="output">Progress and documents to the parent.</param>
    /// <param name="parentGone">Called when the parent closed the connection, even while a document is being read: ends the process.</param>
    public static void Serve(Stream input, Stream output, DocumentReaders readers, Action parentGone)
    {
        Task<ChildMessage?> next = ChildMessage.ReadAsync(input, CancellationToken.None);
        while (next.GetAwaiter().GetResult() is { } message)
        {
            ReadRequest request = message.Content<ReadRequest>();
            // Waits while the document is read, so that an orphan does not work on.
            next = Task.Run(() => ChildMessage.ReadAsync(input, CancellationToken.None));
            next.ContinueWith(task => { if (!task.IsCompletedSuccessfully || task.Result is null) parentGone(); }, TaskScheduler.Default);
            Answer(request, readers, output);
        }
    }

    private static void Answer(ReadRequest request, DocumentReaders readers, Stream output)
    {
        try
        {
            Document document = readers.Read(request.Path, request.Options, new Messages(output), CancellationToken.None);
            ChildMessage.Of(MessageKind.Document, document).WriteTo(output);
        }
        catch (ProblemException problem)
        {
            ChildMessage.Of(MessageKind.Problem, new ReadProblem(problem.Kind, problem.Message)).WriteTo(output);
        }
    }

    /// <summary>Sends progress, which also shows that the reader is alive.</summary>
    private sealed class Messages(Stream output) : IProgress<WorkProgress>
    {
        private readonly Lock _lock = new();

        public void Report(WorkProgress value)
        {
            lock (_lock) ChildMessage.Of(MessageKind.Progress, value).WriteTo(output);
        }
    }
}
