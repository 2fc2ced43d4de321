using System.Globalization;

namespace RetrievalAttention.Evaluation.Comparison.Synthetic;

/// <summary>Every task, in the order of the report.</summary>
public static class SyntheticTasks
{
    private const int Distractors = 6;
    private const int LongDigits = 10;
    private const int Lists = 4;
    private const int OftenShouted = 8;
    private const int SeldomShouted = 2;

    /// <summary>Words that are shouted seldom.</summary>
    private const int Shouted = 3;

    private static readonly string[] Places = ["Elmstead", "Corby", "Tarnwick", "Oldmere", "Hollin", "Quayle", "Birdlip", "Sandrow", "Foxcote", "Netherby", "Wendle", "Ashgrove"];
    private static readonly string[] Animals = ["otter", "heron", "badger", "falcon", "beaver", "weasel"];
    private static readonly string[] Things = ["red lantern", "brass bell", "green kite", "wooden mask", "silver spoon", "blue ribbon", "stone lion", "glass bottle", "iron gate", "paper crown"];
    private static readonly string[] Listed = ["lemon", "saddle", "pepper", "marble", "candle", "pigeon", "basket", "hammer", "turnip"];

    private static readonly (string Needle, string Question, string Answer)[] Paraphrases =
    [
        ("Old Mrs. Aldous keeps her savings under the floor of the mill.", "Where is the aged widow's money hidden?", "under the floor of the mill"),
        ("Every Tuesday the smith's boy mends clocks in Harrow Lane.", "On which day does the youth repair timepieces?", "Tuesday"),
        ("Dr. Pell has been unable to eat walnuts since he was a child.", "Which food makes the physician ill?", "walnuts"),
        ("The twins left for Lisbon by the night steamer.", "To which city did the brothers sail?", "Lisbon"),
        ("A raven stole the mayor's spectacles.", "Which bird took the town official's glasses?", "a raven"),
        ("It was the gardener who set the stables on fire.", "Whose deed was it that the horses' house burned?", "the gardener"),
    ];

    public static IReadOnlyList<SyntheticTask> All { get; } =
    [
        new("passkey", "Mohtashami and Jaggi 2023", random =>
        {
            string key = Digits(random);
            return new NeedleSet([$"The pass key is {key}. Remember it. {key} is the pass key."], "What is the pass key?", key, [0]);
        }),
        new("numbers", "Zhang et al. 2024, InfiniteBench (long numbers)", random =>
        {
            string number = string.Concat(Enumerable.Range(0, LongDigits).Select(_ => random.Next(10).ToString(CultureInfo.InvariantCulture)));
            return new NeedleSet([$"The sequence of digits is {number}. Remember it. {number} is the sequence of digits."], "What is the sequence of digits?", number, [0]);
        }),
        new("needle", "Hsieh et al. 2024, RULER (single needle)", random =>
        {
            (string animal, string number) = (Some(random, Animals, 1)[0], Digits(random));
            return new NeedleSet([$"The lucky number of the {animal} is {number}."], $"What is the lucky number of the {animal} mentioned in the text?", number, [0]);
        }),
        new("multi-key", "Hsieh et al. 2024, RULER (multi-key needles)", random =>
        {
            (string[] names, string[] numbers) = (Some(random, Places, Distractors), Numbers(random, Distractors));
            int asked = random.Next(Distractors);
            return new NeedleSet(
                [.. names.Zip(numbers, (name, number) => $"One of the special magic numbers for {name} is: {number}.")],
                $"What is the special magic number for {names[asked]} mentioned in the text?", numbers[asked], [asked]);
        }),
        new("key-value", "Liu et al. 2023, Lost in the Middle (key-value retrieval)", random =>
        {
            (string[] keys, string[] values) = (Numbers(random, Distractors), Numbers(random, Distractors));
            int asked = random.Next(Distractors);
            return new NeedleSet([.. keys.Zip(values, (key, value) => $"\"{key}\": \"{value}\"")], $"Which value stands after the key \"{keys[asked]}\"?", values[asked], [asked]);
        }),
        Variables(["ALPHA", "BETA", "GAMMA"], hops: 1),
        Variables(["DELTA", "KAPPA", "LAMBDA", "OMEGA"], hops: 2),
        Variables(["SIGMA", "THETA", "ZETA", "EPSILON", "UPSILON", "OMICRON"], hops: 4),
        new("common", "Hsieh et al. 2024, RULER (common words): the best few tokens do not tell", random =>
        {
            string[] words = Some(random, Listed, 2 * Lists + 1);
            string Line(int list)
            {
                string[] line = [words[0], words[2 * list + 1], words[2 * list + 2]];
                random.Shuffle(line);
                return $"List {list + 1}: {string.Join(", ", line)}.";
            }
            return new NeedleSet([.. Enumerable.Range(0, Lists).Select(Line)], "Which word stands in every list?", words[0], [.. Enumerable.Range(0, Lists)]);
        }),
        new("frequent", "Hsieh et al. 2024, RULER (frequent words): the best few tokens do not tell", random =>
        {
            string[] words = Some(random, ["amber", "velvet", "harbour", "thistle", "copper", "meadow"], Shouted + 1);
            string[] shouts = [.. Enumerable.Repeat(words[0], OftenShouted), .. words[1..].SelectMany(word => Enumerable.Repeat(word, SeldomShouted))];
            random.Shuffle(shouts);
            return new NeedleSet([.. shouts.Select(word => $"The crier shouted \"{word}\".")], "Which word did the crier shout most often?", words[0], [.. Enumerable.Range(0, shouts.Length)]);
        }),
        new("order", "order of two needles", random =>
        {
            string[] things = Some(random, Things, 2);
            string[] asked = random.Next(2) == 0 ? things : [things[1], things[0]];
            return new NeedleSet(
                [.. things.Select(thing => $"Then somebody carried the {thing} into the room.")],
                $"Which was carried into the room first, the {asked[0]} or the {asked[1]}?", $"the {things[0]}", [0, 1]);
        }),
        new("paraphrase", "Modarressi et al. 2025, NoLiMa (needles without a word in common)", random =>
        {
            (string needle, string question, string answer) = Paraphrases[random.Next(Paraphrases.Length)];
            return new NeedleSet([needle], question, answer, [0]);
        }),
    ];

    /// <param name="names">Used by this task alone.</param>
    private static SyntheticTask Variables(string[] names, int hops) => new($"variables-{hops}", "Hsieh et al. 2024, RULER (variable tracking)", random =>
    {
        string value = Digits(random);
        string[] chain = Some(random, names, hops + 1);
        string[] needles = [$"VAR {chain[0]} = {value}.", .. Enumerable.Range(1, hops).Select(hop => $"VAR {chain[hop]} = VAR {chain[hop - 1]}.")];
        return new NeedleSet(needles, $"Which number is VAR {chain[hops]}?", value, [.. Enumerable.Range(0, needles.Length)]);
    });

    private static string Digits(Random random) => random.Next(10_000, 100_000).ToString(CultureInfo.InvariantCulture);

    private static string[] Numbers(Random random, int count)
    {
        HashSet<string> numbers = [];
        while (numbers.Count < count) numbers.Add(Digits(random));
        return [.. numbers];
    }

    private static string[] Some(Random random, IReadOnlyList<string> all, int count)
    {
        string[] shuffled = [.. all];
        random.Shuffle(shuffled);
        return shuffled[..count];
    }
}
