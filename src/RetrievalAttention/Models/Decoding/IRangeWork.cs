namespace RetrievalAttention.Models.Decoding;

/// <summary>Work on a range of rows; ranges do not touch each other's results, so several threads may each take some.</summary>
internal interface IRangeWork
{
    int Rows { get; }

    /// <summary>Must not throw: it runs on threads that nobody waits for by name.</summary>
    void Run(int first, int count);
}
