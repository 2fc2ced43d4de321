using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using TorchSharp;

namespace RetrievalAttention.Embeddings;

/// <summary>What a text is embedded as; many encoders were trained with different prefixes.</summary>
public enum EmbeddingPurpose
{
    Passage,
    Query,
}

/// <summary>
/// Turns texts into vectors by a sentence encoder. Safe to use from several threads. As an <see cref="IEmbeddingGenerator"/> it embeds
/// passages, unless the additional property <see cref="PurposeProperty"/> says otherwise.
/// </summary>
public sealed class SentenceEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Name in <see cref="EmbeddingGenerationOptions.AdditionalProperties"/>; the value is an <see cref="EmbeddingPurpose"/>.</summary>
    public const string PurposeProperty = "purpose";

    private readonly BertEncoder _encoder;
    private readonly WordPieces _words;
    private readonly EncoderSettings _settings;
    private readonly EmbedderOptions _options;
    private readonly IEmbeddingCache? _cache;

    private SentenceEmbedder(
        string name, string hash, BertEncoder encoder, WordPieces words, EncoderSettings settings, EmbedderOptions options, IEmbeddingCache? cache)
    {
        (Name, Hash) = (name, hash);
        (_encoder, _words, _settings, _options, _cache) = (encoder, words, settings, options, cache);
    }

    /// <param name="folder">A Hugging Face folder: config.json, model.safetensors, vocab.txt and the files of sentence-transformers.</param>
    /// <param name="cache">Null to embed every text each time.</param>
    /// <param name="notes">Folder where the hash of the weights is remembered between runs; null to compute it each time.</param>
    /// <exception cref="ProblemException">A file is missing, damaged or of an unsupported kind; or an option is outside its range.</exception>
    public static SentenceEmbedder Open(string folder, torch.Device device, EmbedderOptions options, IEmbeddingCache? cache = null, string? notes = null)
    {
        options.Validate();
        string full = Path.GetFullPath(folder);
        EncoderSettings settings = SettingsOf(full, options);
        WordPieces words = WordPieces.Open(full, settings);
        using EncoderWeights weights = EncoderWeights.Open(full, notes);
        return new SentenceEmbedder(
            Path.GetFileName(full), HashOf(weights, words, settings), new BertEncoder(settings.Config, weights.Read, device), words, settings, options, cache);
    }

    /// <summary>What <see cref="Hash"/> would be, without loading the weights.</summary>
    /// <inheritdoc cref="Open" path="/param"/>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static string HashOf(string folder, EmbedderOptions options, string? notes = null)
    {
        options.Validate();
        string full = Path.GetFullPath(folder);
        EncoderSettings settings = SettingsOf(full, options);
        using EncoderWeights weights = EncoderWeights.Open(full, notes);
        return HashOf(weights, WordPieces.Open(full, settings), settings);
    }

    /// <summary>For a person: the name of the model's folder.</summary>
    public string Name { get; }

    /// <summary>SHA-256 over weights, vocabulary, settings and prefixes, lower-case hexadecimal: vectors of equal hashes can be compared.</summary>
    public string Hash { get; }

    public int Dimensions => _settings.Config.HiddenSize;

    /// <summary>Longest text in tokens, special tokens included; longer ones are cut.</summary>
    public int MaximumTokens => _settings.MaximumTokens;

    /// <summary>Tokens of the whole text, without prefix and special tokens.</summary>
    public int CountTokens(string text) => _words.Count(text);

    /// <summary>Vectors of texts, in their order. Equal texts are embedded once.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was embedded until then is in the cache.</exception>
    public IReadOnlyList<float[]> Embed(
        IReadOnlyList<string> texts, EmbeddingPurpose purpose, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        string prefix = purpose == EmbeddingPurpose.Query ? _settings.QueryPrefix : _settings.PassagePrefix;
        string[] full = prefix.Length == 0 ? [.. texts] : [.. texts.Select(text => prefix + text)];
        string[] keys = [.. full.Select(Sha256)];
        var known = new Dictionary<string, float[]>(_cache?.Find(Hash, keys.ToHashSet()) ?? new Dictionary<string, float[]>());
        EmbedUnknown(keys, full, known, progress, cancellation);
        return [.. keys.Select(key => known[key])];
    }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options?.Dimensions is { } wanted && wanted != Dimensions)
            throw new ProblemException(ProblemKind.Setting, $"{wanted} dimensions were asked for; {Name} makes {Dimensions}. Leave Dimensions out.");
        EmbeddingPurpose purpose = options?.AdditionalProperties?.TryGetValue(PurposeProperty, out EmbeddingPurpose value) == true ? value : EmbeddingPurpose.Passage;
        string[] texts = [.. values];
        return Task.Run(
            () => new GeneratedEmbeddings<Embedding<float>>(
                Embed(texts, purpose, progress: null, cancellationToken).Select(vector => new Embedding<float>(vector) { ModelId = Name })),
            cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        if (serviceKey is not null) return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata)) return new EmbeddingGeneratorMetadata("RetrievalAttention", null, Name, Dimensions);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose() => _encoder.Dispose();

    private static EncoderSettings SettingsOf(string folder, EmbedderOptions options)
    {
        EncoderSettings settings = EncoderSettings.Read(folder);
        return settings with
        {
            QueryPrefix = options.QueryPrefix ?? settings.QueryPrefix,
            PassagePrefix = options.PassagePrefix ?? settings.PassagePrefix,
        };
    }

    private static string HashOf(EncoderWeights weights, WordPieces words, EncoderSettings settings) => Sha256($"{weights.Hash}\n{words.Hash}\n{settings}");

    private void EmbedUnknown(
        string[] keys, string[] texts, Dictionary<string, float[]> known, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int cached = keys.Count(known.ContainsKey);
        EncodedText[] unknown =
        [
            .. keys.Zip(texts)
                .Where(pair => !known.ContainsKey(pair.First))
                .DistinctBy(pair => pair.First)
                .Select(pair => new EncodedText(pair.First, _words.Encode(pair.Second))),
        ];
        int done = cached;
        foreach (EncodedText[] batch in EmbeddingBatches.Of(unknown, _options.BatchTokens))
        {
            cancellation.ThrowIfCancellationRequested();
            float[][] vectors = EmbedBatch(batch);
            KeyValuePair<string, float[]>[] embedded = [.. batch.Zip(vectors, (text, vector) => KeyValuePair.Create(text.Key, vector))];
            foreach ((string key, float[] vector) in embedded) known[key] = vector;
            _cache?.Add(Hash, embedded);
            done += batch.Length;
            progress?.Report(new WorkProgress("Embedding", done, keys.Length, "passages", cached));
        }
    }

    private float[][] EmbedBatch(EncodedText[] batch)
    {
        using IDisposable noGradients = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor ids, torch.Tensor? mask) = EmbeddingBatches.Pad(batch, _words.PaddingId, _encoder.Device);
        torch.Tensor hidden = _encoder.Forward(ids, mask);
        torch.Tensor pooled = _settings.Pooling == Pooling.FirstToken ? hidden.select(1, 0) : Mean(hidden, mask);
        if (_settings.Normalize) pooled = torch.nn.functional.normalize(pooled);
        float[] all = pooled.cpu().contiguous().data<float>().ToArray();
        return [.. all.Chunk(Dimensions)];
    }

    /// <param name="hidden">[B, T, E].</param>
    /// <param name="mask">[B, T] or null.</param>
    /// <returns>[B, E].</returns>
    private static torch.Tensor Mean(torch.Tensor hidden, torch.Tensor? mask)
    {
        if (mask is null) return hidden.mean([1]);
        torch.Tensor shares = mask.div(mask.sum(1, keepdim: true));
        return torch.bmm(shares.unsqueeze(1), hidden).squeeze(1);
    }

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
