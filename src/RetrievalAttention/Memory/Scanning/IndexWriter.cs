namespace RetrievalAttention.Memory.Scanning;

/// <summary>Lets an index grow with the memory that is being read. For the one who holds the memory's lock.</summary>
internal sealed class IndexWriter : IDisposable
{
    private readonly FileStream _stream;
    private readonly IndexContent _content;
    private int _blocks;

    /// <summary>Goes on with what is sound in the file and stands in the memory too; the rest is cut off.</summary>
    public IndexWriter(string path, MemoryFile memory, IndexContent content)
    {
        (_stream, _content) = (IndexFile.OpenShared(path, FileMode.OpenOrCreate, FileAccess.ReadWrite), content);
        _blocks = IndexFile.HasHead(_stream, IndexFile.Head(content)) ? IndexFile.SoundBlocks(_stream, content.Layout, memory.Blocks) : 0;
        _stream.SetLength(_blocks == 0 ? 0 : IndexFile.Length(content.Layout, _blocks));
        _stream.Position = _stream.Length;
    }

    /// <summary>Appends the blocks that the memory got since.</summary>
    public void CatchUp(MemoryFile memory)
    {
        // The memory may begin again before its end: what it gets then is what is here.
        if (memory.Blocks <= _blocks) return;
        IndexFile.Append(_stream, memory, _content, _blocks);
        _stream.Flush();
        _blocks = memory.Blocks;
    }

    public void Dispose() => _stream.Dispose();
}
