namespace RetrievalAttention.EndToEnd;

public class PlaceholderTests
{
    [Fact]
    public void TheProgramWasBuilt() => Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "ra.dll")));
}
