namespace RetrievalAttention.App;

/// <summary>Exit codes, documented in the README.</summary>
public static class ExitCodes
{
    public const int Success = 0;
    public const int Unexpected = 1;
    public const int Usage = 2;
    public const int Document = 3;
    public const int Model = 4;
    public const int Index = 5;
    public const int NotFound = 6;
    public const int Environment = 7;

    /// <summary>Stopped by Ctrl-C or SIGTERM; what was done is kept.</summary>
    public const int Cancelled = 130;

    /// <summary>Stopped by SIGTERM, and the step at work was cut off; what was done before it is kept.</summary>
    public const int CutOff = 143;

    public static int For(ProblemKind kind) => kind switch
    {
        ProblemKind.Document => Document,
        ProblemKind.Model => Model,
        ProblemKind.Index => Index,
        ProblemKind.NotFound => NotFound,
        ProblemKind.Setting => Usage,
        ProblemKind.Environment => Environment,
        _ => Unexpected,
    };
}
