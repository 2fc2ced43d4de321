using RetrievalAttention.Answering;
using RetrievalAttention.Memory;
using RetrievalAttention.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Evaluation.Comparison.Places;

/// <summary>
/// A place as methods see it: the question is the local text, asked by its last 64 tokens; the document ends where the local text begins; the answer is the block that follows. By attention alone
/// the retrieval heads look as they do while writing; for words, vectors and second looks the last local block is the question.
/// </summary>
public sealed class ComparedPlace : ComparedQuestion
{
    private readonly IReadOnlyList<TextToken> _local;

    private ComparedPlace(LoadedModel model, ComparedDocument before, TextPlace place, AnswerCase asked, AnsweringOptions options, BlockRankings rankings, IReadOnlyList<TextToken> local, IReadOnlyList<int> gold)
        : base(model, before, asked, options, rankings) => (Place, _local, Gold) = (place, local, gold);

    public TextPlace Place { get; }

    public override IReadOnlyList<int> Gold { get; }

    public override int? AskingTokens => KvCodec.BlockTokens;

    /// <param name="document">The whole of it, which has to live as long as the place.</param>
    /// <param name="rankings">Of blocks of the whole document for a text.</param>
    public static ComparedPlace At(TextPlace place, LoadedModel model, ComparedDocument document, AnsweringOptions options, BlockRankings rankings)
    {
        MemoryFile file = document.Memory.File;
        TextToken[] local = [.. Enumerable.Range(place.SeenBlocks, TextPlace.LocalBlocks).SelectMany(file.ReadTokens)];
        RankBlocks Seen(RankBlocks rank) => (shelf, text) => [.. rank(shelf, text).Where(block => block < place.SeenBlocks)];
        return new ComparedPlace(
            model, document.Until(place.SeenTokens), place, CaseOf(document.Memory.Document.Text, file, place), options,
            new BlockRankings((_, _) => LookingAgain(model, document.Memory, local, place.SeenBlocks), Seen(rankings.Fused), Seen(rankings.WordsAndVectors)),
            local, [.. file.ReadTokens(place.Block).Select(token => token.Id)]);
    }

    /// <summary>The last block of the local text asks for the block after it.</summary>
    public static AnswerCase CaseOf(string text, MemoryFile file, TextPlace place)
    {
        string Of(int block)
        {
            IReadOnlyList<TextToken> tokens = file.ReadTokens(block);
            return text[tokens[0].Start..tokens[^1].End];
        }
        return new AnswerCase($"place-{place.Block}", Of(place.Block - 1), Of(place.Block), []);
    }

    public override Prompt PromptWith(IReadOnlyList<int> quotedBlocks)
    {
        List<int> ids = [];
        List<(int Start, int End)> quoted = [];
        foreach (int block in quotedBlocks)
        {
            int start = ids.Count;
            ids.AddRange(Memory.File.ReadTokens(block).Select(token => token.Id));
            quoted.Add((start, ids.Count));
        }
        if (quoted.Count > 0) ids.AddRange(Model.Tokenizer.Encode("\n\n").Select(token => token.Id));
        return new Prompt([.. ids, .. _local.Select(token => token.Id)], quoted, Turns: 0);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) Document.Dispose();
    }

    /// <summary>Blocks by what the retrieval heads ask at the end of the local text, best first.</summary>
    private static IReadOnlyList<int> LookingAgain(LoadedModel model, DocumentMemory memory, IReadOnlyList<TextToken> local, int blocks)
    {
        using var scope = NewDisposeScope();
        using AttentionContext context = model.Header.NewContext(local.Count);
        using RecentQueries recent = new(model.Heads.Heads, KvCodec.BlockTokens);
        model.Decoder.Forward(tensor(local.Select(token => (long)token.Id).ToArray()), context, recent, model.Heads.LayersNeeded);
        return BlockSearch.RankByScore(memory.Index!.Score(recent.All, model.Decoder.Rope, weights: null, blocks));
    }
}
