using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory;

/// <summary>
/// The header (the chat tokens before the user's text), run once, alone: its keys and values stand first in every context and act as attention
/// sinks (Xiao et al. 2024, StreamingLLM).
/// </summary>
public sealed class HeaderContext : IDisposable
{
    private readonly Decoder _decoder;
    private readonly AttentionContext _header;

    /// <param name="type">Number type of the keys and values of contexts.</param>
    public HeaderContext(Decoder decoder, IReadOnlyList<int> ids, ScalarType type)
    {
        _decoder = decoder;
        Ids = ids;
        _header = decoder.NewContext(ids.Count, type);
        using Tensor input = tensor(ids.Select(id => (long)id).ToArray());
        using Tensor hidden = decoder.Forward(input, _header);
    }

    public IReadOnlyList<int> Ids { get; }

    public int Length => _header.Length;

    /// <summary>Of the contexts that are made from now on; null for the plain model.</summary>
    public HeadGates? Gates { get; set; }

    /// <summary>A context that begins with the header and has room for <paramref name="room"/> tokens after it. The caller owns it.</summary>
    public AttentionContext NewContext(int room)
    {
        AttentionContext context = _decoder.NewContext(Length + room, _header.Type);
        context.Gates = Gates;
        for (int layer = 0; layer < _decoder.Config.Layers; layer++)
        {
            using Tensor keys = _header.Keys(layer), values = _header.Values(layer);
            context.Write(layer, keys, values);
        }
        context.Advance(Length);
        return context;
    }

    public void Dispose() => _header.Dispose();
}
