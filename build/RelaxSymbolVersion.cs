using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks one needed symbol version of a 64-bit little-endian ELF file as weak (VER_FLG_WEAK in .gnu.version_r), so that the loader
/// warns instead of refusing when the system's library is older. Writes a new file and moves it over the old one.
/// </summary>
public class RelaxSymbolVersion : Task
{
    private const uint SectionTypeVersionNeeds = 0x6ffffffe;
    private const ushort FlagWeak = 2;

    public string File { get; set; }
    public string Version { get; set; }

    public override bool Execute()
    {
        byte[] elf = System.IO.File.ReadAllBytes(File);
        bool isElf64 = elf.Length > 64 && elf[0] == 0x7f && elf[1] == 'E' && elf[2] == 'L' && elf[3] == 'F' && elf[4] == 2 && elf[5] == 1;
        if (!isElf64)
        {
            Log.LogError("{0}: expected a 64-bit little-endian ELF file. Restore the TorchSharp package again.", File);
            return false;
        }
        if (!MarkWeak(elf)) return true;
        string temporary = File + ".relaxed";
        System.IO.File.WriteAllBytes(temporary, elf);
        if (System.IO.File.Exists(File)) System.IO.File.Delete(File);
        System.IO.File.Move(temporary, File);
        Log.LogMessage(MessageImportance.Normal, "{0}: {1} marked as weak.", File, Version);
        return true;
    }

    /// <summary>True when a flag was changed; false when the version is not needed or already weak.</summary>
    private bool MarkWeak(byte[] elf)
    {
        long sectionTable = BitConverter.ToInt64(elf, 40);
        int sectionSize = BitConverter.ToUInt16(elf, 58);
        int sections = BitConverter.ToUInt16(elf, 60);
        for (int i = 0; i < sections; i++)
        {
            int header = checked((int)(sectionTable + i * sectionSize));
            if (BitConverter.ToUInt32(elf, header + 4) != SectionTypeVersionNeeds) continue;
            int offset = checked((int)BitConverter.ToInt64(elf, header + 24));
            int stringsHeader = checked((int)(sectionTable + BitConverter.ToUInt32(elf, header + 40) * sectionSize));
            int strings = checked((int)BitConverter.ToInt64(elf, stringsHeader + 24));
            return MarkInNeeds(elf, offset, strings);
        }
        return false;
    }

    private bool MarkInNeeds(byte[] elf, int need, int strings)
    {
        while (true)
        {
            int count = BitConverter.ToUInt16(elf, need + 2);
            int entry = need + checked((int)BitConverter.ToUInt32(elf, need + 8));
            for (int i = 0; i < count; i++)
            {
                if (NameAt(elf, strings + checked((int)BitConverter.ToUInt32(elf, entry + 8))) == Version)
                {
                    if (BitConverter.ToUInt16(elf, entry + 4) == FlagWeak) return false;
                    BitConverter.GetBytes(FlagWeak).CopyTo(elf, entry + 4);
                    return true;
                }
                entry += checked((int)BitConverter.ToUInt32(elf, entry + 12));
            }
            uint next = BitConverter.ToUInt32(elf, need + 12);
            if (next == 0) return false;
            need += checked((int)next);
        }
    }

    private static string NameAt(byte[] elf, int at)
    {
        int end = Array.IndexOf(elf, (byte)0, at);
        return Encoding.ASCII.GetString(elf, at, end - at);
    }
}
