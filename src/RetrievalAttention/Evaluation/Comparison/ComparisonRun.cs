using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Documents;
using RetrievalAttention.Evaluation.Comparison.Measures;
using RetrievalAttention.Evaluation.Comparison.Places;
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
/// <param name="Question">Its id; of a place, its block.</param>
/// <param name="ContentHash">Of the document: two may have one title.</param>
/// <param name="Depth">Where in the document the evidence begins, 0 to 1.</param>
public sealed record ComparisonCell(string Measure, string Method, int Budget, string Question, string Document, string ContentHash, QuestionKind Kind, double? Depth, CellResult Result);

/// <summary>Takes every measure of every method within every budget. What was measured before is not measured again. Not safe for several threads.</summary>
/// <param name="settings">What cells depend on besides method, budget, measure, question and document.</param>
/// <param name="questions">How many will be asked, for the progress.</param>
/// <param name="places">How many will be continued, for the progress.</param>
public sealed class ComparisonRun(
    LoadedModel model, AnsweringOptions options, BlockRankings rankings, IReadOnlyList<ComparisonMethod> methods, IReadOnlyList<int> budgets, IReadOnlyList<ComparisonMeasure> measures,
    CellCache cache, string settings, int questions, int places, IProgress<WorkProgress>? progress) : IDisposable
{
    private readonly List<ComparisonCell> _cells = [];
    private readonly ComparisonMeasure[] _ofQuestions = [.. measures.Where(measure => measure.On == MeasuredOn.Questions)];
    private readonly ComparisonMeasure[] _ofPlaces = [.. measures.Where(measure => measure.On == MeasuredOn.Places)];
    private readonly long _total = measures.Select(measure => measure.On).Distinct().Sum(on => on == MeasuredOn.Places ? places : (long)questions) * methods.Sum(method => method.HasBudget ? budgets.Count : 1);
    private long _done;
    private long _measured;
    private ComparedDocument? _document;

    public IReadOnlyList<ComparisonCell> Cells => _cells;

    /// <param name="open">Opens the document's memory; called when something has to be measured. It stays the caller's.</param>
    /// <exception cref="OperationCanceledException">Stopped between two cells; those that were measured are kept.</exception>
    public void Ask(Document document, AnswerCase asked, QuestionKind kind, Func<DocumentMemory> open, CancellationToken cancellation)
    {
        if (_ofQuestions.Length == 0) return;
        Measure(document, asked, kind, _ofQuestions, () => new ComparedQuestion(model, Load(open(), cancellation), asked, options, rankings), cancellation);
    }

    /// <summary>Lets the text of a book go on at some places of its last third.</summary>
    /// <exception cref="OperationCanceledException">As in <see cref="Ask"/>.</exception>
    public void Continue(DocumentMemory memory, int count, CancellationToken cancellation)
    {
        if (_ofPlaces.Length == 0) return;
        BookNames names = BookNames.Of(memory.Document, model.Tokenizer);
        foreach (TextPlace place in TextPlaces.Choose(memory.Document, [.. Enumerable.Range(0, memory.File.Blocks).SelectMany(memory.File.ReadTokens)], names, count))
        {
            Measure(
                memory.Document, ComparedPlace.CaseOf(memory.Document.Text, memory.File, place), QuestionKind.OfAFile, _ofPlaces,
                () => ComparedPlace.At(place, model, Load(memory, cancellation), options, rankings), cancellation);
        }
    }

    public void Dispose() => _document?.Dispose();

    /// <param name="make">Called when something has to be measured.</param>
    private void Measure(Document document, AnswerCase asked, QuestionKind kind, ComparisonMeasure[] all, Func<ComparedQuestion> make, CancellationToken cancellation)
    {
        double? depth = asked.Evidence.Count == 0 ? null : (double)asked.Evidence.Min(range => range.Start) / document.Text.Length;
        string onWhat = $"{settings} {document.ContentHash} {document.Text.Length} {options.Candidates} {options.QuotedBlocks}";
        ComparedQuestion? question = null;
        try
        {
            foreach ((ComparisonMethod method, int budget) in methods.SelectMany(method => (method.HasBudget ? budgets : [0]).Select(budget => (method, budget))))
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress("Comparing", _done, _total, "cells", AlreadyDone: _done - _measured));
                _done++;
                ComparisonMeasure[] wanted = [.. all.Where(measure => measure.Suits(method))];
                string[] keys = [.. wanted.Select(measure => CellCache.KeyOf(method, budget, measure, asked, onWhat))];
                int[] missing = [.. Enumerable.Range(0, keys.Length).Where(i => !cache.TryGet(keys[i], out _))];
                if (missing.Length > 0)
                {
                    _measured++;
                    IReadOnlyList<CellResult?> results = CellMeasurement.Of(method, question ??= make(), budget, [.. missing.Select(i => wanted[i])]);
                    foreach ((int i, CellResult? result) in missing.Zip(results)) cache.Add(keys[i], result);
                }
                foreach ((ComparisonMeasure measure, string key) in wanted.Zip(keys))
                    if (cache.TryGet(key, out CellResult? found) && found is { } measured) _cells.Add(new ComparisonCell(measure.Name, method.Name, budget, asked.Id, document.Title, document.ContentHash, kind, depth, measured));
            }
        }
        finally
        {
            question?.Dispose();
        }
    }

    private ComparedDocument Load(DocumentMemory memory, CancellationToken cancellation)
    {
        if (ReferenceEquals(_document?.Memory, memory)) return _document!;
        _document?.Dispose();
        _document = null;
        return _document = ComparedDocument.Load(memory, model.Weights.Config, model.Decoder.Device, progress, cancellation);
    }
}
