using RetrievalAttention.Models;
using TorchSharp;

namespace RetrievalAttention.Tests.Models;

public class ModelFilesTests
{
    [Fact]
    public void TheShippedModelOpensFromItsFileAndFromItsFolder()
    {
        foreach (string path in new[] { ShippedModel.File, ShippedModel.Folder })
        {
            using IModelWeights model = ModelFiles.Open(path);
            DecoderConfig config = model.Config;
            Assert.Equal(("llama", 30, 9, 3, 64), (config.Architecture, config.Layers, config.Heads, config.KvHeads, config.HeadSize));
            Assert.Equal((576, 1536, 49152, 8192), (config.HiddenSize, config.FeedForwardSize, config.VocabularySize, config.ContextLength));
            Assert.Equal(1e-5f, config.NormEpsilon);
            Assert.True(config.TiedEmbeddings);
            Assert.False(config.QkvBias || config.QkNorm);
            Assert.Equal(32, config.RopeFrequencies.Count);
            Assert.Equal(1.0, config.RopeFrequencies[0]);
            Assert.Equal(Math.Pow(100000, -62.0 / 64), config.RopeFrequencies[31], 1e-15);
            Assert.StartsWith("{% for message in messages %}", model.ChatTemplate);
            Assert.Equal("SmolLM2-135M-Instruct.Q4_1.gguf", model.Name);
        }
    }

    [Fact]
    public void EveryTensorOfTheShippedModelReadsAsFiniteNumbersOfItsShape()
    {
        using IModelWeights model = ModelFiles.Open(ShippedModel.File);
        int examined = 0;
        foreach ((string name, long[] shape) in Architectures.Tensors(model.Config))
        {
            using torch.Tensor tensor = model.Read(name, shape);
            Assert.Equal(shape, tensor.shape);
            Assert.Equal(torch.ScalarType.Float32, tensor.dtype);
            examined++;
        }

        Assert.Equal(272, examined);
    }

    [Fact]
    public void RawRowsAreTheRowsThatAreRead()
    {
        using IModelWeights model = ModelFiles.Open(ShippedModel.File);
        int examined = 0;
        foreach (string name in new[] { "model.layers.3.self_attn.q_proj.weight", "model.layers.3.self_attn.k_proj.weight", "model.layers.3.mlp.down_proj.weight", "model.embed_tokens.weight" })
        {
            Assert.True(model.TryGetRaw(name, out WeightTensor? raw));
            using torch.Tensor tensor = model.Read(name, [.. raw.Shape]);
            foreach (long row in new[] { 0, 1, 31, 32, 33, raw.Rows - 1 })
            {
                Assert.Equal(PlainDequantizer.Dequantize(raw.Type, raw.Row(row).ToArray()), tensor[row].data<float>().ToArray());
                examined++;
            }
        }

        Assert.Equal(24, examined);
    }

    [Fact]
    public void TheHashIsThatOfTheFileAndIsRemembered()
    {
        string notes = Directory.CreateTempSubdirectory("weights").FullName;
        try
        {
            const string Expected = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
            using (IModelWeights model = ModelFiles.Open(ShippedModel.File, notes))
                Assert.Equal(Expected, model.Hash);
            string note = Assert.Single(Directory.GetFiles(notes));
            Assert.Equal(Expected, File.ReadAllText(note));

            File.WriteAllText(note, new string('0', 64));
            using (IModelWeights model = ModelFiles.Open(ShippedModel.File, notes))
                Assert.Equal(new string('0', 64), model.Hash);

            File.WriteAllText(note, "cut sho");
            using (IModelWeights model = ModelFiles.Open(ShippedModel.File, notes))
                Assert.Equal(Expected, model.Hash);
        }
        finally
        {
            Directory.Delete(notes, recursive: true);
        }
    }
}
