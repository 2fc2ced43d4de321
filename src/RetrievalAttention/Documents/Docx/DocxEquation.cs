using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Math;

namespace RetrievalAttention.Documents.Docx;

/// <summary>Signs that Word draws instead of writing them, so that an equation stays readable on one line: "(a+b)/c", "x^2", "√2".</summary>
internal static class DocxEquation
{
    public static string SignBefore(OpenXmlElement element) => element switch
    {
        Delimiter brackets => brackets.DelimiterProperties?.BeginChar?.Val?.Value ?? "(",
        Nary operation => operation.NaryProperties?.AccentChar?.Val?.Value ?? "∫",
        Denominator => "/",
        SuperArgument => "^",
        SubArgument => "_",
        Base { Parent: Radical } => "√",
        Base { Parent: Nary or MatrixRow } => " ",
        Base { Parent: Delimiter brackets } when element.PreviousSibling<Base>() is not null => brackets.DelimiterProperties?.SeparatorChar?.Val?.Value ?? "|",
        MatrixRow => ";",
        _ => "",
    };

    public static string SignAfter(OpenXmlElement element) => element is Delimiter brackets ? brackets.DelimiterProperties?.EndChar?.Val?.Value ?? ")" : "";

    /// <summary>Whether more than one sign in the element needs brackets around it to stay one part.</summary>
    public static bool IsGroup(OpenXmlElement element) => element is Numerator or Denominator or SuperArgument or SubArgument or Base { Parent: Radical };
}
