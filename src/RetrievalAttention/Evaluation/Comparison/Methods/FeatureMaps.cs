using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Methods;

/// <summary>
/// Linear attention over far tokens as rows of a softmax: with features φ, Σ_n φ(q)·φ(k_n) v_n = Σ_f φ_f(q) Z_f u_f, where Z_f = Σ_n φ_f(k_n) and u_f is the mean of the
/// values weighted by φ_f(k_n). So a feature is a row with value u_f and score log φ_f(q) + log Z_f.
/// </summary>
internal static class FeatureMaps
{
    private const int Seed = 17;

    /// <summary>Orthogonal Gaussian directions in blocks of D (Choromanski et al. 2021, FAVOR+), [F, D].</summary>
    public static Tensor Directions(int features, int size)
    {
        using var scope = NewDisposeScope();
        using Generator chance = new(Seed);
        List<Tensor> blocks = [];
        for (int first = 0; first < features; first += size)
        {
            (Tensor orthogonal, _) = linalg.qr(randn([size, size], generator: chance));
            Tensor lengths = randn([size, size], generator: chance).norm(1, keepdim: true);
            blocks.Add(orthogonal * lengths);
        }
        return cat(blocks, 0).narrow(0, 0, features).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Positive random features exp(w·x − |x|²/2), of x = k / D^(1/4): unbiased for the softmax's exp(q·k / sqrt(D)).</summary>
    /// <param name="keys">[G, N, D], rotated.</param>
    /// <returns>Values [G, F, D], and log Z − log F, [G, F].</returns>
    public static IReadOnlyList<Tensor> SummarizeRandom(Tensor keys, Tensor values, Tensor directions)
    {
        Tensor x = Scaled(keys);
        Tensor halfSquares = x.mul(x).sum(2).div_(Scalars.Integer(2));
        List<Tensor> means = [], masses = [];
        for (int group = 0; group < keys.shape[0]; group++)
        {
            using var scope = NewDisposeScope();
            Tensor logs = directions.mm(x[group].t()).sub_(halfSquares[group].unsqueeze(0));
            masses.Add(logs.logsumexp(1).sub_(Scalars.Number(Math.Log(directions.shape[0]))).MoveToOuterDisposeScope());
            means.Add(logs.softmax(1).mm(values[group]).MoveToOuterDisposeScope());
        }
        return [stack(means), stack(masses)];
    }

    /// <summary>φ(x) = elu(x) + 1 of x = k / D^(1/4) (Katharopoulos et al. 2020).</summary>
    /// <param name="keys">[G, N, D], rotated.</param>
    /// <returns>Values [G, D, D], and log Z, [G, D].</returns>
    public static IReadOnlyList<Tensor> SummarizeElu(Tensor keys, Tensor values)
    {
        Tensor features = Elu(keys);
        Tensor masses = features.sum(1);
        return [features.transpose(1, 2).bmm(values).div_(masses.unsqueeze(2)), masses.log()];
    }

    /// <summary>Features of queries or keys, the same shape.</summary>
    public static Tensor Elu(Tensor x) => nn.functional.elu(Scaled(x), 1).add_(Scalars.One);

    /// <summary>x / D^(1/4): of queries and of keys, so that their product is divided by sqrt(D).</summary>
    private static Tensor Scaled(Tensor x) => x.div(Scalars.Number(Math.Pow(x.shape[^1], 0.25)));
}
