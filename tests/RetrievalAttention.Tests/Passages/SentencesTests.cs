using CsCheck;
using RetrievalAttention.Passages;

namespace RetrievalAttention.Tests.Passages;

public class SentencesTests
{
    /// <summary>"|" marks where a sentence ends; the text is what is left without the marks.</summary>
    public static TheoryData<string, string> Marked => new()
    {
        { "en", "He left.|She stayed!|Why?|Nobody knows…|The end." },
        { "en", "Dr. Livesey met Mr. Trelawney and Mrs. Hawkins at St. Mary's.|They ate." },
        { "en", "MR. BINGLEY was rich.|MRS. BENNET knew it." },
        { "en", "Bring fruit, e.g. apples, i.e. Golden ones, vs. Pears.|Then go." },
        { "en", "J. R. R. Tolkien and George W. Bush met Louis I. Kahn.|It rained." },
        { "en", "Nobody was as tired as I.|The others slept." },
        { "en", "Pi is 3.14159 and costs $4.50 a slice.|Version 2.0.1 followed." },
        { "en", "\"Where is he?\" asked Tom.|\"Gone.\"|He wept.|(So did she.)|Then silence." },
        { "en", "\"Stop!\" I cried.|\"Never!\" Mr. Darcy replied.|\"Why?\" she said." },
        { "en", "He paused... then spoke.|He paused...|Then he spoke.|Well . . . perhaps.|No. . . .|Yes." },
        { "en", "It began at 5 p.m. on Jan. 5 in the U.S. Senate.|He worked for Acme Inc. in New York.|It closed at 6 p.m.|The rest went home." },
        { "en", "See fig. 3 and No. 7 on pp. 4, vol. IV.|I said no.|We left." },
        { "en", "The city grew.[12]|It burned in 1666.²|Then it was rebuilt." },
        { "en", "Call me Ishmael.|\"What now?\"--he asked; nobody spoke." },
        { "en", "Visit www.example.org or mail me@example.org.|Thanks." },
        { "en", "1. Wash the pot.|2. Boil it.|8.1. Everyone drinks." },
        { "en", "THE FIRST CHAPTER\n\n|It was dark\nand cold.|Rain fell\n\n|A new paragraph without a stop" },
        { "en", "“Yes,” he said.|“No.”|‘Never.’|She left (at last!).|Good." },
        { "en", "She has a Ph.D. in physics.|He lived in 300 B.C. and died.|Etc. etc. and so on." },
        { "de", "Am 3. Mai kam Dr. Müller, z. B. mit dem Zug.|Er blieb bis zum 2. Weltkrieg.|Das war alles." },
        { "de", "„Komm!“, rief sie.|„Nein.“|Er ging, d.h. er lief usw. weiter.|Im Jahr 1990.|Dann kam Nr. 5 ca. 10 Minuten später." },
        { "de", "Er ging.|»Komm!«|Sie blieb." },
        { "es", "¿Dónde está el Sr. García?|¡Aquí!|La Dra. López vive en EE.UU. desde 1990.|Véase pág. 3." },
        { "fr", "M. Dupont est arrivé.|« Oui. »|Mme Curie, née en 1867 av. J.-C. peut-être, rit.|« Non ! » dit-elle." },
        { "ru", "А. С. Пушкин родился в 1799 г. в Москве.|Он жил на ул. Арбат и т. д. и писал.|Например, Э. И. Дюпон и Дж. А. Гобсон.|Это всё." },
        { "zh", "我走了。|你呢？|“好！”|他说。" },
        { "ja", "雨が降った。|「行くよ。」と彼は言った。|終わり！" },
        { "ar", "أين هو؟|ذهب." },
        { "hi", "वह गया।|वह रुकी।" },
    };

    [Theory]
    [MemberData(nameof(Marked))]
    public void SentencesEndWhereAReaderEndsThem(string language, string marked)
    {
        string text = marked.Replace("\n\n|", "\n\n").Replace("|", language is "zh" or "ja" ? "" : " ");
        string[] expected = [.. marked.Split('|').Select(sentence => sentence.Trim())];
        string[] found = [.. Sentences.Split(text, language).Select(range => text[range.Start..range.End])];
        Assert.Equal(expected, found);
    }

    [Fact]
    public void EveryNonBlankCharacterIsInExactlyOneSentence()
    {
        Gen<string> pieces = Gen.OneOf("Mr", ".", "!", "?", "…", " ", "\n", "\r\n", "\n\n", "\"", "”", "word", "A", "3", "。", "」", "»", "[1]", "😀", "é", "—", "\0");
        Gen.String.Select(pieces.Array[0, 40], (random, array) => random + string.Concat(array)).Sample(text =>
        {
            int position = 0;
            foreach (TextRange sentence in Sentences.Split(text))
            {
                Assert.True(sentence.Length > 0);
                Assert.True(string.IsNullOrWhiteSpace(text[position..sentence.Start]));
                Assert.False(char.IsWhiteSpace(text[sentence.Start]) || char.IsWhiteSpace(text[sentence.End - 1]));
                position = sentence.End;
            }
            Assert.True(string.IsNullOrWhiteSpace(text[position..]));
        }, iter: 5_000);
    }

    [Fact]
    public void ARangeIsSplitWithOffsetsOfTheWholeText()
    {
        const string Text = "One. Two. Three.";
        Assert.Equal([new TextRange(5, 9), new TextRange(10, 16)], Sentences.Split(Text, 4, Text.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\n\t ")]
    public void BlankTextHasNoSentences(string text) => Assert.Empty(Sentences.Split(text));

    [Fact]
    public void AMillionStopsTakeNoLongerThanAMillionLetters()
    {
        string[] texts = [new('.', 1_000_000), string.Concat(Enumerable.Repeat(". \n", 300_000)), new('(', 1_000_000), string.Concat(Enumerable.Repeat("a.", 500_000))];
        int sentences = texts.Sum(text => Sentences.Split(text).Count);
        Assert.InRange(sentences, texts.Length, 300_010);
    }
}
