using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RetrievalAttention.App.Settings;
using RetrievalAttention.Catalog;
using RetrievalAttention.Ingestion;

namespace RetrievalAttention.App.Commands;

/// <summary>The background service: as a console program, a systemd unit or a Windows service.</summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        Option<string?> library = SharedOptions.Library();
        Command command = new("worker", SharedOptions.WithExamples(
            "Runs in the background: keeps the folders of Ingestion:WatchedFolders in the library and works through the queue, also for 'ra ingest' "
            + "and 'ra retry'. Stops at Ctrl-C or SIGTERM and goes on the next time.",
            "ra worker", "RA_Ingestion__WatchedFolders__0=~/Books ra worker --library papers"))
        {
            library,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(library), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? name, CancellationToken cancellation)
    {
        AllSettings settings = AllSettings.Load();
        using Library library = Library.OpenOrCreate(settings.Library, settings.Queue, name, TimeProvider.System);
        using StageSet stages = StageSet.Create(settings);
        stages.QueueForModels(library);
        using IHost host = Build(settings, library, stages);
        IngestionTelemetry.Observe(library);
        IngestionWorker worker = host.Services.GetServices<IHostedService>().OfType<IngestionWorker>().Single();
        try
        {
            await host.RunAsync(cancellation);
        }
        finally
        {
            // A step that did not end in time still holds the library, which must not be closed under it. The next run begins at the last checkpoint.
            if (worker.ExecuteTask is { IsCompleted: false }) Environment.Exit(ExitCodes.CutOff);
        }
        if (worker.ExecuteTask is { IsFaulted: true } fault) await fault;
        return ExitCodes.Success;
    }

    private static IHost Build(AllSettings settings, Library library, StageSet stages)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "ra" });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services
            .Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSystemd()
            .AddWindowsService(service => service.ServiceName = "RetrievalAttention")
            .Configure<HostOptions>(host => host.ShutdownTimeout = Program.StopWithin)
            .AddHostedService(services => new IngestionWorker(
                library, new IngestionPipeline(library, stages.Stages, settings.Ingestion, TimeProvider.System), settings.Ingestion, TimeProvider.System,
                services.GetRequiredService<ILogger<IngestionWorker>>()));
        if (settings.Telemetry.Endpoint is { } endpoint) AddTelemetry(builder.Services, new Uri(endpoint));
        return builder.Build();
    }

    private static void AddTelemetry(IServiceCollection services, Uri endpoint) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService("retrieval-attention-worker"))
        .WithMetrics(metrics => metrics.AddMeter(IngestionTelemetry.Name).AddOtlpExporter(exporter => exporter.Endpoint = endpoint))
        .WithTracing(traces => traces.AddSource(IngestionTelemetry.Name).AddOtlpExporter(exporter => exporter.Endpoint = endpoint));
}
