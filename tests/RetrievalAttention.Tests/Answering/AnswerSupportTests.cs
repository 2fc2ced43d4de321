using RetrievalAttention.Answering;

namespace RetrievalAttention.Tests.Answering;

public sealed class AnswerSupportTests
{
    private const string Read = "Mr. Jabez Wilson was paid four pounds a week for copying out the Encyclopaedia Britannica.";

    [Theory]
    [InlineData("He was paid four pounds a week.", new string[0])]
    [InlineData("It was paid to Mr. Wilson.", new string[0])]
    [InlineData("It was paid by Duncan Ross.", new[] { "Duncan", "Ross" })]
    [InlineData("He was paid 250 pounds.", new[] { "250" })]
    [InlineData("He was paid 4 pounds.", new string[0])]
    [InlineData("He was paid 5 pounds.", new[] { "5" })]
    [InlineData("", new string[0])]
    public void WhatTheAnswerNamesMustHaveBeenRead(string answer, string[] missing) =>
        Assert.Equal(missing, AnswerSupport.Of(1, answer, "What was he paid?", [Read]).Missing);

    [Fact]
    public void AnswersNeedAGainAndNoMissingName()
    {
        Assert.True(AnswerSupport.Of(0.1, "four pounds", "What was he paid?", [Read]).IsSupported);
        Assert.False(AnswerSupport.Of(0, "four pounds", "What was he paid?", [Read]).IsSupported);
        Assert.False(AnswerSupport.Of(2, "Shynkooker", "What was he paid?", [Read]).IsSupported);
        Assert.True(AnswerSupport.Of(2, "Yes.", "Was he paid?", [Read]).IsSupported);
        Assert.False(AnswerSupport.Of(2, "The price of insulin is capped.", "How much is capped the price of insulin?", [Read]).IsSupported);
        Assert.True(AnswerSupport.Of(2, "Wilson was copying the Encyclopaedia.", "Was Wilson copying the Encyclopaedia?", [Read]).IsSupported);
        Assert.False(AnswerSupport.Of(2, "the sum of Napoleon", "What was he paid?", [Read]).IsSupported);
    }
}
