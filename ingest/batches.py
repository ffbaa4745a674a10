"""Which batches of a gateway's spool have expired: taken down one by one: one that comes again is known."""

from collections.abc import Iterable, Iterator, Sequence

from contract import Point
from contract.expiry import EXPIRED, EXPIRED_BATCHES, RANGES_IN_A_TEXT
from store import Condition, Query, Row, Select, Store

Spool = tuple[str, ...]  # district, school, gateway, epoch
SPOOL = ("district", "school", "gateway", "epoch")


def expired_rows(store: Store, part: str | None = None) -> list[Row]:
    """How much has expired, of every epoch and part; raises store.Unavailable."""
    return store.query(
        Query(
            measurement=EXPIRED,
            select=tuple(Select(name) for name in EXPIRED.field_names),
            group_by=EXPIRED.tag_names,
            where=(Condition("part", "=", part),) if part else (),
        )
    )


def expired_batches(part: str, begin_ms: int, spool: Spool, batches: set[int]) -> list[Point]:
    """What is to be kept of it."""
    found = [f"{first}-{last}" if first < last else f"{first}" for first, last in ranges(batches)]
    pieces = [found[at : at + RANGES_IN_A_TEXT] for at in range(0, len(found), RANGES_IN_A_TEXT)]
    return [
        Point(EXPIRED_BATCHES, (*spool, part, str(number)), begin_ms, (" ".join(piece),))
        for number, piece in enumerate(pieces)
    ]


def read_batches(store: Store, part: str, spool: Spool) -> set[int]:
    """Those of a part that are known one by one; raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=EXPIRED_BATCHES,
            select=(Select("batches"),),
            group_by=("piece",),
            where=(*batch_conditions(spool), Condition("part", "=", part)),
        )
    )
    texts = (text for row in rows for text in str(row.values["batches"] or "").split())
    return {seq for text in texts for seq in _span(text)}


def known_batches(store: Store, part: str, spool: Spool, told: Row | None) -> set[int]:
    """Those that were taken down already; an earlier version told only the first and the last."""
    known = read_batches(store, part, spool)
    if known or told is None:
        return known
    return set(range(int(told.values["first_seq"] or 0), int(told.values["last_seq"] or 0) + 1))


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The numbers as closed ranges, in order."""
    return list(_ranges(sorted(numbers)))


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for number in numbers:
        if first and number == last + 1:
            last = number
            continue
        if first:
            yield first, last
        first = last = number
    if first:
        yield first, last


def _span(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def batch_conditions(spool: Spool) -> tuple[Condition, ...]:
    """Rows of one epoch of a gateway's spool."""
    return tuple(Condition(tag, "=", value) for tag, value in zip(SPOOL, spool, strict=True))
