namespace RetrievalAttention.App.Commands;

/// <summary>Tells an instruction from the opening of a text by its first word.</summary>
internal static class InstructionWords
{
    private static readonly HashSet<string> Verbs = new(StringComparer.OrdinalIgnoreCase)
    {
        "write", "continue", "describe", "tell", "retell", "compose", "draft", "invent", "imagine", "explain", "discuss", "compare", "summarise", "summarize", "give", "make", "create",
        "let", "please", "narrate", "argue", "finish", "complete", "rewrite", "list", "draw", "portray",
        "schreibe", "schreib", "beschreibe", "erzähle", "erzähl", "verfasse", "erkläre", "setze", "bitte", "écris", "écrivez", "décris", "raconte", "racontez", "escribe", "describe", "cuenta",
    };

    public static bool Begin(string text) => Verbs.Contains(text.Split((char[])[' ', '\n', '\t', ',', ':'], 2)[0]);
}
