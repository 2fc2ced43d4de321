using System.Text.RegularExpressions;

namespace RetrievalAttention.Catalog;

/// <summary>Where libraries are kept. Section "Library" of appsettings.json.</summary>
public sealed partial record LibraryOptions
{
    /// <summary>Folder that holds one folder per library; a relative one counts from the folder of appsettings.json. Default: indexes.</summary>
    public string Root { get; init; } = "indexes";

    /// <summary>The library that is used when none is named. Letters, digits, '.', '-' and '_', at most 64. Default: main.</summary>
    public string Default { get; init; } = "main";

    /// <summary>How long to wait for another program that writes to the library, in seconds. Default 30; 1 to 600.</summary>
    public int BusySeconds { get; init; } = 30;

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (string.IsNullOrWhiteSpace(Root)) faults.Add("Root is empty, expected a folder.");
        if (!IsName(Default)) faults.Add($"Default is '{Default}', expected letters, digits, '.', '-' and '_', beginning with a letter or digit, at most 64.");
        if (BusySeconds is < 1 or > 600) faults.Add($"BusySeconds is {BusySeconds}, expected 1 to 600.");
        if (faults.Count > 0)
            throw new ProblemException(ProblemKind.Setting, $"Section \"Library\" of appsettings.json: {string.Join(" ", faults)}");
    }

    /// <summary>Whether a library may be called so on every operating system.</summary>
    public static bool IsName(string name) => LibraryName().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex LibraryName();
}
