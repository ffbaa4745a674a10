"""One school's day as the day book keeps it: counts by device and lesson, exact, and packed as text.

`SchoolDay` is what evaluations read. `Rest` is what only the tables for charts hold beside it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from pydantic_core import from_json

from registry.calendar import Interval
from rules.daybook.lessons import Answers

Place = tuple[str, str]  # district, school
ApKey = tuple[str, str]  # room, access point
DeviceKey = tuple[str, str, str]  # room, device, type
RadioKey = tuple[str, str, str]  # room, access point, radio
_VERSION = 1
_ADDED = 2  # counts of a device that entries of an earlier version may lack


class ApCounts(NamedTuple):
    """An access point in school hours: polls, of these unknown and up, and its last one."""

    polls: int
    unknown: int
    up: int
    last_ms: int
    last_state: str | None


class DeviceCounts(NamedTuple):
    """A device in school hours.

    answered: of the polls. on: answered, and on; on_faulty, faulty: answered, reporting an error. known:
    answers with a power state, lit: of these on or warming up. lessons: known and lit of each that is over.
    by_presence, by_watts: of the known those that rest on no more than that.
    """

    polls: int
    answered: int
    on: int
    on_faulty: int
    faulty: int
    known: int
    lit: int
    last_ms: int
    lessons: tuple[int, ...]
    by_presence: int = 0
    by_watts: int = 0

    def answers(self, lesson: int) -> Answers:
        return Answers(self.lessons[2 * lesson], self.lessons[2 * lesson + 1])


class RoundCounts(NamedTuple):
    """A collector's rounds, and of these the whole ones."""

    rounds: int
    whole: int


class GatewayClock(NamedTuple):
    """A gateway's clock on a day, as it reported it: the server's time minus its own."""

    offset_ms: int
    wrong: bool


class Lesson(NamedTuple):
    """A lesson slot of the day that is over."""

    name: str
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolDay:
    """All counts of one school's day, up to a moment.

    said, shown: ms from one poll to the next by kind of reading, as gateways say, and where they do not as
    polls show. own: by kind and name, of devices that are asked more often than these say. spared: of these
    ms in which nothing was due, for in a part of the day they were asked less often. rounds: by collector.
    clocks: by gateway, where one was reported. gateways: all that asked any device, of several with the
    names of what each asked; entries of earlier versions have none.
    """

    hours: Interval
    lessons: tuple[Lesson, ...] = ()
    aps: Mapping[ApKey, ApCounts] = field(default_factory=dict)
    devices: Mapping[DeviceKey, DeviceCounts] = field(default_factory=dict)
    said: Mapping[str, int] = field(default_factory=dict)
    shown: Mapping[str, int] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    spared: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rounds: Mapping[str, RoundCounts] = field(default_factory=dict)
    clocks: Mapping[str, GatewayClock] = field(default_factory=dict)
    gateways: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.aps or self.devices or self.rounds or self.clocks)

    def interval_ms(self, kind: str, name: str = "") -> int | None:
        """Ms from one poll to the next of a device; without its name, of most."""
        if self.own and (own := self.own.get(kind, {}).get(name)):
            return own
        return self.said.get(kind) or self.shown.get(kind)

    def due_polls(self, kind: str, name: str, length_ms: int) -> int:
        """How often a device should have been asked in so long a day; 0 where nobody knows its pace.

        Where the pace changed, a round stands for its own; for the rest of the day the quickest is due.
        """
        interval_ms = self.interval_ms(kind, name)
        if not interval_ms:
            return 0
        spared_ms = self.spared.get(kind, {}).get(name, 0) if self.spared else 0
        return max(0, length_ms - spared_ms) // interval_ms

    def askers_of(self, name: str) -> frozenset[str]:
        """The gateways that asked a device; none where nobody knows."""
        if len(self.gateways) == 1:
            return frozenset(self.gateways)
        return frozenset(gateway for gateway, names in self.gateways.items() if name in names)


class ApRest(NamedTuple):
    clients_known: int
    clients_sum: int
    clients_most: int | None
    first_ms: int
    last_ms: int


class DeviceRest(NamedTuple):
    """lit_outside: answers that were on, outside school hours. faults: errors of each lesson that is over."""

    lit_outside: int
    first_ms: int
    last_ms: int
    faults: tuple[int, ...]


class RadioCounts(NamedTuple):
    """A radio in school hours. lessons: of each that is over known, sum and percentile of busy, noise and
    clients; entries of earlier versions have none."""

    busy_known: int
    busy_sum: int
    busy_p95: int | None
    noise_known: int
    noise_sum: int
    noise_p95: int | None
    lessons: tuple[int | None, ...] = ()

    def level(self, lesson: int, place: int) -> tuple[int, int, int | None]:
        """Readings that say it, their sum and 95th percentile; place: that of `questions.RADIO_LEVELS`."""
        at = 9 * lesson + 3 * place
        return self.lessons[at] or 0, self.lessons[at + 1] or 0, self.lessons[at + 2]


class CollectorRest(NamedTuple):
    rounds: int
    whole: int
    targets: int
    reads: str | None
    interval_s: int | None


class GatewayRest(NamedTuple):
    accounts: int
    pending_most: int | None


class LedgerRest(NamedTuple):
    told_ms: int
    rows: int
    lines: int
    whole: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What charts show beside; collectors and ledgers by gateway and collector. weekday: Monday is 1.

    early: of the readings those in the first of two months of UTC, which expire first; None: not known.
    """

    weekday: int
    early: int | None = None
    aps: Mapping[ApKey, ApRest] = field(default_factory=dict)
    radios: Mapping[RadioKey, RadioCounts] = field(default_factory=dict)
    devices: Mapping[DeviceKey, DeviceRest] = field(default_factory=dict)
    collectors: Mapping[tuple[str, str], CollectorRest] = field(default_factory=dict)
    gateways: Mapping[str, GatewayRest] = field(default_factory=dict)
    ledgers: Mapping[tuple[str, str], LedgerRest] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A school's day whole; readings: how many rows were counted, in the whole local day."""

    facts: SchoolDay
    rest: Rest
    readings: int = 0

    @property
    def empty(self) -> bool:
        rest = self.rest
        return not (
            self.facts.known or rest.radios or rest.devices or rest.aps or rest.gateways or rest.ledgers
        )


def pack_facts(day: SchoolDay) -> str:
    return _text(
        {
            "v": _VERSION,
            "hours": [day.hours.begin_ms, day.hours.end_ms],
            "lessons": day.lessons,
            "aps": _rows(day.aps),
            "devices": _rows(day.devices),
            "said": dict(sorted(day.said.items())),
            "shown": dict(sorted(day.shown.items())),
            **({"own": {kind: day.own[kind] for kind in sorted(day.own)}} if day.own else {}),
            **({"spared": {kind: day.spared[kind] for kind in sorted(day.spared)}} if day.spared else {}),
            "rounds": {name: day.rounds[name] for name in sorted(day.rounds)},
            "clocks": {name: day.clocks[name] for name in sorted(day.clocks)},
            "gateways": {name: day.gateways[name] for name in sorted(day.gateways)},
        }
    )


class Unreadable(ValueError):
    """A text that is no entry of this version."""


def unpack_facts(text: str) -> SchoolDay:
    """On the path of every evaluation: a district's window is some hundred thousand devices' days.

    Raises Unreadable.
    """
    try:
        return _facts(from_json(text))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Unreadable(f"cannot read an entry of the day book: {error}") from error


def _facts(found: Any) -> SchoolDay:
    if found["v"] != _VERSION:
        raise Unreadable(f"of version {found['v']}")
    begin, end = found["hours"]
    return SchoolDay(
        hours=Interval(begin_ms=begin, end_ms=end),
        lessons=tuple([Lesson(*lesson) for lesson in found["lessons"]]),
        aps={(row[0], row[1]): ApCounts(*row[2:]) for row in found["aps"]},
        devices={(row[0], row[1], row[2]): _device(*row[3:]) for row in found["devices"]},
        said=found["said"],
        shown=found["shown"],
        own=found.get("own", {}),
        spared=found.get("spared", {}),
        rounds={name: RoundCounts(*counts) for name, counts in found["rounds"].items()},
        clocks={name: GatewayClock(*clock) for name, clock in found["clocks"].items()},
        gateways=found.get("gateways", {}),
    )


def _device(*counts: Any) -> DeviceCounts:
    """What a later version counts beside is not there in an earlier one's entries."""
    polls, answered, on, on_faulty, faulty, known, lit, last_ms, lessons, *more = counts
    first = (polls, answered, on, on_faulty, faulty, known, lit, last_ms)
    return DeviceCounts(*first, tuple(lessons), *more[:_ADDED])


def pack_rest(rest: Rest) -> str:
    return _text(
        {
            "weekday": rest.weekday,
            "early": rest.early,
            "aps": _rows(rest.aps),
            "radios": _rows(rest.radios),
            "devices": _rows(rest.devices),
            "collectors": _rows(rest.collectors),
            "gateways": {name: rest.gateways[name] for name in sorted(rest.gateways)},
            "ledgers": _rows(rest.ledgers),
        }
    )


def unpack_rest(text: str) -> Rest:
    """Raises Unreadable."""
    try:
        return _rest(from_json(text))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Unreadable(f"cannot read an entry of the day book: {error}") from error


def _rest(found: Any) -> Rest:
    return Rest(
        weekday=found["weekday"],
        early=found.get("early"),
        aps={(row[0], row[1]): ApRest(*row[2:]) for row in found["aps"]},
        radios={(row[0], row[1], row[2]): _radio(*row[3:]) for row in found["radios"]},
        devices={
            (row[0], row[1], row[2]): DeviceRest(row[3], row[4], row[5], tuple(row[6]))
            for row in found["devices"]
        },
        collectors={(row[0], row[1]): CollectorRest(*row[2:]) for row in found["collectors"]},
        gateways={name: GatewayRest(*counts) for name, counts in found["gateways"].items()},
        ledgers={(row[0], row[1]): LedgerRest(*row[2:]) for row in found["ledgers"]},
    )


def _radio(*counts: Any) -> RadioCounts:
    """An earlier version's entry has no lessons."""
    busy_known, busy_sum, busy_p95, noise_known, noise_sum, noise_p95, *lessons = counts
    day = (busy_known, busy_sum, busy_p95, noise_known, noise_sum, noise_p95)
    return RadioCounts(*day, tuple(lessons[0]) if lessons else ())


def digest_of(*texts: object) -> str:
    """Short, and another one for anything else."""
    return blake2b("\n".join(map(str, texts)).encode(), digest_size=12).hexdigest()


def _rows(table: Mapping[Any, Any]) -> list[list[Any]]:
    return [[*key, *table[key]] for key in sorted(table)]


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
