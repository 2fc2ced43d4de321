namespace RetrievalAttention.Answering.Summaries;

/// <summary>How it is decided which sentences stand for a stretch of text; 'ra eval summary' compares them.</summary>
public enum SentenceChoice
{
    /// <summary>The first sentences.</summary>
    Lead,

    /// <summary>Sentences by chance: what every other choice has to beat.</summary>
    Random,

    /// <summary>Sentences whose vectors are nearest to the mean of the stretch (Radev et al. 2004).</summary>
    Centroid,

    /// <summary>Sentences that many others resemble, which many others resemble in turn (Erkan and Radev 2004).</summary>
    LexRank,

    /// <summary>Sentences of words that are frequent in the stretch (Nenkova and Vanderwende 2005).</summary>
    Frequency,

    /// <summary>Sentences rich in names, numbers and rare words for their length.</summary>
    Detail,

    /// <summary>Sentences that together leave no sentence of the stretch far from its nearest (Lin and Bilmes 2011).</summary>
    Coverage,

    /// <summary>The mean of the ranks by centroid, frequency and detail.</summary>
    Mixture,

    /// <summary>The same, less what is not understood without its neighbours: fragments, bare speech, words that point back.</summary>
    Readable,

    /// <summary>Sentences of blocks at which later text looks back most; only where that was measured. It showed no gain, so reading does not count it.</summary>
    Attention,

    /// <summary>The mean of the ranks by centroid, frequency, detail and attention received.</summary>
    MixtureWithAttention,
}
