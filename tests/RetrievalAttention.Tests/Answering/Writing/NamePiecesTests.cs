using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Models;

namespace RetrievalAttention.Tests.Answering.Writing;

[Collection(Shipped.OneAtATime)]
public class NamePiecesTests
{
    private static readonly ITextTokenizer Tokenizer = Shipped.Model.Tokenizer;

    [Theory]
    [InlineData("Then Jabez")]
    [InlineData("the square of Saxe-Coburg")]
    [InlineData("Jabez’s friend Zoë")]
    public void EveryTokenOfANameIsFreeWhereItStands(string text)
    {
        NamePieces pieces = new(Tokenizer);
        pieces.Add(["Jabez", "Saxe-Coburg", "Zoë"]);
        TextToken[] tokens = [.. Tokenizer.Encode(text)];
        string name = text.Split(' ')[^1];
        int examined = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            if (tokens[i].End <= text.Length - name.Length || text[tokens[i].Start..tokens[i].End] == "-") continue;
            Assert.True(pieces.Continues([.. tokens.Take(i).Select(token => token.Id)], tokens[i].Id), $"token {i} of '{text}'");
            examined++;
        }
        Assert.True(examined > 0);
    }

    [Fact]
    public void ThePiecesOfANameAreNotFreeElsewhereNorIsItsHyphen()
    {
        NamePieces pieces = new(Tokenizer);
        pieces.Add(["Jabez", "Saxe-Coburg"]);
        bool Free(string before, string next) => pieces.Continues([.. Ids(before)], Ids(next).Single());
        Assert.False(Free("he saw", " e"));
        Assert.False(Free("Saxe", "-"));
        Assert.False(Free("Jab, ", "."));
        Assert.False(Free("he saw", " Tull"[..2]));
        pieces.Add(["Tull"]);
        Assert.True(Free("he saw", " Tull"[..2]));
    }

    private static IEnumerable<int> Ids(string text) => Tokenizer.Encode(text).Select(token => token.Id);
}
