using RetrievalAttention.Evaluation;

namespace RetrievalAttention.Tests.Evaluation;

public class BeirFolderTests
{
    private const string Corpus = """
        {"_id": "d1", "title": "One", "text": "first"}
        {"_id": "d2", "text": "second"}
        """;

    private const string Queries = """
        {"_id": "q1", "text": "which is first?", "metadata": {}}
        {"_id": "q2", "text": "which is second?", "text_unscoped": "second?"}
        {"_id": "q3", "text": "nobody judged this"}
        """;

    [Theory]
    [InlineData("qrels.tsv")]
    [InlineData("qrels/test.tsv")]
    public void QueriesWithARelevantDocumentAreRead(string judgments)
    {
        using var folder = new TemporaryFolder();
        folder.Write("corpus.jsonl", Corpus);
        folder.Write("queries.jsonl", Queries);
        folder.Write(judgments, "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq2\td9\t1\nq4\td1\t1\n");
        BeirFolder read = BeirFolder.Read(folder.Root);
        Assert.Equal([new("d1", "One", "first"), new("d2", "", "second")], read.Documents);
        Assert.Equal(["q1", "q2"], read.Queries.Select(query => query.Id));
        Assert.Equal("second?", read.Queries[1].UnscopedText);
        Assert.Equal(2, read.Queries[1].Gains["d2"]);
        Assert.Equal(1, read.MissingDocuments);
    }

    [Theory]
    [InlineData("query-id\tcorpus-id\tscore\nq1\td1\tone\n", "Line 2 of")]
    [InlineData("query-id\tcorpus-id\tscore\nq1\td1\t0\n", "0 queries with a relevant document")]
    public void JudgmentsThatCannotBeUsedAreNamed(string judgments, string expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("corpus.jsonl", Corpus);
        folder.Write("queries.jsonl", Queries);
        folder.Write("qrels.tsv", judgments);
        Assert.Contains(expected, Assert.Throws<ProblemException>(() => BeirFolder.Read(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("corpus.jsonl", Assert.Throws<ProblemException>(() => BeirFolder.Read(folder.Root)).Message, StringComparison.Ordinal);
        folder.Write("corpus.jsonl", Corpus);
        Assert.Contains("qrels", Assert.Throws<ProblemException>(() => BeirFolder.Read(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSharedCollectionHasTheDeclaredSize()
    {
        BeirFolder read = BeirFolder.Read(Shipped.Data("ir/fairytaleqa-sections"));
        Assert.Equal(1545, read.Documents.Count);
        Assert.Equal(1500, read.Queries.Count);
        Assert.Equal(1658, read.Queries.Sum(query => query.Gains.Count));
        Assert.Equal(0, read.MissingDocuments);
    }
}
