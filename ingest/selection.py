"""Choosing among what is in quarantine, and seeing it by what is wrong instead of one by one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.quarantine import Entry

# What differs between two cases of one trouble: numbers, quoted values, what was received instead.
_PARTICULAR = re.compile(r"\(got .*|'[^']*'|\"[^\"]*\"|\d+|; and .* more$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entries are meant; what is not given leaves all."""

    ids: tuple[str, ...] = ()
    school: str | None = None
    gateway: str | None = None
    reason: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing was chosen at all."""
        return self == Selection()

    def holds(self, entry: Entry) -> bool:
        address = entry.address
        return (
            (not self.ids or entry.id.startswith(self.ids))
            and (self.school is None or (address is not None and address.school == self.school))
            and (self.gateway is None or (address is not None and address.gateway == self.gateway))
            and (self.reason is None or self.reason.lower() in entry.reason.lower())
            and (self.since_ms is None or entry.received_ms >= self.since_ms)
            and (self.until_ms is None or entry.received_ms < self.until_ms)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries of one school with one kind of reason, and an example of it."""

    school: str
    example: str
    entries: int
    readings: int
    first_ms: int
    last_ms: int


def grouped(entries: Iterable[Entry]) -> list[Group]:
    """The kinds of trouble, the most readings first."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        school = entry.address.school if entry.address else ""
        found.setdefault((school, kind_of(entry.reason)), []).append(entry)
    groups = [
        Group(
            school=school,
            example=alike[0].reason,
            entries=len(alike),
            readings=sum(entry.readings for entry in alike),
            first_ms=min(entry.received_ms for entry in alike),
            last_ms=max(entry.received_ms for entry in alike),
        )
        for (school, _), alike in found.items()
    ]
    return sorted(groups, key=lambda group: (-group.readings, -group.entries, group.school, group.example))


def kind_of(reason: str) -> str:
    """A reason without its particulars: `readings.3: radio.clients: …` for every number and value."""
    return _PARTICULAR.sub("…", reason)
