using System.Text.Json;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RetrievalAttention.Training;

/// <summary>
/// What a training is at any moment: weights, state of the optimiser, and the loss of every step so far, kept in one file that is exchanged as a whole. Data
/// of a step are drawn from the seed and the step's number, so a training that was stopped goes on exactly as if it had not been.
/// </summary>
/// <param name="settings">One line on which the course of the training depends; a file with another is refused.</param>
/// <param name="path">Of the checkpoint.</param>
public sealed class TrainingState(nn.Module model, OptimizerHelper optimizer, string settings, string path)
{
    private const string Magic = "retrieval-attention-training-1";

    private readonly List<double> _losses = [];

    /// <summary>One a step that was done.</summary>
    public IReadOnlyList<double> Losses => _losses;

    /// <summary>Steps that were done; also the number of the next.</summary>
    public int Step => _losses.Count;

    /// <summary>Notes a step that was done.</summary>
    public void Add(double loss) => _losses.Add(loss);

    /// <summary>Goes on where the file stands, if there is one.</summary>
    /// <exception cref="ProblemException">The file is of another training, or damaged.</exception>
    public void Resume()
    {
        if (!File.Exists(path)) return;
        try
        {
            using BinaryReader reader = new(File.OpenRead(path));
            if (reader.ReadString() != Magic) throw new InvalidDataException("it does not begin as one");
            string found = reader.ReadString();
            if (found != settings)
                throw new ProblemException(ProblemKind.Setting, $"{path} belongs to another training: it has {found}, expected {settings}. Name another folder with --out, or delete it.");
            _losses.AddRange(JsonSerializer.Deserialize<double[]>(reader.ReadString())!);
            model.load(reader);
            optimizer.load_state_dict(reader);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or JsonException or ArgumentException or FormatException)
        {
            throw new ProblemException(ProblemKind.Index, $"{path} is no checkpoint of a training, or damaged: {error.Message.TrimEnd('.')}. Delete it to train anew.", error);
        }
    }

    public void Save()
    {
        string temporary = path + ".new";
        using (FileStream file = File.Create(temporary))
        using (BinaryWriter writer = new(file))
        {
            writer.Write(Magic);
            writer.Write(settings);
            writer.Write(JsonSerializer.Serialize(_losses));
            model.save(writer);
            optimizer.save_state_dict(writer);
            writer.Flush();
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
