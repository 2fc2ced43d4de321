using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace RetrievalAttention.App.Settings;

/// <summary>Takes sections out of the configuration and collects every fault, so that all are told at once.</summary>
internal sealed class SectionReader
{
    private const string Prefix = "RA_";

    private readonly IConfiguration _configuration;
    private readonly List<string> _faults = [];
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    private SectionReader(IConfiguration configuration) => _configuration = configuration;

    /// <exception cref="ProblemException">The file is no JSON.</exception>
    public static SectionReader Read(string? file)
    {
        ConfigurationBuilder builder = new();
        if (file is not null) builder.AddJsonFile(file, optional: false, reloadOnChange: false);
        builder.AddEnvironmentVariables(Prefix);
        try
        {
            return new SectionReader(builder.Build());
        }
        catch (InvalidDataException error)
        {
            throw new ProblemException(ProblemKind.Setting, $"'{file}' cannot be read: {error.InnerException?.Message ?? error.Message}", error);
        }
    }

    /// <param name="validate">Throws a <see cref="ProblemException"/> that names every value outside its range.</param>
    public T Take<T>(string name, Action<T>? validate = null)
        where T : class, new()
    {
        _taken.Add(name);
        IConfigurationSection section = _configuration.GetSection(name);
        NoteUnknown(typeof(T), section);
        try
        {
            T options = section.Get<T>() ?? new T();
            validate?.Invoke(options);
            return options;
        }
        catch (InvalidOperationException error)
        {
            _faults.Add($"{error.Message.TrimEnd('.')}{(error.InnerException is { } inner ? $" ({inner.Message.TrimEnd('.')})" : "")}.");
        }
        catch (ProblemException problem)
        {
            _faults.Add(problem.Message);
        }
        return new T();
    }

    /// <exception cref="ProblemException">Something was wrong in any section.</exception>
    public void ThrowIfFaulty()
    {
        foreach (IConfigurationSection section in _configuration.GetChildren().Where(s => !_taken.Contains(s.Key) && s.GetChildren().Any()))
            _faults.Add($"There is no section \"{section.Key}\"; the sections are {string.Join(", ", _taken)}.");
        if (_faults.Count > 0)
            throw new ProblemException(ProblemKind.Setting, $"Settings (appsettings.json and environment variables RA_…): {string.Join(" ", _faults)}");
    }

    private void NoteUnknown(Type options, IConfigurationSection section)
    {
        Dictionary<string, Type> settings = options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite)
            .ToDictionary(p => p.Name, p => p.PropertyType, StringComparer.OrdinalIgnoreCase);
        foreach (IConfigurationSection value in section.GetChildren())
        {
            if (!settings.TryGetValue(value.Key, out Type? type)) _faults.Add($"Section \"{section.Path}\" has no setting \"{value.Key}\"; it has {string.Join(", ", settings.Keys)}.");
            else if (type.Name.EndsWith("Options", StringComparison.Ordinal)) NoteUnknown(type, value);
        }
    }
}
