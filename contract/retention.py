"""How long what is stored is kept, by class: the one table. Every measurement names its class (`kept`)."""

from dataclasses import dataclass, field
from functools import cache
from typing import get_args

from contract.types import Kept, Measurement, Point
from runtime.language import Text

# The tables of `states`, which rules make; those of the other classes are in the contract or never expire.
STATE_TABLES = (
    "certificate",
    "room_state",
    "gateway_state",
    "school_state",
    "collector_state",
    "standing",
    "stray",
    "watch_share",
)
KEPT: tuple[Kept, ...] = get_args(Kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionClass:
    """What a class holds, and for how many days; None: for ever. What is kept for ever cannot be limited."""

    name: Kept
    days: int | None
    holds: Text


CLASSES: dict[Kept, RetentionClass] = {
    found.name: found
    for found in (
        RetentionClass(
            name="readings",
            days=60,
            holds=Text("网关的原始读数和状态", "raw readings of gateways, and their status"),
        ),
        RetentionClass(
            name="states",
            days=60,
            holds=Text("每五分钟的现状，供图表使用", "how everything stood, every five minutes, for charts"),
        ),
        RetentionClass(
            name="days",
            days=3650,
            holds=Text("每日和每课时的事实", "facts of days and of lessons"),
        ),
        RetentionClass(
            name="records",
            days=None,
            holds=Text(
                "结论、台账、测点、告警、停用记录、账目",
                "verdicts, ledgers, surveys, alerts, retirements, accounts",
            ),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Retention:
    """The days of every class that can expire: the table's, or those of the settings."""

    days: dict[Kept, int] = field(
        default_factory=lambda: {name: kept.days for name, kept in CLASSES.items() if kept.days is not None}
    )


def kept_of(point: Point) -> Kept:
    """The class of one point."""
    if point.measurement.otherwise:
        for of_tags, place, values, kept in _rules(point.measurement):
            cells = point.tags if of_tags else point.fields
            if place < len(cells) and cells[place] in values:
                return kept
    return point.measurement.kept


@cache  # asked for every point that is written
def _rules(measurement: Measurement) -> tuple[tuple[bool, int, frozenset[str], Kept], ...]:
    """Where each rule looks: among the tags or the fields, and at which place."""
    tags, fields = measurement.tag_names, measurement.field_names
    return tuple(
        (
            rule.column in tags,
            (tags if rule.column in tags else fields).index(rule.column),
            rule.values,
            rule.kept,
        )
        for rule in measurement.otherwise
    )
