namespace RetrievalAttention.Evaluation.Comparison.Synthetic;

/// <summary>Sentences to hide in a text, and a question that they answer.</summary>
/// <param name="Needles">In the order in which they are to stand in the text.</param>
/// <param name="Evidence">Indices of the needles that answer the question.</param>
public sealed record NeedleSet(IReadOnlyList<string> Needles, string Question, string Answer, IReadOnlyList<int> Evidence);

/// <summary>A kind of question that is made up from a seed.</summary>
/// <param name="Source">Where the task comes from.</param>
public sealed record SyntheticTask(string Name, string Source, Func<Random, NeedleSet> Make)
{
    private const int Distractors = 8;
    private const int Hops = 2;

    private static readonly string[] Places = ["Elmstead", "Corby", "Tarnwick", "Oldmere", "Hollin", "Quayle", "Birdlip", "Sandrow", "Foxcote", "Netherby", "Wendle", "Ashgrove"];
    private static readonly string[] Things = ["red lantern", "brass bell", "green kite", "wooden mask", "silver spoon", "blue ribbon", "stone lion", "glass bottle", "iron gate", "paper crown"];

    public static IReadOnlyList<SyntheticTask> All { get; } =
    [
        new("passkey", "Mohtashami and Jaggi 2023", random =>
        {
            string key = Digits(random);
            return new NeedleSet([$"The pass key is {key}. Remember it. {key} is the pass key."], "What is the pass key?", key, [0]);
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
        new("variables", $"Hsieh et al. 2024, RULER (variable tracking, {Hops} hops)", random =>
        {
            string value = Digits(random);
            string[] names = [.. Some(random, ["ALPHA", "BETA", "GAMMA", "DELTA", "KAPPA", "LAMBDA", "OMEGA", "SIGMA"], Hops + 1)];
            string[] needles = [$"VAR {names[0]} = {value}.", .. Enumerable.Range(1, Hops).Select(hop => $"VAR {names[hop]} = VAR {names[hop - 1]}.")];
            return new NeedleSet(needles, $"Which number is VAR {names[Hops]}?", value, [.. Enumerable.Range(0, needles.Length)]);
        }),
        new("order", "order of two needles", random =>
        {
            string[] things = Some(random, Things, 2);
            string[] asked = random.Next(2) == 0 ? things : [things[1], things[0]];
            return new NeedleSet(
                [.. things.Select(thing => $"Then somebody carried the {thing} into the room.")],
                $"Which was carried into the room first, the {asked[0]} or the {asked[1]}?", $"the {things[0]}", [0, 1]);
        }),
    ];

    private static string Digits(Random random) => random.Next(10_000, 100_000).ToString(System.Globalization.CultureInfo.InvariantCulture);

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
