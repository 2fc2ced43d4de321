using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Microsoft.Win32;

namespace RetrievalAttention.Models;

/// <summary>The processor of this machine, as it says itself: what speed and number formats can be expected of it.</summary>
public sealed partial record ProcessorInfo
{
    private static readonly string[] BFloat16Features = ["avx512_bf16", "amx_bf16", "bf16"];

    /// <summary>As its maker writes it; the architecture where the machine does not tell.</summary>
    public required string Name { get; init; }

    /// <summary>Logical cores that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>What matters for matrix products, in the names of Linux: avx2, fma, avx512f, avx512_bf16, avx512_vnni, avx_vnni, amx_bf16, amx_int8, asimd, bf16.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>There are instructions for bfloat16 products. Whether a library uses them, and is faster for it, must be measured.</summary>
    public bool HasBFloat16 => BFloat16Features.Any(Features.Contains);

    public static ProcessorInfo Detect()
    {
        string[] linux = OperatingSystem.IsLinux() && File.Exists("/proc/cpuinfo") ? File.ReadAllLines("/proc/cpuinfo") : [];
        return new ProcessorInfo
        {
            Name = FindName(linux) ?? $"unnamed {RuntimeInformation.ProcessArchitecture} processor",
            Cores = Environment.ProcessorCount,
            Features = [.. X86Base.IsSupported ? X86Features(linux) : ArmFeatures(linux)],
        };
    }

    /// <summary>The value of a line "key : value" of /proc/cpuinfo, or null.</summary>
    internal static string? ValueOf(IEnumerable<string> cpuInfo, string key) => cpuInfo
        .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
        .FirstOrDefault(parts => parts.Length == 2 && parts[0] == key && parts[1].Length > 0)?[1];

    private static string? FindName(string[] linux)
    {
        if (OperatingSystem.IsWindows())
            return (Registry.GetValue(@"HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\0", "ProcessorNameString", null) as string)?.Trim();
        return OperatingSystem.IsMacOS() ? SystemText("machdep.cpu.brand_string") : ValueOf(linux, "model name");
    }

    /// <summary>Instructions that the processor has and the operating system allows.</summary>
    private static IEnumerable<string> X86Features(string[] linux)
    {
        if (Avx2.IsSupported) yield return "avx2";
        if (Fma.IsSupported) yield return "fma";
        (_, _, int ecx, int edx) = Leaf7(subleaf: 0);
        (int eax, _, _, _) = Leaf7(subleaf: 1);
        if (Avx512F.IsSupported)
        {
            yield return "avx512f";
            if (Bit(ecx, 11)) yield return "avx512_vnni";
            if (Bit(eax, 5)) yield return "avx512_bf16";
        }
        if (Avx2.IsSupported && Bit(eax, 4)) yield return "avx_vnni";

        // The tile registers need the operating system; only Linux tells whether it saves them.
        string[] kernel = ValueOf(linux, "flags")?.Split(' ') ?? [];
        if (Bit(edx, 22) && kernel.Contains("amx_bf16")) yield return "amx_bf16";
        if (Bit(edx, 25) && kernel.Contains("amx_int8")) yield return "amx_int8";
    }

    private static IEnumerable<string> ArmFeatures(string[] linux)
    {
        if (AdvSimd.IsSupported) yield return "asimd";
        bool bf16 = OperatingSystem.IsMacOS() ? SystemFlag("hw.optional.arm.FEAT_BF16") : ValueOf(linux, "Features")?.Split(' ').Contains("bf16") == true;
        if (bf16) yield return "bf16";
    }

    /// <summary>CPUID leaf 7, "structured extended features"; zeros where the processor has no such leaf.</summary>
    private static (int Eax, int Ebx, int Ecx, int Edx) Leaf7(int subleaf) => X86Base.CpuId(0, 0).Eax >= 7 ? X86Base.CpuId(7, subleaf) : default;

    private static bool Bit(int register, int bit) => (register >> bit & 1) == 1;

    private static string? SystemText(string name)
    {
        nuint length = 0;
        if (SystemControl(name, null, ref length, 0, 0) != 0 || length == 0) return null;
        byte[] text = new byte[length];
        return SystemControl(name, text, ref length, 0, 0) == 0 ? Encoding.UTF8.GetString(text).TrimEnd('\0') : null;
    }

    private static bool SystemFlag(string name)
    {
        byte[] flag = new byte[sizeof(int)];
        nuint length = sizeof(int);
        return SystemControl(name, flag, ref length, 0, 0) == 0 && BitConverter.ToInt32(flag) == 1;
    }

    /// <summary>macOS only.</summary>
    [LibraryImport("libc", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SystemControl(string name, byte[]? value, ref nuint length, nint newValue, nuint newLength);
}
