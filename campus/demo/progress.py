"""How far the demo is: readings stored, and which schools have verdicts from what was observed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from contract import READING_KINDS
from rules.standards.standard import Standard
from rules.stored.tables import VERDICT
from runtime.language import Text
from store import Query, Row, Select, Store

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the store holds at one moment. `verdicts`: (school, stage, indicator) → verdict and observed.

    what: the indicators that are waited for, and what they are called.
    """

    readings: int
    what: Mapping[str, Text]
    verdicts: dict[tuple[str, str, str], tuple[str, str | None]] = field(default_factory=dict)

    def line(self) -> str:
        """One line for the terminal."""
        if not self.readings:
            return str(Text("等待第一批读数", "waiting for the first readings"))
        parts = [str(Text(f"{self.readings} 条读数入库", f"{self.readings} readings stored"))]
        for indicator, name in self.what.items():
            found = [verdict for (_, _, of), (verdict, _) in self.verdicts.items() if of == indicator]
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
            verdict != "undetermined" and observed is not None
            for (school, _, of), (verdict, observed) in self.verdicts.items()
            if school == code and of == indicator
        ]
        return bool(found) and all(found)


def read_progress(store: Store, what: Mapping[str, Text]) -> Progress:
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
        readings=sum(_count(store, kind) for kind in READING_KINDS),
        verdicts={
            (row.tags["school"], row.tags["stage"], row.tags["indicator"]): _answer(row) for row in newest
        },
    )


def _answer(row: Row) -> tuple[str, str | None]:
    observed = row.values["observed"]
    return str(row.values["verdict"]), None if observed is None else str(observed)


def _count(store: Store, kind: str) -> int:
    rows = store.query(Query(measurement=READING_KINDS[kind], select=(Select("seq", "count", "n"),)))
    return sum(int(row.values["n"] or 0) for row in rows)
