"""Silences and maintenance windows: spans in which alerts are judged and kept as ever, and nobody is told.

A row a decision; the newest of a window stands, so that one can be ended early. The history stays.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from contract import Column, Measurement, Point
from store import Query, Select, Store

SilenceKind = Literal["silence", "maintenance"]
KINDS: tuple[SilenceKind, ...] = get_args(SilenceKind)
# In the place of a school: every school of the district.
ALL = "all"

SILENCE = Measurement(
    name="silence",
    kept="records",
    tags=(
        Column(name="district", type="text", required=True, meaning="District, 6 digits"),
        Column(name="school", type="text", required=True, meaning="School code, or all of the district"),
        Column(name="window", type="text", required=True, meaning="Names the window"),
    ),
    fields=(
        Column(name="kind", type="text", required=True, choices=KINDS, meaning="Why nobody is told"),
        Column(name="alert", type="text", meaning="Only this alert; missing: every one"),
        Column(name="subject", type="text", meaning="Only this subject; missing: every one"),
        Column(name="room", type="text", meaning="Only what stands in this room; missing: every room"),
        Column(name="begin_ms", type="integer", unit="ms", low=0, required=True, meaning="From here on"),
        Column(name="end_ms", type="integer", unit="ms", low=0, required=True, meaning="Until here"),
        Column(name="reason", type="text", required=True, meaning="Why, in the words of whoever decided"),
        Column(name="who", type="text", required=True, meaning="Who decided"),
    ),
    meaning="One decision about a span in which alerts are not told. Its end is brought forward to end it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One window as it was decided at a moment."""

    district: str
    school: str
    window: str
    kind: SilenceKind
    begin_ms: int
    end_ms: int
    reason: str
    who: str
    decided_ms: int
    alert: str = ""
    subject: str = ""
    room: str = ""

    def covers(self, district: str, school: str, alert: str, subject: str, room: str) -> bool:
        """Whether an alert is inside, at whatever time. A room's window holds itself and its things."""
        return (
            district == self.district
            and self.school in {school, ALL}
            and self.alert in {"", alert}
            and self.subject in {"", subject}
            and (not self.room or self.room in {room, subject})
        )


@dataclass(frozen=True, slots=True)
class Silences:
    """Every decision, by the window, oldest first: what was in force is told for any moment of the past."""

    decisions: Mapping[str, Sequence[Silence]] = field(default_factory=dict)

    def known_at(self, instant_ms: int) -> Iterator[Silence]:
        """Every window as it stood by the decisions made until a moment."""
        for decisions in self.decisions.values():
            made = [decision for decision in decisions if decision.decided_ms <= instant_ms]
            if made:
                yield made[-1]

    def at(self, instant_ms: int) -> list[Silence]:
        """Those in force at a moment."""
        return [known for known in self.known_at(instant_ms) if known.begin_ms <= instant_ms < known.end_ms]


def silence_point(silence: Silence) -> Point:
    """The decision as the store keeps it."""
    return Point(
        SILENCE,
        (silence.district, silence.school, silence.window),
        silence.decided_ms,
        (
            silence.kind,
            silence.alert or None,
            silence.subject or None,
            silence.room or None,
            silence.begin_ms,
            silence.end_ms,
            silence.reason,
            silence.who,
        ),
    )


def read_silences(store: Store) -> Silences:
    """Every decision there is: they are few. Raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=SILENCE,
            select=tuple(Select(name) for name in SILENCE.field_names),
            group_by=SILENCE.tag_names,
        )
    )
    found: dict[str, list[Silence]] = defaultdict(list)
    for row in rows:
        kind: SilenceKind = next((kind for kind in KINDS if kind == row.values["kind"]), "silence")
        found[row.tags["window"]].append(
            Silence(
                district=row.tags["district"],
                school=row.tags["school"],
                window=row.tags["window"],
                alert=str(row.values["alert"] or ""),
                subject=str(row.values["subject"] or ""),
                room=str(row.values["room"] or ""),
                reason=str(row.values["reason"] or ""),
                who=str(row.values["who"] or ""),
                kind=kind,
                begin_ms=int(row.values["begin_ms"] or 0),
                end_ms=int(row.values["end_ms"] or 0),
                decided_ms=row.time or 0,
            )
        )
    return Silences(
        {window: sorted(each, key=lambda decision: decision.decided_ms) for window, each in found.items()}
    )
