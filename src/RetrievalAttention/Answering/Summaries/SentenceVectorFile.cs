using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using RetrievalAttention.Embeddings;

namespace RetrievalAttention.Answering.Summaries;

/// <summary>
/// Vectors of a document's sentences on disk, appended batch by batch, so that stopped work goes on where it was. A record is the text's SHA-256,
/// the vector as float16, and a checksum; what a kill left half-written is cut off when the file is opened again.
/// </summary>
public sealed class SentenceVectorFile : IEmbeddingCache, IDisposable
{
    private const string Magic = "RASENT01";
    private const int KeyBytes = 32;
    private const int ChecksumBytes = 8;

    private readonly FileStream _stream;
    private readonly Dictionary<string, float[]> _vectors = [];
    private string _model = "";
    private int _dimensions;

    private SentenceVectorFile(FileStream stream) => _stream = stream;

    /// <param name="path">Made when it is missing; begun anew when another embedder is used with it.</param>
    /// <exception cref="ProblemException">Another program has it open, or the folder cannot be written to.</exception>
    public static SentenceVectorFile Open(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            SentenceVectorFile file = new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            file.Load();
            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Environment,
                $"The sentence vectors in '{path}' cannot be used: {error.Message} Wait until another command on this book has finished, or make the folder writable.", error);
        }
    }

    /// <summary>Vectors that are known.</summary>
    public int Count => _vectors.Count;

    public IReadOnlyDictionary<string, float[]> Find(string model, IReadOnlyCollection<string> texts)
    {
        lock (_stream)
        {
            return model != _model ? new Dictionary<string, float[]>() : texts.Where(_vectors.ContainsKey).ToDictionary(text => text, text => _vectors[text]);
        }
    }

    public void Add(string model, IReadOnlyCollection<KeyValuePair<string, float[]>> embeddings)
    {
        lock (_stream)
        {
            if (embeddings.Count == 0) return;
            if (model != _model) Begin(model, embeddings.First().Value.Length);
            using MemoryStream records = new();
            foreach ((string key, float[] vector) in embeddings)
            {
                if (_vectors.TryAdd(key, vector)) records.Write(Record(key, vector));
            }
            _stream.Write(records.GetBuffer(), 0, (int)records.Length);
            _stream.Flush();
        }
    }

    public void Dispose() => _stream.Dispose();

    private void Begin(string model, int dimensions)
    {
        (_model, _dimensions) = (model, dimensions);
        _vectors.Clear();
        _stream.SetLength(0);
        _stream.Write(Encoding.UTF8.GetBytes($"{Magic} {model} {dimensions}\n"));
    }

    private void Load()
    {
        byte[] bytes = new byte[_stream.Length];
        _stream.ReadExactly(bytes);
        int end = bytes.AsSpan().IndexOf((byte)'\n');
        string[] header = end < 0 ? [] : Encoding.UTF8.GetString(bytes, 0, end).Split(' ');
        if (header.Length != 3 || header[0] != Magic || !int.TryParse(header[2], out int dimensions) || dimensions <= 0) return;

        (_model, _dimensions) = (header[1], dimensions);
        int record = KeyBytes + 2 * dimensions + ChecksumBytes, position = end + 1;
        for (; position + record <= bytes.Length; position += record)
        {
            ReadOnlySpan<byte> content = bytes.AsSpan(position, record - ChecksumBytes);
            if (XxHash3.HashToUInt64(content) != MemoryMarshal.Read<ulong>(bytes.AsSpan(position + record - ChecksumBytes))) break;
            ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(content[KeyBytes..]);
            float[] vector = new float[dimensions];
            TensorPrimitives.ConvertToSingle(halves, vector);
            _vectors[Convert.ToHexStringLower(content[..KeyBytes])] = vector;
        }
        _stream.SetLength(position);
        _stream.Position = position;
    }

    private byte[] Record(string key, float[] vector)
    {
        byte[] record = new byte[KeyBytes + 2 * _dimensions + ChecksumBytes];
        Convert.FromHexString(key).CopyTo(record, 0);
        TensorPrimitives.ConvertToHalf(vector, MemoryMarshal.Cast<byte, Half>(record.AsSpan(KeyBytes, 2 * _dimensions)));
        MemoryMarshal.Write(record.AsSpan(record.Length - ChecksumBytes), XxHash3.HashToUInt64(record.AsSpan(0, record.Length - ChecksumBytes)));
        return record;
    }
}
