namespace RetrievalAttention.App.Settings;

/// <summary>Where the background service sends metrics and traces. Section "Telemetry" of appsettings.json.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Address of an OpenTelemetry collector (OTLP over gRPC), such as http://localhost:4317. Default: none, nothing is sent.</summary>
    public string? Endpoint { get; init; }

    /// <exception cref="ProblemException">The endpoint is no http address.</exception>
    public void Validate()
    {
        if (Endpoint is not null && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"))
            throw new ProblemException(ProblemKind.Setting, $"Section \"Telemetry\" of appsettings.json: Endpoint is '{Endpoint}', expected an http address.");
    }
}
