namespace RetrievalAttention.Documents.Isolation;

/// <summary>The program that is started to read documents, which must answer as <see cref="DocumentChildHost"/> does.</summary>
/// <param name="FileName">Path of the executable, or its name to be looked for in PATH.</param>
/// <param name="Arguments">What it is started with.</param>
public sealed record ChildProgram(string FileName, IReadOnlyList<string> Arguments);
