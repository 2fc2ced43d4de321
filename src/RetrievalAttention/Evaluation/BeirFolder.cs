using System.Globalization;

namespace RetrievalAttention.Evaluation;

/// <summary>
/// A retrieval collection in the layout of BEIR (Thakur et al. 2021): corpus.jsonl {_id, title, text}, queries.jsonl {_id, text}, and the
/// judgments as qrels.tsv or qrels/test.tsv (query, document, gain; the first line names the columns).
/// </summary>
public sealed record BeirFolder
{
    public required IReadOnlyList<BeirDocument> Documents { get; init; }

    /// <summary>Queries with at least one relevant document, in file order.</summary>
    public required IReadOnlyList<BeirQuery> Queries { get; init; }

    /// <summary>Judgments that name a document that the corpus lacks. They still count as relevant documents that nobody can find.</summary>
    public required int MissingDocuments { get; init; }

    /// <exception cref="ProblemException">A file is missing or has a line that is not as described, or nothing is left to measure.</exception>
    public static BeirFolder Read(string folder)
    {
        string corpus = Path.Combine(folder, "corpus.jsonl");
        string queries = Path.Combine(folder, "queries.jsonl");
        BeirDocument[] documents = [.. JsonLine.ReadAll(corpus, "a BEIR corpus").Select(line => new BeirDocument(line.Text("_id"), line.OptionalText("title") ?? "", line.Text("text")))];
        Dictionary<string, Dictionary<string, int>> judgments = ReadJudgments(FindJudgments(folder));
        BeirQuery[] judged =
        [
            .. from line in JsonLine.ReadAll(queries, "BEIR queries")
               let id = line.Text("_id")
               where judgments.TryGetValue(id, out Dictionary<string, int>? gains) && gains.Values.Any(gain => gain > 0)
               select new BeirQuery(id, line.Text("text"), line.OptionalText("text_unscoped"), judgments[id]),
        ];
        if (documents.Length == 0 || judged.Length == 0)
        {
            throw new ProblemException(ProblemKind.Document, $"'{folder}' has {documents.Length} documents and {judged.Length} queries with a relevant document; "
                + "at least one of each is needed. The ids of queries.jsonl and of the judgments must agree.");
        }
        HashSet<string> known = documents.Select(document => document.Id).ToHashSet(StringComparer.Ordinal);
        return new BeirFolder
        {
            Documents = documents,
            Queries = judged,
            MissingDocuments = judged.Sum(query => query.Gains.Keys.Count(id => !known.Contains(id))),
        };
    }

    private static string FindJudgments(string folder)
    {
        string[] places = [Path.Combine(folder, "qrels.tsv"), Path.Combine(folder, "qrels", "test.tsv")];
        return places.FirstOrDefault(File.Exists)
            ?? throw new ProblemException(ProblemKind.NotFound, $"'{folder}' has neither qrels.tsv nor qrels/test.tsv; the judgments of a BEIR collection were expected there.");
    }

    private static Dictionary<string, Dictionary<string, int>> ReadJudgments(string file)
    {
        var judgments = new Dictionary<string, Dictionary<string, int>>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in File.ReadLines(file))
        {
            number++;
            string[] cells = line.Split('\t');
            bool isJudgment = cells.Length == 3 && int.TryParse(cells[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
            if (!isJudgment && (number == 1 || line.Trim().Length == 0)) continue;
            if (!isJudgment)
                throw new ProblemException(ProblemKind.Document, $"Line {number} of '{file}' is not as expected: it needs a query, a document and an integer, separated by tabs.");
            if (!judgments.TryGetValue(cells[0], out Dictionary<string, int>? gains)) judgments[cells[0]] = gains = new(StringComparer.Ordinal);
            gains[cells[1]] = int.Parse(cells[2], CultureInfo.InvariantCulture);
        }
        return judgments;
    }
}

public sealed record BeirDocument(string Id, string Title, string Text);

/// <param name="UnscopedText">The same query without naming a part of the corpus, where the collection has such a wording.</param>
/// <param name="Gains">Judged documents; above 0 means relevant.</param>
public sealed record BeirQuery(string Id, string Text, string? UnscopedText, IReadOnlyDictionary<string, int> Gains);
