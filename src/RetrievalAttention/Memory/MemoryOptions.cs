namespace RetrievalAttention.Memory;

/// <summary>How documents are read into memory. Section "Memory" of appsettings.json. Another window or format makes new files, and old ones stay valid for the old settings; with another step a book has to be read anew (--reread).</summary>
public sealed record MemoryOptions
{
    /// <summary>Tokens before a step that it sees, a multiple of 64. Range 64 to 4096. Default: 1024.</summary>
    public int Window { get; init; } = 1024;

    /// <summary>Tokens read at once, a multiple of 64. Range 64 to 2048. Default: 512.</summary>
    public int Step { get; init; } = 512;

    /// <summary>
    /// How keys and values are stored. A novel of 100,000 tokens takes 0.69 GB as int4, 1.19 GB as int8 and 2.3 GB as float16 with the shipped model. Answer NLL on 24
    /// questions with the same 8 blocks in memory and two quoted: 3.823, 3.789 and 3.790; with the gold blocks: 3.784, 3.777 and 3.775. With keys, a novel takes 0.03 GB and is read 1.5 times as fast, but the chosen blocks are read as text at every question, and writing
    /// and written summaries are not possible. Default: int4.
    /// </summary>
    public MemoryFormat Format { get; init; } = MemoryFormat.Int4;

    /// <summary>
    /// A document that fits into this many tokens together with header and question is attended to in full, without retrieval
    /// (design section 5). 0 turns that off. Range 0 to 32768, and never more than the model was trained on. Default: 6144.
    /// </summary>
    public int FullAttentionTokens { get; init; } = 6144;

    /// <exception cref="ProblemException">A value is outside its range; the message names all of them.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (Window is < 64 or > 4096 || Window % KvCodec.BlockTokens != 0) faults.Add($"Window is {Window}; expected a multiple of 64 from 64 to 4096.");
        if (Step is < 64 or > 2048 || Step % KvCodec.BlockTokens != 0) faults.Add($"Step is {Step}; expected a multiple of 64 from 64 to 2048.");
        if (FullAttentionTokens is < 0 or > 32768) faults.Add($"FullAttentionTokens is {FullAttentionTokens}; expected 0 to 32768.");
        if (faults.Count > 0) throw new ProblemException(ProblemKind.Setting, $"Section \"Memory\" of appsettings.json: {string.Join(" ", faults)}");
    }
}
