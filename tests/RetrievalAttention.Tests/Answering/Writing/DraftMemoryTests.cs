using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Tests.Answering.Writing;

[Collection(Shipped.OneAtATime)]
public class DraftMemoryTests
{
    [Fact]
    public void ABlockOfTheDraftIsFoundAgainByWordsLikeIts()
    {
        const int Blocks = 10;
        int[] text = [.. Shipped.Model.Tokenizer.Encode(File.ReadAllText(Shipped.Fixture("reference", "alice-head.txt"))).Skip(640).Take(Blocks * KvCodec.BlockTokens).Select(token => token.Id)];
        using DraftMemory draft = new(Shipped.Model, KvCodec.For(MemoryFormat.Int8, KvShape.Of(Shipped.Model.Weights.Config)));
        using KeyValueCapture computed = new(CancellationToken.None);
        using (AttentionContext context = Shipped.Model.Header.NewContext(text.Length)) Forward(text, context, computed);
        (Tensor keys, Tensor values) = computed.Take();
        for (int block = 0; block < Blocks; block++) draft.Add(keys.narrow(2, 64 * block, 64), values.narrow(2, 64 * block, 64));

        int[] looked = [0, 4, 7];
        foreach (int block in looked)
        {
            using RecentQueries queries = new(Shipped.Model.Heads.Heads, 64);
            using (AttentionContext context = Shipped.Model.Header.NewContext(32)) Forward(text[(64 * block + 8)..(64 * block + 40)], context, queries);
            Assert.Contains(block, draft.Find(queries.All, runs: 1));
        }
        keys.Dispose();
        values.Dispose();
    }

    private static void Forward(int[] ids, AttentionContext context, IAttentionTap tap) =>
        Shipped.Decoder.Forward(tensor(ids.Select(id => (long)id).ToArray()), context, tap).Dispose();
}
