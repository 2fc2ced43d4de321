using System.Text.Json.Nodes;
using RetrievalAttention.Models;
using TorchSharp;

namespace RetrievalAttention.Tests.Models;

public class HuggingFaceModelTests
{
    [Fact]
    public void AFolderMadeFromTheShippedWeightsIsTheSameModel()
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromShippedModel();
        using IModelWeights expected = ModelFiles.Open(ShippedModel.File);
        using IModelWeights found = ModelFiles.Open(folder.Path);

        Assert.Equal(expected.ChatTemplate, found.ChatTemplate);
        Assert.Equal(expected.CreateTokenizer().Hash, found.CreateTokenizer().Hash);
        Assert.Equal(expected.CreateTokenizer().EndIds, found.CreateTokenizer().EndIds);
        Assert.Equal(272, CountEqualTensors(expected, found));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OneFileAndSeveralAreTheSameModel(bool sharded)
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromTinyModel(sharded);
        using IModelWeights expected = ModelFiles.Open(folder.At("tiny.bin")), found = ModelFiles.Open(folder.Path);
        Assert.Equal(2 + 9 * TinyModel.Layers, CountEqualTensors(expected, found));
        Assert.Matches("^[0-9a-f]{64}$", found.Hash);
    }

    [Fact]
    public void AMissingPartAndOneOutsideTheFolderAreNamed()
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromTinyModel(sharded: true);
        string part = folder.At("model-00002-of-00003.safetensors"), index = folder.At("model.safetensors.index.json");
        File.Move(part, part + ".away");
        Assert.Contains("model-00002-of-00003.safetensors", ProblemOf(folder));
        File.WriteAllText(index, File.ReadAllText(index).Replace("model-00002", "../model-00002"));
        Assert.Contains("no file of its own folder", ProblemOf(folder));
    }

    [Fact]
    public void EveryCutSafetensorsFileIsToldToBeTruncated()
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromTinyModel(sharded: false);
        string path = folder.At("model.safetensors");
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(13);
        int[] lengths = [1, 7, 8, whole.Length - 1, .. Enumerable.Range(0, 60).Select(_ => random.Next(8, whole.Length))];
        foreach (int length in lengths)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Contains("truncated", ProblemOf(folder));
        }

        Assert.Equal(64, lengths.Length);
    }

    [Fact]
    public void NumbersOfAnotherTypeAreNamedWithThoseThatCanBeRead()
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromTinyModel(sharded: false);
        SafetensorsWriter.Write(folder.At("model.safetensors"), """{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", new byte[4]);
        Assert.Contains("tensor a as F8_E4M3, which cannot be read; F32, F16 and BF16 can", ProblemOf(folder));
    }

    [Fact]
    public void Llama3ScalingStretchesLongWavelengthsOnly()
    {
        // Llama 3.2's own settings, on a head of 16 dimensions.
        double[] plain = [.. Enumerable.Range(0, 8).Select(i => Math.Pow(500000, -i / 8.0))];
        IReadOnlyList<double> scaled = ConfigWith(json =>
        {
            json["rope_theta"] = 500000.0;
            json["rope_scaling"] = JsonNode.Parse("""{"factor":32.0,"high_freq_factor":4.0,"low_freq_factor":1.0,"original_max_position_embeddings":8192,"rope_type":"llama3"}""");
        }).RopeFrequencies;

        int kept = 0, stretched = 0, blended = 0;
        for (int i = 0; i < 8; i++)
        {
            double wavelength = 2 * Math.PI / plain[i];
            if (wavelength < 8192 / 4.0 && Math.Abs(scaled[i] - plain[i]) < 1e-15)
                kept++;
            else if (wavelength > 8192 / 1.0 && Math.Abs(scaled[i] - plain[i] / 32) < 1e-15)
                stretched++;
            else if (scaled[i] > plain[i] / 32 && scaled[i] < plain[i])
                blended++;
        }

        Assert.Equal((4, 3, 1), (kept, stretched, blended));
    }

    [Fact]
    public void MistralIsALlamaThatLooksBackNoFurtherThanItsWindow()
    {
        DecoderConfig config = ConfigWith(json => (json["model_type"], json["sliding_window"], json["max_position_embeddings"]) = ("mistral", 4096, 32768));
        Assert.Equal(("llama", 4096), (config.Architecture, config.ContextLength));
    }

    [Theory]
    [InlineData("model_type", "\"gemma\"", "\"gemma\"")]
    [InlineData("hidden_act", "\"gelu\"", "\"gelu\"")]
    [InlineData("rope_scaling", """{"rope_type":"yarn","factor":4}""", "\"yarn\"")]
    [InlineData("num_attention_heads", "\"four\"", "num_attention_heads")]
    [InlineData("num_hidden_layers", "3", "model.layers.2.")]
    [InlineData("intermediate_size", "null", "intermediate_size")]
    public void WhatCannotBeRunIsNamed(string setting, string value, string named)
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromTinyModel(sharded: false);
        Edit(folder, json => json[setting] = JsonNode.Parse(value));
        Assert.Contains(named, ProblemOf(folder));
    }

    private static DecoderConfig ConfigWith(Action<JsonNode> change)
    {
        using HuggingFaceFolder folder = HuggingFaceFolder.FromTinyModel(sharded: false);
        Edit(folder, change);
        using IModelWeights model = ModelFiles.Open(folder.Path);
        return model.Config;
    }

    private static void Edit(HuggingFaceFolder folder, Action<JsonNode> change)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(folder.At("config.json")))!;
        change(json);
        File.WriteAllText(folder.At("config.json"), json.ToJsonString());
    }

    private static string ProblemOf(HuggingFaceFolder folder)
    {
        var problem = Assert.Throws<ProblemException>(() => ModelFiles.Open(folder.Path));
        Assert.Equal(ProblemKind.Model, problem.Kind);
        return problem.Message;
    }

    private static int CountEqualTensors(IModelWeights expected, IModelWeights found)
    {
        Assert.Equal(expected.Config with { RopeFrequencies = [] }, found.Config with { RopeFrequencies = [] });
        Assert.Equal(expected.Config.RopeFrequencies, found.Config.RopeFrequencies);
        int equal = 0;
        foreach ((string name, long[] shape) in Architectures.Tensors(expected.Config))
        {
            using torch.Tensor one = expected.Read(name, shape), other = found.Read(name, shape);
            Assert.True(one.bytes.SequenceEqual(other.bytes), name);
            equal++;
        }

        return equal;
    }
}
