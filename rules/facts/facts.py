"""What was observed in a window of school days, as counts down to device and point. No verdicts here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property

from rules.standards.standard import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPointFacts:
    """How often an access point was asked about in school hours, and what was answered.

    due: how often it should have been asked since its first day in the window; never less than `polls`.
    here: it stands in this room now, and is there still. last_ms: its last poll; first_day: of its first.
    """

    ap: str
    polls: int
    unknown: int
    up: int
    last_state: str | None
    due: int
    last_ms: int
    here: bool = True
    first_day: date | None = None

    @property
    def known(self) -> int:
        return self.polls - self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayFacts:
    """How often a projector or panel was asked in school hours, and what it answered.

    working: on, and reporting no error. faulty: reporting an error, on or off. due: how often it should have
    been asked since its first day in the window, on `days_due` school days. here: it stands in this room now,
    and is there still. last_ms: its last poll. evidence: what that rests on, at its weakest. unaccepted:
    answers beside these that rest on what the standard does not accept.
    """

    device: str
    type: str
    polls: int
    answered: int
    working: int
    faulty: int
    days_answered: int
    days_whole: int
    due: int
    days_due: int
    last_ms: int
    here: bool = True
    first_day: date | None = None
    evidence: Evidence = "display"
    unaccepted: int = 0
    unaccepted_by: Evidence = "display"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The newest measurement of one band at one point; rssi_dbm None: no signal was heard."""

    point: str
    band: str
    time_ms: int
    rssi_dbm: int | None
    snr_db: int | None
    ap: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFacts:
    """Everything observed in one room."""

    aps: tuple[AccessPointFacts, ...] = ()
    displays: tuple[DisplayFacts, ...] = ()
    samples: tuple[Sample, ...] = ()
    stand_ins: tuple[DisplayFacts, ...] = ()
    """Class PCs and plugs; of those whose word the standard does not accept no answer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorFacts:
    """How many rounds a collector of a school made, and how many of them were whole."""

    collector: str
    rounds: int
    ok: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomUseFacts:
    """How much a room's displays were used. on_days: days of school hours on, summed over device_days.

    days_on_least, days_on_most: between these lies what on_days would be had every due poll been answered.
    """

    lessons_known: int
    lessons_used: int
    days_known: int
    device_days: int
    on_days: Fraction
    days_on_least: Fraction = Fraction(0)
    days_on_most: Fraction = Fraction(0)
    evidence: Evidence = "display"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts:
    """A gateway whose clock was wrong on some school days, and the most it was off on the last of them."""

    gateway: str
    offset_ms: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLessons:
    """What a timetable gives a room in the window: lessons that are over, and the days with one of them."""

    lessons: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFacts:
    """One line of an asset ledger; value_fen is the whole line's. doubt: why it may or may not count."""

    asset: str
    name: str
    category: str | None
    room: str | None
    serial: str | None
    quantity: int
    value_fen: int
    status: str | None
    doubt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """A school's asset ledger as its gateways told it last.

    time_ms: when the oldest part of it was told. lines: how many the ledger has; fewer assets than lines
    means that some could not be read. whole: every file and line was read. newer_ms: a later telling of
    which nothing could be read, so that what this one says may no longer hold.
    """

    time_ms: int
    assets: tuple[AssetFacts, ...]
    lines: int
    whole: bool
    newer_ms: int | None = None


NOTHING_SEEN = RoomFacts()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that was observed; rooms and access points by (school code, name), ledgers by school code.

    use is by (school code, room); lessons_over counts the lessons of the calendar in the window that are
    over, days_over the days with one of them. own: the same of every room that the timetable names.
    clocks: by school, the gateways whose readings are in no lesson because their clock was wrong. gateways:
    schools of which a gateway was ever heard, however long ago.
    until_ms is the moment the facts stand for; survey_since is the oldest day a survey may be from.
    """

    days: tuple[date, ...]
    until_ms: int
    survey_since: date
    rooms: Mapping[tuple[str, str], RoomFacts] = field(default_factory=dict)
    aps: Mapping[tuple[str, str], AccessPointFacts] = field(default_factory=dict)
    collectors: Mapping[str, tuple[CollectorFacts, ...]] = field(default_factory=dict)
    use: Mapping[tuple[str, str], RoomUseFacts] = field(default_factory=dict)
    lessons_over: int = 0
    days_over: int = 0
    own: Mapping[tuple[str, str], OwnLessons] = field(default_factory=dict)
    ledgers: Mapping[str, LedgerFacts] = field(default_factory=dict)
    clocks: Mapping[str, tuple[ClockFacts, ...]] = field(default_factory=dict)
    gateways: frozenset[str] = frozenset()

    @cached_property
    def heard(self) -> frozenset[str]:
        """Schools of which anything was ever heard."""
        rooms = {school for school, _ in self.rooms}
        return self.gateways | rooms | self.collectors.keys() | self.ledgers.keys()

    def room(self, school: str, room: str) -> RoomFacts:
        return self.rooms.get((school, room), NOTHING_SEEN)

    def lessons_due(self, school: str, room: str) -> int:
        """The lessons that a room could have been used in: its own, or all where no timetable names it."""
        own = self.own.get((school, room))
        return self.lessons_over if own is None else own.lessons

    def share_of_days(self, school: str, room: str) -> Fraction:
        """The share of the days with lessons on which the room has one."""
        own = self.own.get((school, room))
        return Fraction(1) if own is None or not self.days_over else Fraction(own.days, self.days_over)

    def collected(self, school: str) -> Fraction | None:
        """Share of the school's collector rounds that were whole; None where no collector reported."""
        runs = self.collectors.get(school, ())
        rounds = sum(run.rounds for run in runs)
        return Fraction(sum(run.ok for run in runs), rounds) if rounds else None
