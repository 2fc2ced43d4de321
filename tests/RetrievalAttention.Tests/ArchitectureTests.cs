using System.Text.RegularExpressions;

namespace RetrievalAttention.Tests;

/// <summary>Folders of the library stand in the order in which data flows; each may use only those before it.</summary>
public partial class ArchitectureTests
{
    private static readonly string[] Order =
        ["Documents", "Passages", "Models", "Embeddings", "Indexing", "Memory", "Catalog", "Ingestion", "Answering", "Evaluation", "Training"];

    private static readonly string Library = Path.Combine(Shipped.Root, "src", "RetrievalAttention");

    [Fact]
    public void EveryFolderIsInTheOrder()
    {
        string[] folders = [.. Directory.GetDirectories(Library).Select(folder => Path.GetFileName(folder)!).Where(name => name is not ("bin" or "obj"))];
        Assert.NotEmpty(folders);
        Assert.Empty(folders.Except(Order));
    }

    [Fact]
    public void NoFolderUsesOneThatComesLater()
    {
        int examined = 0;
        List<string> faults = [];
        foreach ((string folder, int place) in Order.Select((folder, place) => (folder, place)))
        {
            string path = Path.Combine(Library, folder);
            if (!Directory.Exists(path)) continue;
            foreach (string file in Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories))
            {
                examined++;
                IEnumerable<string> later = Uses().Matches(File.ReadAllText(file)).Select(use => use.Groups[1].Value).Where(used => Array.IndexOf(Order, used) > place);
                faults.AddRange(later.Distinct().Select(used => $"{Path.GetRelativePath(Library, file)} uses {used}"));
            }
        }
        Assert.True(examined > 100, $"only {examined} files were found");
        Assert.Empty(faults);
    }

    [GeneratedRegex(@"^using (?:static )?RetrievalAttention\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Uses();
}
