"""One school day's counts, made by the store; days that are over are remembered."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from contract import DISPLAY_TYPES, MEASUREMENTS, STATUS
from registry.calendar import Calendar, Interval
from rules.facts.facts import AssetFacts
from rules.facts.lessons import Answers
from rules.standards.standard import Observation
from store import Condition, Query, Row, Select, Store

# A day that is over is counted again after this time: a gateway may deliver it late.
RECOUNT_MS = 3_600_000

GroupKey = tuple[str, ...]
# A telling of a ledger: district, school, gateway, and its time.
Telling = tuple[str, str, str, int]

AP_TAGS = ("school", "room", "ap")
DEVICE_TAGS = ("school", "room", "device", "type")
COLLECTOR_TAGS = ("school", "collector")

_DISPLAY = Condition("type", "=", DISPLAY_TYPES)
_ANSWERED = Condition("reachable", "=", True)
_ON = Condition("power", "=", "on")
_LIT = Condition("power", "=", ("on", "warming"))
_ERROR = Condition("condition", "=", "error")


@dataclass(frozen=True, slots=True)
class CountQuestion:
    """A counting question to the store: rows that meet the conditions, per group of tags."""

    measurement: str
    field: str
    group_by: tuple[str, ...]
    where: tuple[Condition, ...] = ()


COUNTS = {
    "ap_polls": CountQuestion("access_point", "state", AP_TAGS),
    "ap_up": CountQuestion("access_point", "state", AP_TAGS, (Condition("state", "=", "up"),)),
    "ap_unknown": CountQuestion("access_point", "state", AP_TAGS, (Condition("state", "=", "unknown"),)),
    "polls": CountQuestion("room_device", "reachable", DEVICE_TAGS, (_DISPLAY,)),
    "answered": CountQuestion("room_device", "reachable", DEVICE_TAGS, (_DISPLAY, _ANSWERED)),
    "on": CountQuestion("room_device", "reachable", DEVICE_TAGS, (_DISPLAY, _ANSWERED, _ON)),
    # A condition that is not reported is no error, so errors are counted and taken off what was on.
    "on_faulty": CountQuestion("room_device", "reachable", DEVICE_TAGS, (_DISPLAY, _ANSWERED, _ON, _ERROR)),
    "faulty": CountQuestion("room_device", "reachable", DEVICE_TAGS, (_DISPLAY, _ANSWERED, _ERROR)),
    "power_known": CountQuestion("room_device", "power", DEVICE_TAGS, (_DISPLAY,)),
    "power_on": CountQuestion("room_device", "power", DEVICE_TAGS, (_DISPLAY, _LIT)),
    "rounds": CountQuestion("collector_run", "status", COLLECTOR_TAGS),
    "rounds_ok": CountQuestion("collector_run", "status", COLLECTOR_TAGS, (Condition("status", "=", "ok"),)),
}


class Polled(NamedTuple):
    """The newest poll of a device within a day, and the state that it found (access points only)."""

    time_ms: int
    state: str | None


class GatewayClock(NamedTuple):
    """A gateway's clock on a day, as it reported it: the server's time minus its own."""

    offset_ms: int
    wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCounts:
    """What every display answered in one lesson that is over."""

    name: str
    time: Interval
    answers: Mapping[GroupKey, Answers]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDay:
    """The counts of one school day, by question and group; lessons once they are over.

    newest: of every access point and display, by question `ap_polls` or `polls` and group, its last poll.
    intervals: ms from one poll to the next by (question, school), as the gateway says or, where it does not,
    as its polls show. rounds: times of the newest whole rounds by school and kind of reading. clocks: by
    school and gateway, where one was reported.
    """

    day: date
    hours: Interval
    counts: dict[str, dict[GroupKey, int]]
    newest: dict[str, dict[GroupKey, Polled]]
    lessons: tuple[LessonCounts, ...]
    intervals: dict[tuple[str, str], int]
    clocks: dict[tuple[str, str], GatewayClock]
    counted_ms: int

    @property
    def length_ms(self) -> int:
        """School hours of the day that are over."""
        return self.hours.end_ms - self.hours.begin_ms


@dataclass(slots=True)
class DayMemory:
    """Days counted and ledgers read before; a program that evaluates again and again keeps one."""

    days: dict[date, CountedDay] = field(default_factory=dict)
    basis: tuple[Calendar, int] | None = None
    tellings: dict[Telling, tuple[AssetFacts, ...]] = field(default_factory=dict)

    def forget_all_but(self, days: tuple[date, ...]) -> None:
        self.days = {day: counted for day, counted in self.days.items() if day in days}


# The questions whose groups are devices that are polled, with the kind of reading that a poll leaves.
POLLS = {"ap_polls": "access_point", "polls": "room_device"}
# A clock that is off by less than this is right: lessons are not cut by the second.
_SHIFT_MS = 15_000
# So many newest polls of a device tell how often it is asked.
_POLLS_LOOKED_AT = 8


def count_day(
    store: Store,
    day: date,
    calendar: Calendar,
    rule: Observation,
    *,
    until_ms: int,
    now_ms: int,
    memory: DayMemory,
) -> CountedDay | None:
    """Everything counted within the day's school hours, as far as they lie before `until_ms`.

    None where they have not begun. `rule` says beyond which offset a gateway's clock is wrong: its readings
    are in no lesson. Days counted under another calendar or limit are forgotten.
    """
    hours = calendar.school_hours(day)
    if hours is None or hours.begin_ms >= until_ms:
        return None
    basis = (calendar, rule.max_clock_offset_s)
    if memory.basis != basis:
        memory.days, memory.basis = {}, basis
    known = memory.days.get(day)
    if known is not None and now_ms - known.counted_ms < RECOUNT_MS:
        return known
    since, until = hours.begin_ms, min(hours.end_ms, until_ms)
    counts = {name: _count(store, question, since, until) for name, question in COUNTS.items()}
    clocks = _clocks(store, since, until, rule)
    counted = CountedDay(
        day=day,
        hours=Interval(begin_ms=since, end_ms=until),
        counts=counts,
        newest={name: _newest(store, COUNTS[name], since, until) for name in POLLS},
        # A lesson is looked at when it is over.
        lessons=tuple(
            LessonCounts(name=name, time=slot, answers=_answers(store, slot, clocks))
            for name, slot in (calendar.named_slots(day, until_ms=until_ms) if counts["power_known"] else ())
        ),
        intervals=_intervals(store, since, until),
        clocks=clocks,
        counted_ms=now_ms,
    )
    if hours.end_ms <= until_ms:
        memory.days[day] = counted
    return counted


def _answers(
    store: Store, slot: Interval, clocks: Mapping[tuple[str, str], GatewayClock]
) -> dict[GroupKey, Answers]:
    """What every display answered in a lesson, by the time of clocks that are right."""
    shifted = {place: clock for place, clock in clocks.items() if abs(clock.offset_ms) >= _SHIFT_MS}
    found = {
        question: Counter(
            {
                key: number
                for key, number in _by_gateway(store, question, slot).items()
                if (key[0], key[-1]) not in shifted
            }
        )
        for question in ("power_known", "power_on")
    }
    for (school, gateway), clock in shifted.items():
        if clock.wrong:
            continue
        own = Interval(begin_ms=slot.begin_ms - clock.offset_ms, end_ms=slot.end_ms - clock.offset_ms)
        where = (Condition("school", "=", school), Condition("gateway", "=", gateway))
        for question, counts in found.items():
            counts.update(_by_gateway(store, question, own, where))
    known: dict[GroupKey, Answers] = {}
    for key, number in sorted(found["power_known"].items()):
        before = known.get(key[:-1], Answers(0, 0))
        known[key[:-1]] = Answers(before.known + number, before.lit + found["power_on"][key])
    return known


def _by_gateway(
    store: Store, question: str, time: Interval, where: tuple[Condition, ...] = ()
) -> dict[GroupKey, int]:
    asked = COUNTS[question]
    apart = CountQuestion(
        asked.measurement, asked.field, (*asked.group_by, "gateway"), (*asked.where, *where)
    )
    return _count(store, apart, time.begin_ms, time.end_ms)


def _clocks(store: Store, since: int, until: int, rule: Observation) -> dict[tuple[str, str], GatewayClock]:
    """The offset that each gateway reported last; where any of the day was beyond the limit, the worst."""
    limit = rule.max_clock_offset_s * 1000
    rows = store.query(
        Query(
            measurement=STATUS,
            select=tuple(Select("clock_offset_ms", what, what) for what in ("last", "min", "max")),
            group_by=("school", "gateway"),
            since=since,
            until=until,
        )
    )
    found = {}
    for row in rows:
        last, least, most = (row.values[what] for what in ("last", "min", "max"))
        if last is not None and least is not None and most is not None:
            worst = max(int(least), int(most), key=abs)
            wrong = abs(worst) > limit
            place = row.tags.get("school", ""), row.tags.get("gateway", "")
            found[place] = GatewayClock(worst if wrong else int(last), wrong)
    return found


def _intervals(store: Store, since: int, until: int) -> dict[tuple[str, str], int]:
    """Ms from poll to poll by question and school."""
    found = {}
    for question, kind in POLLS.items():
        shown: dict[str, list[int]] = defaultdict(list)
        for school, gap in _gaps(store, COUNTS[question], since, until):
            shown[school].append(gap)
        said = _configured(store, kind, since, until)
        for school in {*shown, *said}:
            found[question, school] = said.get(school) or min(shown[school])
    return found


def _configured(store: Store, kind: str, since: int, until: int) -> dict[str, int]:
    """What gateways say that they ask at; of several collectors the slowest."""
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["collector_run"],
            select=(Select("interval_s", "max", "s"),),
            group_by=("school",),
            where=(Condition("reads", "=", kind),),
            since=since,
            until=until,
        )
    )
    return {row.tags.get("school", ""): int(row.values["s"]) * 1000 for row in rows if row.values["s"]}


def _gaps(store: Store, question: CountQuestion, since: int, until: int) -> Iterable[tuple[str, int]]:
    """Times between a device's newest polls, for gateways that do not say how often they ask.

    The shortest tells: a longer one may be a poll that is missing.
    """
    tags = question.group_by
    rows = store.query(
        Query(
            measurement=MEASUREMENTS[question.measurement],
            select=(Select(question.field),),
            group_by=tags,
            where=question.where,
            since=since,
            until=until,
            newest=_POLLS_LOOKED_AT,
        )
    )
    times: dict[GroupKey, list[int]] = defaultdict(list)
    for row in rows:
        times[group_key(row, tags)].append(row.time or 0)
    for key, moments in times.items():
        for earlier, later in pairwise(sorted(moments)):
            if later > earlier:
                yield key[0], later - earlier


def _count(store: Store, question: CountQuestion, since: int, until: int) -> dict[GroupKey, int]:
    rows = store.query(
        Query(
            measurement=MEASUREMENTS[question.measurement],
            select=(Select(question.field, "count", "n"),),
            group_by=question.group_by,
            where=question.where,
            since=since,
            until=until,
        )
    )
    return {group_key(row, question.group_by): int(row.values["n"] or 0) for row in rows}


def _newest(store: Store, question: CountQuestion, since: int, until: int) -> dict[GroupKey, Polled]:
    rows = store.query(
        Query(
            measurement=MEASUREMENTS[question.measurement],
            select=(Select(question.field),),
            group_by=question.group_by,
            where=question.where,
            since=since,
            until=until,
            newest=1,
        )
    )
    found = {}
    for row in rows:
        value = row.values[question.field]
        found[group_key(row, question.group_by)] = Polled(
            row.time or 0, value if isinstance(value, str) else None
        )
    return found


def group_key(row: Row, tags: tuple[str, ...]) -> GroupKey:
    """A row's group as a tuple, in the order asked for."""
    return tuple(row.tags.get(tag, "") for tag in tags)
