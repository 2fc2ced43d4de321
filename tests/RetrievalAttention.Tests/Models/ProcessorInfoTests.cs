using System.Runtime.Intrinsics.X86;
using RetrievalAttention.Models;

namespace RetrievalAttention.Tests.Models;

public class ProcessorInfoTests
{
    [Fact]
    public void ThisMachineHasANameAndCores()
    {
        ProcessorInfo processor = ProcessorInfo.Detect();
        Assert.NotEmpty(processor.Name);
        Assert.Equal(Environment.ProcessorCount, processor.Cores);
        Assert.Equal(Avx2.IsSupported, processor.Features.Contains("avx2"));
    }

    [Fact]
    public void WhatIsDetectedIsWhatTheKernelLists()
    {
        if (!OperatingSystem.IsLinux() || !X86Base.IsSupported) Assert.Skip("compares with the flags that Linux lists on x86");
        string[] kernel = ProcessorInfo.ValueOf(File.ReadLines("/proc/cpuinfo"), "flags")!.Split(' ');
        string[] known = ["avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_bf16", "amx_int8"];
        Assert.Equal(known.Where(kernel.Contains).Order(), ProcessorInfo.Detect().Features.Order());
    }

    [Fact]
    public void TheNameIsTheFirstModelNameThatIsNotEmpty()
    {
        string[] lines = ["processor\t: 0", "model name\t:", "model name\t: AMD EPYC 9: fast", "model name\t: other"];
        Assert.Equal("AMD EPYC 9: fast", ProcessorInfo.ValueOf(lines, "model name"));
        Assert.Null(ProcessorInfo.ValueOf([], "model name"));
    }
}
