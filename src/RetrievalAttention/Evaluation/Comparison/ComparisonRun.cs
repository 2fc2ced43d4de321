using RetrievalAttention.Answering;
using RetrievalAttention.Documents;
using RetrievalAttention.Memory;

namespace RetrievalAttention.Evaluation.Comparison;

/// <summary>What a question is a measure of, beside how well it is answered.</summary>
/// <param name="Task">Of a synthetic question; null for questions of a file.</param>
/// <param name="Length">Tokens of the document that was made for it; 0 for questions of a file.</param>
public sealed record QuestionKind(string? Task, int Length)
{
    public static QuestionKind OfAFile { get; } = new(null, 0);
}

/// <param name="Budget">0 where the method has none.</param>
/// <param name="Depth">Where in the document the evidence begins, 0 to 1.</param>
public sealed record ComparisonCell(string Method, int Budget, string Question, string Document, QuestionKind Kind, double? Depth, CellResult Result);

/// <summary>Asks every question by every method within every budget. What was measured before is not measured again. Not safe for several threads.</summary>
/// <param name="settings">What cells depend on besides method, budget, question and document.</param>
/// <param name="questions">How many will be asked, for the progress.</param>
public sealed class ComparisonRun(
    LoadedModel model, AnsweringOptions options, BlockRankings rankings, IReadOnlyList<ComparisonMethod> methods, IReadOnlyList<int> budgets, CellCache cache, string settings,
    int questions, IProgress<WorkProgress>? progress) : IDisposable
{
    private readonly List<ComparisonCell> _cells = [];
    private readonly long _total = (long)questions * methods.Sum(method => method.HasBudget ? budgets.Count : 1);
    private long _done;
    private ComparedDocument? _document;

    public IReadOnlyList<ComparisonCell> Cells => _cells;

    /// <summary>Cells that were measured just now.</summary>
    public int Measured { get; private set; }

    /// <param name="open">Opens the document's memory; called when something has to be measured. It stays the caller's.</param>
    /// <exception cref="OperationCanceledException">Stopped between two cells; those that were measured are kept.</exception>
    public void Ask(Document document, AnswerCase asked, QuestionKind kind, Func<DocumentMemory> open, CancellationToken cancellation)
    {
        double? depth = asked.Evidence.Count == 0 ? null : (double)asked.Evidence.Min(range => range.Start) / document.Text.Length;
        string onWhat = $"{settings} {document.ContentHash} {document.Text.Length} {options.Candidates} {options.QuotedBlocks}";
        foreach (ComparisonMethod method in methods)
        {
            foreach (int budget in method.HasBudget ? budgets : [0])
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("Comparing", _done, _total, "cells", AlreadyDone: _done - Measured));
                _done++;
                string key = CellCache.KeyOf(method, budget, asked, onWhat);
                if (!cache.TryGet(key, out CellResult? result))
                {
                    result = CellMeasurement.Measure(method, new ComparedQuestion(model, Load(open(), cancellation), asked, options, rankings), budget);
                    cache.Add(key, result);
                    Measured++;
                }
                if (result is { } measured) _cells.Add(new ComparisonCell(method.Name, budget, asked.Id, document.Title, kind, depth, measured));
            }
        }
    }

    public void Dispose() => _document?.Dispose();

    private ComparedDocument Load(DocumentMemory memory, CancellationToken cancellation)
    {
        if (ReferenceEquals(_document?.Memory, memory)) return _document!;
        _document?.Dispose();
        _document = null;
        return _document = ComparedDocument.Load(memory, model.Weights.Config, model.Decoder.Device, progress, cancellation);
    }
}
