namespace RetrievalAttention.Models;
public sealed record ChatTemplate(string? DefaultSystem)
{
    public static ChatTemplate For(IModelWeights w) => new("You are a helpful AI assistant named SmolLM, trained by Hugging Face");
    public string Header(string? system) => $"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n";
    public string EndOfUser => "<|im_end|>\n<|im_start|>assistant\n";
}
