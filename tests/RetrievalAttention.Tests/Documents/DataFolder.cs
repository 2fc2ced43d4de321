namespace RetrievalAttention.Tests.Documents;

/// <summary>The folder of large data sets, which not every machine has: RA_DATA, else ../shared/data beside the repository.</summary>
public static class DataFolder
{
    /// <summary>The path of a file or folder inside; skips the test aloud where it is missing.</summary>
    public static string Find(string relative)
    {
        string path = System.IO.Path.Combine(Root(), relative);
        Assert.SkipUnless(System.IO.Path.Exists(path), $"'{path}' is missing; set RA_DATA to the folder of data sets to run this test.");
        return path;
    }

    private static string Root()
    {
        if (Environment.GetEnvironmentVariable("RA_DATA") is { Length: > 0 } set) return set;
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "RetrievalAttention.sln"))) folder = folder.Parent;
        return System.IO.Path.Combine(folder?.Parent?.FullName ?? "", "shared", "data");
    }
}
