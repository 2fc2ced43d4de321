using System.Runtime.InteropServices;

namespace RetrievalAttention.App.Commands.Chat;

/// <summary>Ctrl-C stops the answer that is being written; a second one, or one while nothing is written, asked twice, ends the conversation. So does SIGTERM at once.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Action _onFirst;
    private readonly IDisposable[] _handlers;
    private CancellationTokenSource? _answer;
    private bool _pressed;

    /// <param name="onFirst">Called when Ctrl-C was pressed once while nothing is being written.</param>
    public Interrupts(Action onFirst)
    {
        _onFirst = onFirst;
        _handlers = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate)];
    }

    /// <summary>The conversation is over.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Runs what Ctrl-C may stop.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Run(Action<CancellationToken> answer)
    {
        using CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        lock (_lock) (_answer, _pressed) = (source, false);
        try
        {
            answer(source.Token);
        }
        finally
        {
            lock (_lock) _answer = null;
        }
    }

    /// <summary>The user wrote something: an earlier Ctrl-C no longer counts.</summary>
    public void Forget()
    {
        lock (_lock) _pressed = false;
    }

    public void Dispose()
    {
        foreach (IDisposable handler in _handlers) handler.Dispose();
        _end.Dispose();
    }

    private void OnInterrupt(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lock (_lock)
        {
            bool second = _pressed;
            _pressed = true;
            if (second) _end.Cancel();
            else if (_answer is { } running) running.Cancel();
            else _onFirst();
        }
    }

    private void OnTerminate(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _end.Cancel();
    }
}
