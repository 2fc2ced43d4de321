namespace RetrievalAttention.Documents.Pdf;

/// <summary>One printed glyph in reading direction: x grows along the line, y grows towards the page's top. Unit: points.</summary>
/// <param name="Text">What the glyph stands for; several characters for a ligature.</param>
/// <param name="Left">Start on the baseline.</param>
/// <param name="Right">Start plus advance width.</param>
/// <param name="Baseline">Height of the baseline.</param>
/// <param name="Size">Font size as printed.</param>
/// <param name="Font">Index in the document's <see cref="FontTable"/>.</param>
/// <param name="SpaceBefore">The file printed a space glyph just before.</param>
internal readonly record struct Glyph(string Text, float Left, float Right, float Baseline, float Size, int Font, bool SpaceBefore)
{
    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(Text);
        writer.Write(Left);
        writer.Write(Right);
        writer.Write(Baseline);
        writer.Write(Size);
        writer.Write7BitEncodedInt(Font);
        writer.Write(SpaceBefore);
    }

    public static Glyph ReadFrom(BinaryReader reader) => new(
        reader.ReadString(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.Read7BitEncodedInt(), reader.ReadBoolean());
}
