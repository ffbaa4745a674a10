"""What is known of readings that are kept no more, and what must not go: tables of accounts."""

from contract.types import Column, Measurement


def _text(name: str, meaning: str) -> Column:
    return Column(name=name, type="text", required=True, meaning=meaning)


def _count(name: str, meaning: str) -> Column:
    return Column(name=name, type="integer", unit="1", low=0, required=True, meaning=meaning)


def _moment(name: str, meaning: str) -> Column:
    return Column(name=name, type="integer", unit="ms", low=0, required=True, meaning=meaning)


EXPIRED = Measurement(
    name="expired",
    kept="records",
    tags=(
        _text("district", "District, 6 digits"),
        _text("school", "School identification code, 10 digits"),
        _text("gateway", "Gateway of the school"),
        _text("epoch", "Identity of the gateway's spool"),
        _text("part", "What was dropped"),
    ),
    fields=(
        _moment("until_ms", "End of the time that was dropped"),
        _count("points", "Readings dropped, of batches that the gateway's account covered then"),
        _count("points_after", "Readings dropped, of later batches"),
        _count("first_seq", "First batch of which any were dropped"),
        _count("last_seq", "Last batch of which any were dropped"),
    ),
    meaning="Readings of a gateway that were stored and have expired; its time is the begin of that time.",
)

# A text has a limit: so many ranges of batches stand in one.
RANGES_IN_A_TEXT = 1000
EXPIRED_BATCHES = Measurement(
    name="expired_batches",
    kept="records",
    tags=(*EXPIRED.tags, _text("piece", "Number of the piece, from 0: a text has a limit")),
    fields=(_text("batches", "Batches of which any readings were dropped: 3-7 9 12-40"),),
    meaning="Which batches expired; one of these that comes again was stored. Its time is that of `expired`.",
)

HELD = Measurement(
    name="held",
    kept="records",
    tags=(_text("what", "What was handed in, such as a quarter"),),
    fields=(_moment("from_ms", "Begin of the time it rests on"), _moment("until_ms", "End of that time")),
    meaning="A span of time of which facts of days are kept, whatever their class says.",
)
HORIZON = Measurement(
    name="horizon",
    kept="records",
    tags=(_text("kept", "Class of retention"),),
    fields=(_moment("before_ms", "What is older was dropped"),),
    meaning="Up to when a class has been dropped, for stores that cannot tell it from their files.",
)
EXPIRY: dict[str, Measurement] = {table.name: table for table in (EXPIRED, EXPIRED_BATCHES, HELD, HORIZON)}
