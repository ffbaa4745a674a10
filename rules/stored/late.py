"""Days to which readings came when others of them had expired, as the day book tells of them."""

from collections.abc import Sequence
from typing import NamedTuple

from contract.daybook import LATE_DAY
from rules.words import Reason, reason
from store import Condition, Query, Select, Store


class LateDay(NamedTuple):
    """What stays out of a school's day; where not exact, no more than that."""

    district: str
    school: str
    day: str
    readings: int
    exact: bool

    @property
    def reason(self) -> Reason:
        code = "unmatched.late" if self.exact else "unmatched.late_most"
        return reason(code, day=self.day, readings=self.readings)


def read_late(store: Store, *, school: str | None = None) -> Sequence[LateDay]:
    """The newest first. Raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=LATE_DAY,
            select=tuple(Select(name) for name in LATE_DAY.field_names),
            group_by=LATE_DAY.tag_names,
            where=() if school is None else (Condition("school", "=", school),),
        )
    )
    found = [
        LateDay(
            row.tags["district"],
            row.tags["school"],
            str(row.values["day"]),
            int(row.values["readings"] or 0),
            row.values["exact"] == 1,
        )
        for row in rows
    ]
    return sorted(found, key=lambda late: late.day, reverse=True)
