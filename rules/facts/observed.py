"""Observed facts: days from the day book, surveys and ledgers as the store has them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

from contract import MEASUREMENTS, STATUS
from contract.daybook import GATEWAY_DAY
from registry import Registry
from registry.calendar import Calendar, Interval
from registry.timetable import RoomKey, Timetable
from rules.daybook.book import Page
from rules.daybook.entry import DeviceCounts, DeviceKey, Lesson
from rules.daybook.lessons import Answers, Lessons, display_used, room_used
from rules.daybook.share import WHOLE, Share
from rules.facts.asset_ledgers import read_ledgers
from rules.facts.days import DayMemory, Pages, Window, open_window
from rules.facts.evidence import telling, weakest
from rules.facts.facts import (
    ClockFacts,
    CollectorFacts,
    Facts,
    OwnLessons,
    RoomFacts,
    RoomUseFacts,
    Sample,
)
from rules.facts.polled import access_points, displays, due_polls, standing_in, whole_access_points
from rules.standards.standard import Evidence, Standard, Utilisation
from rules.stored.retirements import Retirements, read_retirements
from store import Query, Select, Store

_POINT_TAGS = ("school", "room", "point", "band")


def observe(
    store: Store,
    registry: Registry,
    standard: Standard,
    *,
    as_of: date,
    now_ms: int,
    memory: DayMemory | None = None,
    share: Share = WHOLE,
    revise: bool = True,
) -> Facts:
    """What the standard's window of school days up to `as_of` shows; nothing later than `now_ms` counts.

    It ends with the last day that has begun: before the first lesson it is that of the evening before.
    Days are read from the day book, which counts what is missing in it: of the schools of the `share`.
    `revise` False asks what would be, under another calendar or standard, and leaves the book as it is.
    Raises store.Unavailable.
    """
    memory = memory if memory is not None else DayMemory()
    calendar = registry.calendar
    until_ms = min(calendar.end_of(as_of), now_ms + 1)
    days = calendar.school_days_before(as_of, standard.observation.school_days, until_ms=until_ms)
    window = open_window(
        store,
        registry,
        standard,
        days,
        until_ms=until_ms,
        now_ms=now_ms,
        memory=memory.book,
        share=share,
        revise=revise,
    )
    survey_since = as_of - timedelta(days=standard.wireless.survey_valid_days)
    samples = _samples(store, since_ms=calendar.end_of(survey_since - timedelta(days=1)), until_ms=until_ms)
    retired = read_retirements(store, until_ms=now_ms + 1)
    rule = standard.observation
    aps, shown = access_points(window, retired, as_of), displays(window, retired, as_of, rule)
    others = standing_in(window, retired, as_of, rule)
    over = {
        found.day: [name for name, _ in calendar.named_slots(found.day, until_ms=until_ms)]
        for found in window.days
    }
    return Facts(
        days=days,
        until_ms=until_ms,
        survey_since=survey_since,
        rooms={
            key: RoomFacts(
                aps=tuple(aps.get(key, ())),
                displays=tuple(shown.get(key, ())),
                samples=tuple(samples.get(key, ())),
                stand_ins=tuple(others.get(key, ())),
            )
            for key in {*aps, *shown, *samples, *others}
        },
        aps=whole_access_points(aps),
        collectors=_collectors(window),
        use=_use(window, calendar, registry.timetable, standard, retired),
        lessons_over=sum(len(slots) for slots in over.values()),
        days_over=sum(bool(slots) for slots in over.values()),
        own=_own_lessons(over, calendar, registry.timetable),
        ledgers=read_ledgers(
            store,
            since_ms=calendar.end_of(as_of - timedelta(days=standard.equipment.ledger_valid_days)),
            until_ms=until_ms,
            memory=memory.tellings,
            gone=partial(retired.gateways_on, day=as_of),
        ),
        clocks=_wrong_clocks(window),
        gateways=_ever_heard(store, until_ms),
    )


def _ever_heard(store: Store, until_ms: int) -> frozenset[str]:
    """Schools of which a gateway ever told how it is: one row a gateway. The day book knows it for longer."""
    return frozenset(
        row.tags.get("school", "")
        for table, name in ((STATUS, "online"), (GATEWAY_DAY, "accounts"))
        for row in store.query(
            Query(
                measurement=table,
                select=(Select(name),),
                group_by=("school", "gateway"),
                until=until_ms,
                newest=1,
            )
        )
    )


def _use(
    window: Window, calendar: Calendar, timetable: Timetable, standard: Standard, retired: Retirements
) -> dict[RoomKey, RoomUseFacts]:
    """Lessons, and shares of school hours in which each display was on, by room."""
    used, accepts = _Used(standard.utilisation), standard.observation.evidence
    lessons: dict[RoomKey, list[Lessons]] = defaultdict(list)
    shares: dict[RoomKey, _Shares] = {}
    intervals = {school: _interval(pages) for school, pages in window.schools.items()}
    for number, window_day in enumerate(window.days):
        day, weekday = window_day.day, calendar.weekday_of(window_day.day)
        for school, pages in window.schools.items():
            page = pages[number]
            if page is None:
                continue
            shown: dict[str, list[tuple[DeviceKey, DeviceCounts]]] = defaultdict(list)
            for device, counts in page.facts.devices.items():
                if not retired.device_on(school, device[0], device[1], day):
                    shown[device[0]].append((device, counts))
            # Of a gateway with a wrong clock nobody knows which school hours it saw.
            doubtful = any(clock.wrong for clock in page.facts.clocks.values())
            for room, devices in shown.items():
                key = school, room
                displays_shown, rests_on = telling(devices, accepts)
                if not displays_shown:
                    continue
                lessons[key].append(_lessons(page, key, displays_shown, timetable, day, weekday, used))
                for name, counts in displays_shown:
                    if not counts.known:
                        continue
                    found = shares.setdefault(key, _Shares())
                    found.rest_on(rests_on)
                    if not doubtful:
                        # A day of which little is left does not show how often was asked; another one does.
                        due = due_polls(page, "room_device", name) or _fitting(page, intervals[school])
                        found.add(counts, due)
    return {room: _room_use(lessons[room], found) for room, found in sorted(shares.items())}


def _interval(pages: Pages) -> int | None:
    """Ms from one poll of a display to the next on the first day that shows it."""
    known = (page.facts.interval_ms("room_device") for page in pages if page is not None)
    return next((interval for interval in known if interval), None)


def _fitting(page: Page, interval_ms: int | None) -> int | None:
    """The polls that fit into the day; None where nobody knows how often was to be asked."""
    return None if interval_ms is None else page.length_ms // interval_ms


def _room_use(lessons: Sequence[Lessons], shares: "_Shares") -> RoomUseFacts:
    return RoomUseFacts(
        lessons_known=sum(counted.known for counted in lessons),
        lessons_used=sum(counted.used for counted in lessons),
        days_known=sum(counted.known > 0 for counted in lessons),
        device_days=shares.device_days,
        on_days=_sum(shares.on),
        days_on_least=_sum(shares.least),
        days_on_most=_sum(shares.most),
        evidence=shares.evidence,
    )


@dataclass(slots=True)
class _Shares:
    """Displays of a room, a day each: shares of answers that were on, and what the whole day's lie between.

    Numerators are summed by denominator: most days have the same, and adding fractions is slow.
    """

    device_days: int = 0
    on: Counter[int] = field(default_factory=Counter)
    least: Counter[int] = field(default_factory=Counter)
    most: Counter[int] = field(default_factory=Counter)
    evidence: Evidence = "display"

    def rest_on(self, evidence: Evidence) -> None:
        self.evidence = weakest((self.evidence, evidence))

    def add(self, counts: DeviceCounts, fitting: int | None) -> None:
        self.device_days += 1
        self.on[counts.known] += counts.lit
        if fitting is None:
            self.most[1] += 1
            return
        due = max(counts.polls, fitting)
        self.least[due] += counts.lit
        self.most[due] += counts.lit + due - counts.known


def _sum(numerators: Mapping[int, int]) -> Fraction:
    return sum((Fraction(above, below) for below, above in numerators.items()), Fraction(0))


class _Used:
    """Whether a display was used, worked out once for answers that are alike."""

    def __init__(self, rule: Utilisation) -> None:
        self._rule = rule
        self._known: dict[tuple[int, int, int, int], bool | None] = {}

    def of(self, known: int, lit: int, lesson: Lesson, interval_ms: int) -> bool | None:
        key = known, lit, lesson.end_ms - lesson.begin_ms, interval_ms
        if key not in self._known:
            span = Interval(begin_ms=lesson.begin_ms, end_ms=lesson.end_ms)
            self._known[key] = display_used(Answers(known, lit), span, interval_ms, self._rule)
        return self._known[key]


def _lessons(
    page: Page,
    room: RoomKey,
    shown: Sequence[tuple[str, DeviceCounts]],
    timetable: Timetable,
    day: date,
    weekday: int,
    used: _Used,
) -> Lessons:
    """Of the room's own lessons those that are known, and used."""
    paces = [page.facts.interval_ms("room_device", name) or 0 for name, _ in shown]
    named = timetable.names(room)
    known = in_use = 0
    for number, lesson in enumerate(page.facts.lessons):
        if named and not timetable.has(room, lesson.name, day, weekday=weekday):
            continue
        at = 2 * number
        answer = room_used(
            [
                used.of(counts.lessons[at], counts.lessons[at + 1], lesson, interval_ms)
                for (_, counts), interval_ms in zip(shown, paces, strict=True)
            ]
        )
        known += answer is not None
        in_use += answer is True
    return Lessons(known=known, used=in_use)


def _own_lessons(
    over: Mapping[date, Sequence[str]], calendar: Calendar, timetable: Timetable
) -> dict[RoomKey, OwnLessons]:
    """What the timetable gives the rooms that it names."""
    found = {}
    for room in timetable.rooms:
        numbers = [
            sum(timetable.has(room, name, day, weekday=calendar.weekday_of(day)) for name in names)
            for day, names in over.items()
        ]
        found[room] = OwnLessons(lessons=sum(numbers), days=sum(number > 0 for number in numbers))
    return found


def _collectors(window: Window) -> dict[str, tuple[CollectorFacts, ...]]:
    found: dict[str, tuple[CollectorFacts, ...]] = {}
    for school, pages in window.schools.items():
        rounds, whole = Counter[str](), Counter[str]()
        for page in pages:
            for collector, counts in page.facts.rounds.items() if page else ():
                rounds[collector] += counts.rounds
                whole[collector] += counts.whole
        if rounds:
            found[school] = tuple(
                CollectorFacts(collector=name, rounds=number, ok=whole[name])
                for name, number in sorted(rounds.items())
            )
    return found


def _wrong_clocks(window: Window) -> dict[str, tuple[ClockFacts, ...]]:
    found: dict[str, tuple[ClockFacts, ...]] = {}
    for school, pages in window.schools.items():
        wrong: dict[str, ClockFacts] = {}
        for page in pages:
            for gateway, clock in page.facts.clocks.items() if page else ():
                if clock.wrong:
                    days = wrong[gateway].days if gateway in wrong else 0
                    wrong[gateway] = ClockFacts(gateway=gateway, offset_ms=clock.offset_ms, days=days + 1)
        if wrong:
            found[school] = tuple(clock for _, clock in sorted(wrong.items()))
    return found


def _samples(store: Store, *, since_ms: int, until_ms: int) -> dict[RoomKey, list[Sample]]:
    """The newest sample of every point and band. `seq` is asked for because it is always there: a row in
    which no signal was heard has neither RSSI nor SNR, and must not be passed over for an older one."""
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["signal_sample"],
            select=(Select("seq"), Select("rssi_dbm"), Select("snr_db"), Select("ap")),
            group_by=_POINT_TAGS,
            since=since_ms,
            until=until_ms,
            newest=1,
        )
    )
    found: dict[RoomKey, list[Sample]] = defaultdict(list)
    for row in rows:
        school, room, point, band = (row.tags[tag] for tag in _POINT_TAGS)
        rssi, snr, ap = (row.values[name] for name in ("rssi_dbm", "snr_db", "ap"))
        found[school, room].append(
            Sample(
                point=point,
                band=band,
                time_ms=row.time or 0,
                rssi_dbm=None if rssi is None else int(rssi),
                snr_db=None if snr is None else int(snr),
                ap=None if ap is None else str(ap),
            )
        )
    return found
