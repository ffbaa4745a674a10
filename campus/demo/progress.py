"""How far the demo is: readings stored, and which schools have verdicts from what was observed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from contract import STATUS
from rules.standards.standard import Standard
from rules.stored.tables import VERDICT
from runtime.language import Text
from store import Condition, Query, Row, Select, Store

_MARKS = {
    "pass": Text("✓ 达标", "✓ pass"),
    "fail": Text("✗ 未达标", "✗ fail"),
    "undetermined": Text("? 未判定", "? undetermined"),
}


def watched(standard: Standard) -> dict[str, Text]:
    """What the demo waits for: wireless, and the rooms of multimedia, whatever the standard calls them."""
    rooms = (one.code for one in standard.indicators if one.item == "multimedia_rooms")
    return {"wireless": Text("无线", "wireless")} | dict.fromkeys(rooms, Text("多媒体", "multimedia"))


class HasCode(Protocol):
    """A school, as far as this page needs one."""

    @property
    def code(self) -> str: ...


class Answer(NamedTuple):
    """A verdict, what it rests on, and when it was given."""

    verdict: str
    observed: str | None
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the store holds at one moment. `verdicts`: the newest by (school, stage, indicator).

    readings: what the gateways at work now know to be stored. what: the indicators that are waited for, and
    what they are called. since_ms: older verdicts are of the past.
    """

    readings: int
    what: Mapping[str, Text]
    since_ms: float = 0
    verdicts: dict[tuple[str, str, str], Answer] = field(default_factory=dict)

    def line(self) -> str:
        """One line for the terminal."""
        if not self.readings:
            return str(Text("等待第一批读数", "waiting for the first readings"))
        parts = [str(Text(f"{self.readings} 条读数入库", f"{self.readings} readings stored"))]
        for indicator, name in self.what.items():
            found = [one.verdict for (_, _, of), one in self.verdicts.items() if of == indicator]
            marks = (f"{found.count(verdict)} {mark}" for verdict, mark in _MARKS.items())
            parts.append(f"{name} {' '.join(marks)}")
        return " · ".join(parts) if self.verdicts else parts[0]

    def missing(self, schools: Iterable[HasCode]) -> list[str]:
        """What has no verdict from observed data yet: `2112000001 无线`."""
        return [
            f"{school.code} {name}"
            for school in schools
            for indicator, name in self.what.items()
            if not self._judged(school.code, indicator)
        ]

    def complete(self, schools: Iterable[HasCode]) -> bool:
        return not self.missing(schools)

    def _judged(self, code: str, indicator: str) -> bool:
        found = [
            one.verdict != "undetermined" and one.observed is not None and one.time_ms > self.since_ms
            for (school, _, of), one in self.verdicts.items()
            if school == code and of == indicator
        ]
        return bool(found) and all(found)


def read_progress(store: Store, what: Mapping[str, Text], *, since_ms: float = 0) -> Progress:
    """Ask the store; raises Unavailable."""
    newest = store.query(
        Query(
            measurement=VERDICT,
            select=(Select("verdict"), Select("observed")),
            group_by=("school", "stage", "indicator"),
            newest=1,
        )
    )
    return Progress(
        what=what,
        readings=_acknowledged(store),
        since_ms=since_ms,
        verdicts={
            (row.tags["school"], row.tags["stage"], row.tags["indicator"]): _answer(row) for row in newest
        },
    )


def _answer(row: Row) -> Answer:
    observed = row.values["observed"]
    return Answer(
        verdict=str(row.values["verdict"]),
        observed=None if observed is None else str(observed),
        time_ms=row.time or 0,
    )


def _acknowledged(store: Store) -> int:
    """By the gateways' newest accounts: counting a term's readings every second would be work."""
    rows = store.query(
        Query(
            measurement=STATUS,
            select=(Select("acknowledged"),),
            group_by=STATUS.tag_names,
            where=(Condition("acknowledged", ">=", 0),),
            newest=1,
        )
    )
    return sum(int(row.values["acknowledged"] or 0) for row in rows)
