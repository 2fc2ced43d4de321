using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RetrievalAttention.Evaluation;

/// <summary>Cuts questions into two halves by their ids: settings are chosen on one and reported on the other. Always the same halves.</summary>
public static class QuestionSplit
{
    /// <summary>0: for choosing. 1: for reporting.</summary>
    public static int HalfOf(string id) => Hash("half" + id)[0] % 2;

    /// <summary>A place in an order that has nothing to do with the order of the file.</summary>
    public static ulong PlaceOf(string id) => BinaryPrimitives.ReadUInt64BigEndian(Hash("place" + id));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
