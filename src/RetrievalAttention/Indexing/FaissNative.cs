using System.Runtime.InteropServices;

namespace RetrievalAttention.Indexing;

/// <summary>The functions of libra_faiss.so (src/native/faiss-shim), which only some machines have.</summary>
internal sealed unsafe class FaissNative
{
    private const string FileName = "libra_faiss.so";

    private readonly delegate* unmanaged[Cdecl]<byte*> _error;

    private FaissNative(nint library)
    {
        nint Find(string name) => NativeLibrary.GetExport(library, name);
        _error = (delegate* unmanaged[Cdecl]<byte*>)Find("ra_faiss_error");
        Create = (delegate* unmanaged[Cdecl]<int, byte*, nint>)Find("ra_faiss_create");
        Free = (delegate* unmanaged[Cdecl]<nint, void>)Find("ra_faiss_free");
        Count = (delegate* unmanaged[Cdecl]<nint, long>)Find("ra_faiss_count");
        Train = (delegate* unmanaged[Cdecl]<nint, long, float*, int>)Find("ra_faiss_train");
        Add = (delegate* unmanaged[Cdecl]<nint, long, float*, int>)Find("ra_faiss_add");
        Set = (delegate* unmanaged[Cdecl]<nint, byte*, double, int>)Find("ra_faiss_set");
        Search = (delegate* unmanaged[Cdecl]<nint, float*, long, delegate* unmanaged[Cdecl]<long, nint, int>, nint, float*, long*, int>)Find("ra_faiss_search");
        Read = (delegate* unmanaged[Cdecl]<nint, long, float*, int>)Find("ra_faiss_read");
        Save = (delegate* unmanaged[Cdecl]<nint, long*, byte*>)Find("ra_faiss_save");
        FreeBuffer = (delegate* unmanaged[Cdecl]<byte*, void>)Find("ra_faiss_free_buffer");
        LoadBuffer = (delegate* unmanaged[Cdecl]<byte*, long, nint>)Find("ra_faiss_load");
    }

    public delegate* unmanaged[Cdecl]<int, byte*, nint> Create { get; }

    public delegate* unmanaged[Cdecl]<nint, void> Free { get; }

    public delegate* unmanaged[Cdecl]<nint, long> Count { get; }

    public delegate* unmanaged[Cdecl]<nint, long, float*, int> Train { get; }

    public delegate* unmanaged[Cdecl]<nint, long, float*, int> Add { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, double, int> Set { get; }

    public delegate* unmanaged[Cdecl]<nint, float*, long, delegate* unmanaged[Cdecl]<long, nint, int>, nint, float*, long*, int> Search { get; }

    public delegate* unmanaged[Cdecl]<nint, long, float*, int> Read { get; }

    public delegate* unmanaged[Cdecl]<nint, long*, byte*> Save { get; }

    public delegate* unmanaged[Cdecl]<byte*, void> FreeBuffer { get; }

    public delegate* unmanaged[Cdecl]<byte*, long, nint> LoadBuffer { get; }

    public static bool IsThere(FaissOptions options) => File.Exists(PathOf(options));

    /// <exception cref="ProblemException">The library is missing or does not load; the message says how to build it.</exception>
    public static FaissNative Load(FaissOptions options)
    {
        string path = PathOf(options);
        if (!File.Exists(path))
        {
            throw new ProblemException(ProblemKind.Environment,
                $"The FAISS index needs {path}, which is not there. Build it (apt-get install cmake g++ libfaiss-dev libopenblas-dev; cmake -S src/native/faiss-shim -B src/native/faiss-shim/build; cmake --build src/native/faiss-shim/build; then build the program again), or choose the exact or the hnsw index.");
        }
        try
        {
            return new FaissNative(NativeLibrary.Load(path));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new ProblemException(ProblemKind.Environment, $"The library {path} does not load: {e.Message} Build it again on this machine, or choose the exact or the hnsw index.", e);
        }
    }

    /// <exception cref="ProblemException">Always, unless the call succeeded.</exception>
    public void Check(bool succeeded)
    {
        if (!succeeded)
            throw new ProblemException(ProblemKind.Index, $"FAISS reports: {Marshal.PtrToStringUTF8((nint)_error())} Choose the exact index in the settings, or {Rebuilding.Advice}");
    }

    private static string PathOf(FaissOptions options) => Path.GetFullPath(options.Library ?? Path.Combine(AppContext.BaseDirectory, FileName));
}
