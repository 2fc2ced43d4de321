using System.Diagnostics;
using System.Globalization;

namespace RetrievalAttention.App.Consoles;

/// <summary>
/// One line on stderr that rewrites itself: task, share done, rate and time left. Appears after a second; on something that is not a
/// terminal it prints a plain line every ten seconds instead.
/// </summary>
public sealed class ProgressLine : IProgress<WorkProgress>, IDisposable
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private Stopwatch _taskTime = Stopwatch.StartNew();
    private TimeSpan _lastShown = TimeSpan.Zero;
    private string _task = "";
    private long _doneBefore;
    private int _shownLength;

    public void Report(WorkProgress value)
    {
        lock (_lock)
        {
            if (value.Task != _task)
            {
                EndLine();
                _task = value.Task;
                _taskTime = Stopwatch.StartNew();
                // A task that others hid until now is as far as it is; its rate is that of the time in which it is shown.
                _doneBefore = value.Done;
            }
            TimeSpan now = _sinceStart.Elapsed;
            if (now < TimeSpan.FromSeconds(1) || now - _lastShown < (_terminal ? TerminalInterval : PlainInterval)) return;
            _lastShown = now;
            Show(Table.Printable(Describe(value with { AlreadyDone = Math.Max(value.AlreadyDone, _doneBefore) }, _taskTime.Elapsed)));
        }
    }

    /// <summary>
    /// "Reading Treasure Island: 42 % · 41,000 of 97,000 tokens · 530 tokens/s · 1:45 left"; before it, when it is a part of more,
    /// "12 of 50 books · 530 tokens/s · 1:12:00 left | ".
    /// </summary>
    public static string Describe(WorkProgress progress, TimeSpan elapsed)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        double rate = elapsed.TotalSeconds > 0 ? (progress.Done - progress.AlreadyDone) / elapsed.TotalSeconds : 0;
        string counted = progress.Total > 0
            ? string.Create(culture, $"{100.0 * progress.Done / progress.Total:0} % · {progress.Done:N0} of {progress.Total:N0} {progress.Unit}")
            : string.Create(culture, $"{progress.Done:N0} {progress.Unit}");
        string left = rate > 0 && progress.Total > progress.Done ? $" · {Clock((progress.Total - progress.Done) / rate)} left" : "";
        return $"{Describe(progress.Whole)}{progress.Task}: {counted}{Speed(rate, progress.Unit)}{left}";
    }

    private static string Describe(WholeProgress? whole)
    {
        if (whole is null) return "";
        string left = whole.Left is { } time ? $" · {(whole.AtLeast ? "over " : "")}{Clock(time.TotalSeconds)} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{whole.Done:N0} of {whole.Total:N0} {whole.Unit}{Speed(whole.Rate, whole.RateUnit)}{left} | ");
    }

    private static string Speed(double rate, string unit) => rate > 0 ? $" · {rate.ToString(rate < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture)} {unit}/s" : "";

    public void Dispose()
    {
        lock (_lock) EndLine();
    }

    private static string Clock(double seconds)
    {
        TimeSpan time = TimeSpan.FromSeconds(Math.Min(seconds, 359_999));
        return time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}" : $"{time.Minutes}:{time.Seconds:00}";
    }

    private void Show(string line)
    {
        if (_terminal)
        {
            // A line that wraps could not be written over.
            int width = Console.WindowWidth > 1 ? Console.WindowWidth - 1 : 79;
            string fitting = line.Length <= width ? line : line[..width];
            Console.Error.Write("\r" + fitting.PadRight(_shownLength));
            _shownLength = fitting.Length;
        }
        else
        {
            Console.Error.WriteLine(line);
        }
    }

    private void EndLine()
    {
        if (_terminal && _shownLength > 0) Console.Error.Write("\r" + new string(' ', _shownLength) + "\r");
        _shownLength = 0;
    }
}
