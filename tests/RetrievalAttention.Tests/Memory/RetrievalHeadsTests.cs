using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using RetrievalAttention.Tests.Models;

namespace RetrievalAttention.Tests.Memory;

public class RetrievalHeadsTests
{
    [Theory]
    [InlineData("\"citationHead\"", "\"citation\"")]
    [InlineData("\"heads\"", "\"head\"")]
    [InlineData("}", "")]
    public void AFileThatLacksAPartIsRefused(string part, string instead)
    {
        using TinyModelFolder folder = new();
        using IModelWeights weights = ModelFiles.Open(folder.ModelPath);
        string path = RetrievalHeads.PathFor(folder.ModelPath);
        Assert.Equal(new RetrievalHead(1, 3), RetrievalHeads.Load(path, weights).CitationHead);
        File.WriteAllText(path, File.ReadAllText(path).Replace(part, instead, StringComparison.Ordinal));
        ProblemException problem = Assert.Throws<ProblemException>(() => RetrievalHeads.Load(path, weights));
        Assert.Equal(ProblemKind.Model, problem.Kind);
        Assert.Contains("ra calibrate", problem.Message, StringComparison.Ordinal);
    }
}
