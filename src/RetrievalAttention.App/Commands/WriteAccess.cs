namespace RetrievalAttention.App.Commands;

/// <summary>Whether a result can be written, found out before the work that it takes.</summary>
internal static class WriteAccess
{
    /// <param name="path">Of a file.</param>
    /// <exception cref="ProblemException">The folder of the file is missing or may not be written to.</exception>
    public static void Require(string path)
    {
        if (path.Length == 0) throw new ProblemException(ProblemKind.Setting, "The name of the file to write is empty.");
        Try(Path.GetDirectoryName(Path.GetFullPath(path)) ?? path, path);
    }

    /// <summary>Makes the folder where it is missing.</summary>
    /// <exception cref="ProblemException">Nothing can be written into it.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void RequireFolder(string folder)
    {
        if (folder.Length == 0) throw new ProblemException(ProblemKind.Setting, "The name of the folder to write to is empty.");
        Directory.CreateDirectory(folder);
        Try(folder, folder);
    }

    private static void Try(string folder, string path)
    {
        try
        {
            new FileStream(Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string reason = !Directory.Exists(folder) ? $"there is no folder '{folder}'" : error is UnauthorizedAccessException ? $"this user may not write into '{folder}'" : error.Message.TrimEnd('.');
            throw new ProblemException(ProblemKind.Environment, $"'{path}' cannot be written: {reason}.", error);
        }
    }
}
