using System.Runtime.InteropServices;
using RetrievalAttention.Models;
using TorchSharp;

namespace RetrievalAttention.Tests.Models;

public sealed class DamagedModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("damaged-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AWholeFileOpens()
    {
        using IModelWeights model = Open(TinyModel.Gguf().ToBytes());
        Assert.Equal((TinyModel.Layers, TinyModel.Hidden), (model.Config.Layers, model.Config.HiddenSize));
    }

    [Fact]
    public void EveryCutFileIsToldToBeTruncated()
    {
        byte[] whole = TinyModel.Gguf().ToBytes();
        var random = new Random(11);
        int[] lengths = [4, 8, 23, whole.Length - 1, .. Enumerable.Range(0, 120).Select(_ => random.Next(24, whole.Length))];
        foreach (int length in lengths)
        {
            var problem = Assert.Throws<ProblemException>(() => Open(whole[..length]));
            Assert.Equal(ProblemKind.Model, problem.Kind);
            Assert.Contains("truncated", problem.Message);
        }

        Assert.Equal(124, lengths.Length);
    }

    [Fact]
    public void AFlippedByteInTheHeaderIsAProblemOrHarmlessButNeverACrash()
    {
        GgufWriter writer = TinyModel.Gguf();
        byte[] whole = writer.ToBytes();
        var random = new Random(12);
        int refused = 0;
        const int Flips = 600;
        for (int i = 0; i < Flips; i++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(writer.HeaderBytes)] ^= (byte)(1 << random.Next(8));
            try
            {
                using IModelWeights model = Open(damaged);
                model.CreateTokenizer().Encode("the sea");
            }
            catch (ProblemException problem) when (problem.Kind == ProblemKind.Model)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, Flips);
    }

    [Fact]
    public void AnEmptyFileAndAMissingOneAreNamed()
    {
        Assert.Contains("empty", Assert.Throws<ProblemException>(() => Open([])).Message);
        string missing = Path.Combine(_folder, "none.gguf");
        Assert.Contains(missing, Assert.Throws<ProblemException>(() => ModelFiles.Open(missing)).Message);
        Assert.Contains("no model", Assert.Throws<ProblemException>(() => ModelFiles.Open(Directory.CreateDirectory(Path.Combine(_folder, "nothing")).FullName)).Message);
    }

    [Fact]
    public void AnotherArchitectureIsNamedWithThoseThatAreSupported()
    {
        string message = ProblemOf(w => w.Metadata["general.architecture"] = "mamba");
        Assert.Contains("\"mamba\"", message);
        Assert.Contains("llama, qwen2, qwen3", message);
    }

    [Fact]
    public void AMissingTensorIsNamed() =>
        Assert.Contains("model.layers.1.mlp.up_proj.weight", ProblemOf(w => w.Tensors.Remove("blk.1.ffn_up.weight")));

    [Fact]
    public void AWrongShapeIsNamedWithBothShapes()
    {
        string message = ProblemOf(w => w.AddF32("blk.1.ffn_up.weight", [TinyModel.Hidden, TinyModel.Inner], new Random(1)));
        Assert.Contains("model.layers.1.mlp.up_proj.weight with the shape [64, 96]; [96, 64]", message);
    }

    [Fact]
    public void ATensorThatWouldBeLeftOutIsNamed() =>
        Assert.Contains("model.layers.0.self_attn.o_proj.bias", ProblemOf(w => w.AddF32("blk.0.attn_output.bias", [TinyModel.Hidden], new Random(1))));

    [Fact]
    public void AnUnknownTypeOfNumbersIsNamedWithThoseThatCanBeRead()
    {
        string message = ProblemOf(w => w.Tensors["blk.0.ffn_up.weight"] = w.Tensors["blk.0.ffn_up.weight"] with { Type = 16 });
        Assert.Contains("blk.0.ffn_up.weight as type IQ2_XXS (16)", message);
        Assert.Contains("Q4_K", message);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "infinite")]
    public void ANumberThatIsNoneIsNamedWithItsPlace(float bad, string word)
    {
        GgufWriter writer = TinyModel.Gguf();
        MemoryMarshal.Cast<byte, float>(writer.Tensors["blk.1.ffn_up.weight"].Data.AsSpan())[3 * TinyModel.Hidden + 7] = bad;
        using IModelWeights model = Open(writer.ToBytes());
        string message = Assert.Throws<ProblemException>(() => model.Read("model.layers.1.mlp.up_proj.weight", TinyModel.Inner, TinyModel.Hidden)).Message;
        Assert.Contains(word, message);
        Assert.Contains("model.layers.1.mlp.up_proj.weight at row 3, column 7", message);
    }

    [Fact]
    public void ScalingFactorsOfLlama3DivideTheFrequencies()
    {
        GgufWriter writer = TinyModel.Gguf();
        float[] factors = [1, 1, 2, 2, 4, 4, 8, 8];
        writer.Tensors["rope_freqs.weight"] = ([8], 0, MemoryMarshal.AsBytes<float>(factors).ToArray());
        using IModelWeights model = Open(writer.ToBytes());
        Assert.Equal(factors.Select((f, i) => Math.Pow(10000, -i / 8.0) / f), model.Config.RopeFrequencies);
        Assert.False(model.Contains("rope_freqs.weight"));
    }

    [Fact]
    public void RowsOfQueriesAndKeysStandInHalves()
    {
        GgufWriter writer = TinyModel.Gguf();
        using IModelWeights model = Open(writer.ToBytes());
        int examined = 0;
        foreach ((string file, string name, int heads) in new[] { ("attn_q", "q_proj", TinyModel.Heads), ("attn_k", "k_proj", TinyModel.KvHeads) })
        {
            float[] stored = MemoryMarshal.Cast<byte, float>(writer.Tensors[$"blk.0.{file}.weight"].Data).ToArray();
            using torch.Tensor read = model.Read($"model.layers.0.self_attn.{name}.weight", heads * TinyModel.HeadSize, TinyModel.Hidden);
            for (int head = 0; head < heads; head++)
            {
                // llama.cpp keeps the pair (i, i + D/2) of a head side by side, in rows 2i and 2i + 1.
                for (int i = 0; i < TinyModel.HeadSize / 2; i++)
                {
                    int first = head * TinyModel.HeadSize + i, interleaved = head * TinyModel.HeadSize + 2 * i;
                    Assert.Equal(Row(stored, interleaved), read[first].data<float>().ToArray());
                    Assert.Equal(Row(stored, interleaved + 1), read[first + TinyModel.HeadSize / 2].data<float>().ToArray());
                    examined += 2;
                }
            }
        }

        Assert.Equal((TinyModel.Heads + TinyModel.KvHeads) * TinyModel.HeadSize, examined);
    }

    private static float[] Row(float[] stored, int row) => stored[(row * TinyModel.Hidden)..((row + 1) * TinyModel.Hidden)];

    private string ProblemOf(Action<GgufWriter> damage)
    {
        GgufWriter writer = TinyModel.Gguf();
        damage(writer);
        return Assert.Throws<ProblemException>(() => Open(writer.ToBytes())).Message;
    }

    private IModelWeights Open(byte[] bytes)
    {
        string path = Path.Combine(_folder, "model.gguf");
        File.WriteAllBytes(path, bytes);
        return ModelFiles.Open(path);
    }
}
