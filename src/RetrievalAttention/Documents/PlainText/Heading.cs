namespace RetrievalAttention.Documents.PlainText;

/// <summary>What made a line look like a heading.</summary>
internal enum HeadingStyle
{
    /// <summary>A word and a number: "CHAPTER IV", "Part Two: The Sea-cook", "FIRST ACT".</summary>
    Word,

    /// <summary>A number and a title: "VII. THE ADVENTURE OF THE BLUE CARBUNCLE".</summary>
    NumberAndTitle,

    /// <summary>A number alone: "12", "IV."; its title may stand below it.</summary>
    Number,

    /// <summary>A part of a book that is named for what it is: "PREFACE", "Epilogue".</summary>
    Matter,

    /// <summary>A title in capitals that stands apart.</summary>
    Capitals,

    /// <summary>A short line between long ones, in texts that keep each paragraph on one line.</summary>
    ShortLine,
}

/// <summary>A heading found in a text: its lines, what it says, and where it stands in the nesting.</summary>
/// <param name="FirstLine">Index of its first line.</param>
/// <param name="LastLine">Index of its last line, that of a title below the number included.</param>
/// <param name="Family">The word it begins with, singular and lower case ("chapter"); empty for other styles.</param>
/// <param name="Number">Its number, where it has one.</param>
/// <param name="Title">As shown to a person: "1. The Old Sea-dog at the Admiral Benbow".</param>
/// <param name="Rank">0 is outermost.</param>
internal readonly record struct Heading(
    int FirstLine, int LastLine, HeadingStyle Style, string Family, int? Number, string Title, int Rank = 0);
