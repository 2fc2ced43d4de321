using RetrievalAttention.Documents;
using RetrievalAttention.Documents.PlainText;

namespace RetrievalAttention.Tests.Documents;

public sealed class PlainTextConformance : DocumentReaderConformance
{
    protected override IDocumentReader Reader { get; } = new PlainTextReader();

    protected override IReadOnlyList<Specimen> Specimens =>
    [
        new(Fixture("treasure-island-cut.txt"),
            ["PART ONE--The Old Buccaneer", "The Old Sea-dog at the Admiral Benbow", "asked me to write down the whole particulars about Treasure Island",
             "\"Fifteen men on the dead man's chest--\nYo-ho-ho, and a bottle of rum!\"\n", "Black Dog Appears and Disappears", "IT was not very long", "PART TWO--The Sea-cook", "I Go to Bristol"],
            [], 5),
    ];
}
