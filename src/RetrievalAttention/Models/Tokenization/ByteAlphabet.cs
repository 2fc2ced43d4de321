using System.Text;

namespace RetrievalAttention.Models.Tokenization;

/// <summary>
/// The 256 characters by which byte-level vocabularies write bytes: printable Latin-1 stands for itself, the rest for the characters from
/// U+0100 on (bytes_to_unicode in GPT-2's encoder.py).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Build();
    private static readonly Dictionary<char, byte> Bytes = Characters.Select((c, i) => (c, i)).ToDictionary(p => p.c, p => (byte)p.i);

    public static char ToCharacter(byte value) => Characters[value];

    /// <summary>The bytes of a token; characters outside the alphabet (in tokens added later) are their own UTF-8.</summary>
    public static byte[] ToBytes(string token)
    {
        var bytes = new List<byte>(token.Length);
        foreach (Rune rune in token.EnumerateRunes())
        {
            if (rune.IsBmp && Bytes.TryGetValue((char)rune.Value, out byte known))
                bytes.Add(known);
            else
                bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
        }

        return [.. bytes];
    }

    private static char[] Build()
    {
        var characters = new char[256];
        int next = 256;
        for (int i = 0; i < 256; i++)
            characters[i] = i is (>= '!' and <= '~') or (>= '¡' and <= '¬') or (>= '®' and <= 'ÿ') ? (char)i : (char)next++;
        return characters;
    }
}
