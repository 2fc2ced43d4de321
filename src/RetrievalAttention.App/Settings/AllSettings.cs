using Microsoft.Extensions.Configuration;
using RetrievalAttention.Answering;
using RetrievalAttention.Answering.Writing;
using RetrievalAttention.Catalog;
using RetrievalAttention.Documents;
using RetrievalAttention.Embeddings;
using RetrievalAttention.Indexing;
using RetrievalAttention.Ingestion;
using RetrievalAttention.Memory;
using RetrievalAttention.Passages;

namespace RetrievalAttention.App.Settings;

/// <summary>
/// All settings of the program: one immutable record per section of appsettings.json, each overridable by environment variables named
/// RA_Section__Property (RA_Library__Default=papers). Read and checked once, at the start of a command.
/// </summary>
public sealed record AllSettings
{
    private const string FileName = "appsettings.json";

    /// <summary>Folder of appsettings.json, from which relative paths count.</summary>
    public required string Home { get; init; }

    public required LibraryOptions Library { get; init; }

    public required JobQueueOptions Queue { get; init; }

    public required IngestionOptions Ingestion { get; init; }

    public required ReadingOptions Documents { get; init; }

    public required PassageOptions Passages { get; init; }

    public required EmbedderOptions Embeddings { get; init; }

    public required VectorOptions Vectors { get; init; }

    public required ModelOptions Model { get; init; }

    public required MemoryOptions Memory { get; init; }

    public required AnsweringOptions Answering { get; init; }

    public required WritingOptions Writing { get; init; }

    public required TelemetryOptions Telemetry { get; init; }

    /// <summary>Looks for the file beside the program and in the folders above it, then in the current folder and above; without one, defaults hold.</summary>
    /// <exception cref="ProblemException">Any value is wrong or any name unknown; the message lists all of them.</exception>
    public static AllSettings Load()
    {
        string? home = FindUpwards(AppContext.BaseDirectory) ?? FindUpwards(Environment.CurrentDirectory);
        return Load(home ?? Environment.CurrentDirectory, home is null ? null : Path.Combine(home, FileName));
    }

    /// <param name="file">Null for none.</param>
    /// <inheritdoc cref="Load()"/>
    public static AllSettings Load(string home, string? file)
    {
        SectionReader sections = SectionReader.Read(file);
        LibraryOptions library = sections.Take<LibraryOptions>("Library", o => o.Validate());
        IngestionOptions ingestion = sections.Take<IngestionOptions>("Ingestion", o => o.Validate());
        ModelOptions model = sections.Take<ModelOptions>("Model", o => o.Validate());
        AllSettings settings = new()
        {
            Home = home,
            Library = library with { Root = Absolute(library.Root) },
            Queue = sections.Take<JobQueueOptions>("Queue", o => o.Validate()),
            Ingestion = ingestion with { WatchedFolders = [.. ingestion.WatchedFolders.Select(Absolute)] },
            Documents = sections.Take<ReadingOptions>("Documents", o => o.Validate()),
            Passages = sections.Take<PassageOptions>("Passages", o => o.Validate()),
            Embeddings = sections.Take<EmbedderOptions>("Embeddings", o => o.Validate()),
            Vectors = sections.Take<VectorOptions>("Vectors", o => o.Validate()),
            Model = model with { Decoder = Absolute(model.Decoder), Embedder = Absolute(model.Embedder) },
            Memory = sections.Take<MemoryOptions>("Memory", o => o.Validate()),
            Answering = sections.Take<AnsweringOptions>("Answering", o => o.Validate()),
            Writing = sections.Take<WritingOptions>("Writing", o => o.Validate()),
            Telemetry = sections.Take<TelemetryOptions>("Telemetry", o => o.Validate()),
        };
        sections.ThrowIfFaulty();
        return settings;

        string Absolute(string path) => Path.GetFullPath(path, home);
    }

    private static string? FindUpwards(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, FileName))) return folder.FullName;
        return null;
    }
}
