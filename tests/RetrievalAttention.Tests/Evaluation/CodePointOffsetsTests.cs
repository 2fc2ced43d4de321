using System.Text;
using CsCheck;
using RetrievalAttention.Evaluation;

namespace RetrievalAttention.Tests.Evaluation;

public class CodePointOffsetsTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("a𝄞b😀", 4)]
    public void CountsCharactersLikePython(string text, int expected) => Assert.Equal(expected, new CodePointOffsets(text).Count);

    [Fact]
    public void EachCodePointIsFoundWhereItsRuneBegins()
    {
        string[] characters = ["a", "é", "語", "😀", "𝄞", "\n"];
        Gen<string> texts = Gen.Int[0, characters.Length - 1].Array[0, 40].Select(picks => string.Concat(picks.Select(pick => characters[pick])));
        texts.Sample(text =>
        {
            var offsets = new CodePointOffsets(text);
            int utf16 = 0;
            int codePoint = 0;
            foreach (Rune rune in text.EnumerateRunes())
            {
                if (offsets.ToUtf16(codePoint++) != utf16) return false;
                utf16 += rune.Utf16SequenceLength;
            }
            return offsets.Count == codePoint && offsets.ToUtf16(codePoint) == utf16;
        });
    }

    [Fact]
    public void HalfAPairIsACodePoint() => Assert.Equal(2, new CodePointOffsets("\ud834x").Count);

    [Fact]
    public void AnOffsetPastTheEndIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new CodePointOffsets("😀").ToUtf16(2));
}
