namespace RetrievalAttention.Memory.Scanning;

/// <summary>A register of numbers, one a token, in one instruction set: what a scan of keys is made of.</summary>
internal unsafe interface IKeyLanes<TSelf>
    where TSelf : struct, IKeyLanes<TSelf>
{
    static abstract int Width { get; }

    static abstract TSelf All(float x);

    static abstract TSelf Load(float* from);

    /// <summary>Int8 codes as numbers.</summary>
    static abstract TSelf LoadCodes(sbyte* from);

    static abstract void Store(TSelf x, float* to);

    static abstract TSelf Add(TSelf a, TSelf b);

    static abstract TSelf Multiply(TSelf a, TSelf b);

    /// <summary>a · b + c.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>To the nearest whole number.</summary>
    static abstract TSelf Round(TSelf x);

    /// <summary>2^x for whole x from -126 to 127.</summary>
    static abstract TSelf PowerOfTwo(TSelf x);

    static abstract float Largest(TSelf x);

    static abstract float Sum(TSelf x);
}
