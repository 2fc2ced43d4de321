using System.Globalization;
using System.Text.RegularExpressions;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace RetrievalAttention.Documents.Docx;

/// <summary>Counts the items of lists as Word does: one counter a list and level; deeper levels begin anew under each item.</summary>
internal sealed partial class DocxNumbering
{
    private readonly Dictionary<int, int> _kindOfList = [];
    private readonly Dictionary<(int Kind, int Level), Level> _levels = [];
    private readonly Dictionary<(int Kind, int Level), int> _counters = [];

    public DocxNumbering(MainDocumentPart main)
    {
        Numbering? numbering = main.NumberingDefinitionsPart?.Numbering;
        foreach (AbstractNum kind in numbering?.Elements<AbstractNum>() ?? [])
            foreach (Level level in kind.Elements<Level>())
                if (kind.AbstractNumberId?.Value is { } id && level.LevelIndex?.Value is { } index) _levels.TryAdd((id, index), level);
        foreach (NumberingInstance instance in numbering?.Elements<NumberingInstance>() ?? [])
            if (instance.NumberID?.Value is { } list && instance.AbstractNumId?.Val?.Value is { } kind) _kindOfList.TryAdd(list, kind);
    }

    /// <summary>"- " for a bullet, "2.1. " or "b) " for a number; empty for a paragraph outside of lists. Counts on.</summary>
    public string Prefix((int List, int Level)? place)
    {
        if (place is not var (list, index) || !_kindOfList.TryGetValue(list, out int kind) || !_levels.TryGetValue((kind, index), out Level? level)) return "";
        NumberFormatValues format = level.NumberingFormat?.Val?.Value ?? NumberFormatValues.Decimal;
        if (format == NumberFormatValues.None) return "";
        if (format == NumberFormatValues.Bullet) return "- ";
        _counters[(kind, index)] = _counters.TryGetValue((kind, index), out int last) ? last + 1 : Start(level);
        foreach ((int Kind, int Level) deeper in _counters.Keys.Where(key => key.Kind == kind && key.Level > index).ToList()) _counters.Remove(deeper);
        string pattern = level.LevelText?.Val?.Value ?? "";
        string number = Place().Replace(pattern, match => Number(kind, match.Value[1] - '1'));
        return number.Length > 0 ? number + " " : "";
    }

    private string Number(int kind, int index)
    {
        if (!_levels.TryGetValue((kind, index), out Level? level)) return "";
        int value = _counters.TryGetValue((kind, index), out int counted) ? counted : Start(level);
        NumberFormatValues format = level.NumberingFormat?.Val?.Value ?? NumberFormatValues.Decimal;
        if (format == NumberFormatValues.LowerLetter) return WrittenNumber.Letters(value).ToLowerInvariant();
        if (format == NumberFormatValues.UpperLetter) return WrittenNumber.Letters(value);
        if (format == NumberFormatValues.LowerRoman) return WrittenNumber.Roman(value).ToLowerInvariant();
        if (format == NumberFormatValues.UpperRoman) return WrittenNumber.Roman(value);
        return value.ToString(CultureInfo.InvariantCulture);
    }

    private static int Start(Level level) => level.StartNumberingValue?.Val?.Value ?? 1;

    [GeneratedRegex("%[1-9]")]
    private static partial Regex Place();
}
