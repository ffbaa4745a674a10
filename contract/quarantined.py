"""What ingest says of its quarantine: how much of which gateway waits there, and for what kind of reason."""

from contract.types import Column, Measurement

# One moment of one ingest is one whole account: what has no row at its newest moment has nothing there.
# It is told again at least this often, so that what is older says nothing any more.
TOLD_EVERY_MS = 3_600_000
QUARANTINE = Measurement(
    name="quarantine",
    kept="states",
    tags=(
        Column(name="ingest", type="text", required=True, meaning="Ingest process, by its name or host"),
        Column(name="district", type="text", meaning="District; empty: all together"),
        Column(name="school", type="text", meaning="School; empty: not to be told, or all together"),
        Column(name="gateway", type="text", meaning="Gateway; empty: not to be told, or all together"),
    ),
    fields=(
        Column(name="entries", type="integer", unit="1", low=0, required=True, meaning="Messages set aside"),
        Column(name="readings", type="integer", unit="1", low=0, meaning="Readings in them, as far as known"),
        Column(name="newest", type="integer", unit="ms", meaning="When the newest was received"),
        Column(
            name="reason", type="text", meaning="Kind of the newest one's reason, without what was received"
        ),
    ),
    meaning="What stands in quarantine, by gateway.",
)
