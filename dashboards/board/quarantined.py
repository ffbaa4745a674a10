"""What stands in quarantine, as ingest last told it."""

import re
from dataclasses import dataclass

from contract.quarantined import QUARANTINE, TOLD_EVERY_MS
from dashboards.board.rows import int_of, text_of
from store import Query, Row, Select, Store

# What was not told again for so long says nothing any more.
_OLD_MS = 2 * TOLD_EVERY_MS
# Of what ingest leaves out one mark is enough: a moment has seven of them.
_HIDDEN = re.compile(r"…(?:[-:.T]*…)+Z?")
_FIELDS = ("entries", "readings", "newest", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineLine:
    """What waits of one gateway."""

    district: str
    school: str
    gateway: str
    entries: int
    readings: int | None
    newest_ms: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePage:
    """The gateways' lines, most readings first; `unplaced` messages are of nobody who can be told.

    told_ms: when the oldest of these accounts was given; None: never.
    """

    lines: tuple[QuarantineLine, ...]
    unplaced: int
    told_ms: int | None
    old: bool


def read_quarantine(store: Store, *, now_ms: int) -> QuarantinePage:
    """Raises StoreError."""
    found = store.query(
        Query(
            measurement=QUARANTINE,
            select=tuple(Select(name) for name in _FIELDS),
            group_by=QUARANTINE.tag_names,
            newest=1,
        )
    )
    told = {row.tags["ingest"]: 0 for row in found}
    for row in found:
        told[row.tags["ingest"]] = max(told[row.tags["ingest"]], row.time or 0)
    valid = [row for row in found if row.time == told[row.tags["ingest"]]]
    lines = [_line(row) for row in valid if row.tags["school"]]
    together = sum(int_of(row, "entries") or 0 for row in valid if not row.tags["school"])
    told_ms = min(told.values(), default=None)
    return QuarantinePage(
        lines=tuple(sorted(lines, key=lambda line: (-(line.readings or 0), -line.entries, line.school))),
        unplaced=max(together - sum(line.entries for line in lines), 0),
        told_ms=told_ms,
        old=told_ms is not None and now_ms - told_ms > _OLD_MS,
    )


def _line(row: Row) -> QuarantineLine:
    return QuarantineLine(
        district=row.tags["district"],
        school=row.tags["school"],
        gateway=row.tags["gateway"],
        entries=int_of(row, "entries") or 0,
        readings=int_of(row, "readings"),
        newest_ms=int_of(row, "newest"),
        reason=_HIDDEN.sub("…", text_of(row, "reason") or ""),
    )
