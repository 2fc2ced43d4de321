using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace RetrievalAttention.Memory.OnDevice;

/// <summary>How much memory of its own a device has free. libtorch knows, but TorchSharp does not tell; NVIDIA's driver does.</summary>
internal static partial class DeviceMemory
{
    private const string Driver = "cuda-driver";

    static DeviceMemory() => NativeLibrary.SetDllImportResolver(typeof(DeviceMemory).Assembly, (name, _, _) =>
        name == Driver ? NativeLibrary.Load(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1") : 0);

    /// <summary>Free bytes; null for a device without memory of its own, or where the driver does not say.</summary>
    public static long? Free(Device device)
    {
        if (device.type != DeviceType.CUDA) return null;
        try
        {
            if (Initialize(0) != 0 || GetDevice(out int number, Math.Max(0, device.index)) != 0 || RetainContext(out nint context, number) != 0) return null;
            try
            {
                if (PushContext(context) != 0) return null;
                bool told = GetMemory(out nuint free, out _) == 0;
                PopContext(out _);
                return told ? (long)free : null;
            }
            finally
            {
                ReleaseContext(number);
            }
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport(Driver, EntryPoint = "cuInit")]
    private static partial int Initialize(uint flags);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGet")]
    private static partial int GetDevice(out int device, int ordinal);

    // The context that libtorch works in, so that nothing is made anew.
    [LibraryImport(Driver, EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static partial int RetainContext(out nint context, int device);

    [LibraryImport(Driver, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    private static partial int ReleaseContext(int device);

    [LibraryImport(Driver, EntryPoint = "cuCtxPushCurrent_v2")]
    private static partial int PushContext(nint context);

    [LibraryImport(Driver, EntryPoint = "cuCtxPopCurrent_v2")]
    private static partial int PopContext(out nint context);

    [LibraryImport(Driver, EntryPoint = "cuMemGetInfo_v2")]
    private static partial int GetMemory(out nuint free, out nuint total);
}
