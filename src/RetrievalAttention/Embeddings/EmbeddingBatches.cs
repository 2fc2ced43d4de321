using TorchSharp;

namespace RetrievalAttention.Embeddings;

/// <param name="Key">SHA-256 of the text.</param>
internal sealed record EncodedText(string Key, int[] Ids);

/// <summary>Puts texts of similar lengths together, so that little is padded.</summary>
internal static class EmbeddingBatches
{
    /// <summary>Longest texts first; no batch exceeds <paramref name="maximumTokens"/> with its padding, unless it is a single text.</summary>
    public static IEnumerable<EncodedText[]> Of(IEnumerable<EncodedText> texts, int maximumTokens)
    {
        EncodedText[] sorted = [.. texts.OrderByDescending(text => text.Ids.Length)];
        for (int start = 0; start < sorted.Length;)
        {
            int count = Math.Clamp(maximumTokens / sorted[start].Ids.Length, 1, sorted.Length - start);
            yield return sorted[start..(start + count)];
            start += count;
        }
    }

    /// <returns>ids, int64 [B, T], and mask, float32 [B, T], or null when all texts are equally long. In the caller's scope.</returns>
    public static (torch.Tensor Ids, torch.Tensor? Mask) Pad(EncodedText[] batch, int paddingId, torch.Device device)
    {
        int length = batch.Max(text => text.Ids.Length);
        long[] ids = new long[batch.Length * length];
        float[] mask = new float[batch.Length * length];
        Array.Fill(ids, paddingId);
        for (int text = 0; text < batch.Length; text++)
        {
            for (int t = 0; t < batch[text].Ids.Length; t++) ids[text * length + t] = batch[text].Ids[t];
            mask.AsSpan(text * length, batch[text].Ids.Length).Fill(1);
        }
        bool padded = mask.Contains(0f);
        return (torch.tensor(ids, [batch.Length, length], device: device), padded ? torch.tensor(mask, [batch.Length, length], device: device) : null);
    }
}
