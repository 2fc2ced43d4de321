using RetrievalAttention.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RetrievalAttention.Training.Gates;

/// <summary>What is learned: gates that begin at zero, and adapters whose second matrix does, so that training begins at the plain model.</summary>
internal sealed class GateParameters : nn.Module
{
    /// <summary>Gates move by hundredths a step; what adapters add to a query may move by this share of that.</summary>
    private const double AdapterScale = 0.05;

    private readonly Parameter _gates;
    private readonly Parameter? _down;
    private readonly Parameter? _up;
    private readonly double _scale;

    /// <param name="rank">Of the adapters; 0 for none.</param>
    public GateParameters(DecoderConfig config, int rank, int seed, Device device)
        : base(nameof(GateParameters))
    {
        manual_seed(seed);
        _gates = nn.Parameter(zeros(config.Layers, config.Heads, device: device));
        if (rank > 0)
        {
            _down = nn.Parameter(randn(config.Layers, rank, config.HiddenSize, device: device));
            _up = nn.Parameter(zeros(config.Layers, config.Heads * config.HeadSize, rank, device: device));
        }
        _scale = AdapterScale / Math.Sqrt(config.HiddenSize);
        RegisterComponents();
    }

    /// <summary>As the decoder takes them, with gradients to the parameters.</summary>
    public HeadGates Gates() => new(_gates.alias(), _down is null || _up is null ? null : new QueryAdapters(_down.alias(), _up.mul(Scalars.Number(_scale))));
}
