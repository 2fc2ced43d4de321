using RetrievalAttention.Documents;

namespace RetrievalAttention.Tests.Documents;

public sealed class LanguageGuessTests
{
    [Theory]
    [InlineData("en", "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, and nobody knew.")]
    [InlineData("de", "Es war einmal ein König, der hatte eine Tochter, und die war so schön, dass sich der Mond, der doch so vieles gesehen hat, nicht genug wunderte.")]
    [InlineData("fr", "Il était une fois une petite fille de village, la plus jolie que l'on eût su voir ; sa mère en était folle, et sa grand-mère plus folle encore, et ce n'est pas tout.")]
    [InlineData("es", "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un hidalgo de los de lanza en astillero y adarga antigua.")]
    [InlineData("ru", "Все счастливые семьи похожи друг на друга, и каждая несчастливая семья несчастлива по-своему; но это не то, что он говорил, когда был в доме и как с ним.")]
    [InlineData("zh", "黑豹队的防守只丢了分在联赛中排名第六同时也以次拦截领先国家橄榄球联盟")]
    [InlineData("ja", "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。")]
    [InlineData("ar", "كان يا ما كان في قديم الزمان ملك له ثلاث بنات")]
    [InlineData(null, "Too few words to tell.")]
    [InlineData(null, "x1 y2 z3 0.5 0.7 alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau")]
    public void CommonLanguagesAreToldAndDoubtIsNotHidden(string? language, string text) => Assert.Equal(language, LanguageGuess.Of(text));
}
