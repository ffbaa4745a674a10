"""Who has taken up an alert: it holds for the episode that it was given for, and no later one."""

from collections.abc import Mapping
from dataclasses import dataclass

from contract import Column, Measurement, Point
from store import Query, Select, Store

ACKNOWLEDGEMENT = Measurement(
    name="acknowledgement",
    kept="records",
    tags=(
        Column(name="district", type="text", required=True, meaning="District, 6 digits"),
        Column(name="school", type="text", required=True, meaning="School code, 10 digits"),
        Column(name="alert", type="text", required=True, meaning="Name of the alert"),
        Column(name="subject", type="text", required=True, meaning="What the alert is about"),
    ),
    fields=(
        Column(
            name="since_ms",
            type="integer",
            unit="ms",
            low=0,
            required=True,
            meaning="When the trouble began that was taken up",
        ),
        Column(name="who", type="text", required=True, meaning="Who has taken it up"),
        Column(name="note", type="text", meaning="What they do about it"),
    ),
    meaning="Somebody has taken up an alert.",
)
# (district, school, alert, subject)
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """One alert taken up; `since_ms` names the episode."""

    key: Key
    since_ms: int
    who: str
    note: str
    time_ms: int


def acknowledgement_point(given: Acknowledgement) -> Point:
    return Point(ACKNOWLEDGEMENT, given.key, given.time_ms, (given.since_ms, given.who, given.note or None))


def read_acknowledgements(store: Store) -> Mapping[Key, Acknowledgement]:
    """The newest of every alert. Raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=ACKNOWLEDGEMENT,
            select=tuple(Select(name) for name in ACKNOWLEDGEMENT.field_names),
            group_by=ACKNOWLEDGEMENT.tag_names,
            newest=1,
        )
    )
    found: dict[Key, Acknowledgement] = {}
    for row in rows:
        key = (row.tags["district"], row.tags["school"], row.tags["alert"], row.tags["subject"])
        found[key] = Acknowledgement(
            key=key,
            since_ms=int(row.values["since_ms"] or 0),
            who=str(row.values["who"] or ""),
            note=str(row.values["note"] or ""),
            time_ms=row.time or 0,
        )
    return found
