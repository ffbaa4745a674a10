"""Observed facts from the store: counted there, day by day, so that a term's raw rows never travel."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from contract import MEASUREMENTS, STATUS
from registry import Registry
from registry.calendar import Calendar
from registry.timetable import RoomKey, Timetable
from rules.facts.asset_ledgers import read_ledgers
from rules.facts.days import CountedDay, DayMemory, GroupKey, count_day, group_key
from rules.facts.facts import (
    ClockFacts,
    CollectorFacts,
    Facts,
    OwnLessons,
    RoomFacts,
    RoomUseFacts,
    Sample,
)
from rules.facts.lessons import NO_ANSWER, Lessons, display_used, room_used
from rules.facts.polled import access_points, displays, due_polls, whole_access_points
from rules.standards.standard import Standard, Utilisation
from rules.stored.retirements import Retirements, read_retirements
from store import Query, Select, Store

_POINT_TAGS = ("school", "room", "point", "band")
# One display on one day: share of its answers that were on, and between what the whole day's share lies.
_Share = tuple[Fraction, Fraction, Fraction]


def observe(
    store: Store,
    registry: Registry,
    standard: Standard,
    *,
    as_of: date,
    now_ms: int,
    memory: DayMemory | None = None,
) -> Facts:
    """What the standard's window of school days up to `as_of` shows; nothing later than `now_ms` counts.

    Raises store.Unavailable.
    """
    memory = memory if memory is not None else DayMemory()
    calendar, rule = registry.calendar, standard.observation
    until_ms = min(calendar.end_of(as_of), now_ms + 1)
    window = calendar.school_days_before(as_of, rule.school_days)
    found = (
        count_day(store, day, calendar, rule, until_ms=until_ms, now_ms=now_ms, memory=memory)
        for day in window
    )
    days = [counted for counted in found if counted is not None]
    memory.forget_all_but(window)
    survey_since = as_of - timedelta(days=standard.wireless.survey_valid_days)
    samples = _samples(store, since_ms=calendar.end_of(survey_since - timedelta(days=1)), until_ms=until_ms)
    retired = read_retirements(store, until_ms=now_ms + 1)
    aps, shown = access_points(days, retired, as_of), displays(days, retired, as_of)
    over = {day.day: [name for name, _ in calendar.named_slots(day.day, until_ms=until_ms)] for day in days}
    return Facts(
        days=window,
        until_ms=until_ms,
        survey_since=survey_since,
        rooms={
            key: RoomFacts(
                aps=tuple(aps.get(key, ())),
                displays=tuple(shown.get(key, ())),
                samples=tuple(samples.get(key, ())),
            )
            for key in {*aps, *shown, *samples}
        },
        aps=whole_access_points(aps),
        collectors=_collectors(days),
        use=_use(days, calendar, registry.timetable, standard.utilisation, retired),
        lessons_over=sum(len(slots) for slots in over.values()),
        days_over=sum(bool(slots) for slots in over.values()),
        own=_own_lessons(over, calendar, registry.timetable),
        ledgers=read_ledgers(
            store,
            since_ms=calendar.end_of(as_of - timedelta(days=standard.equipment.ledger_valid_days)),
            until_ms=until_ms,
            memory=memory.tellings,
        ),
        clocks=_wrong_clocks(days),
        gateways=_ever_heard(store, until_ms),
    )


def _ever_heard(store: Store, until_ms: int) -> frozenset[str]:
    """Schools of which a gateway ever told how it is: one row a gateway."""
    rows = store.query(
        Query(
            measurement=STATUS,
            select=(Select("online"),),
            group_by=("school", "gateway"),
            until=until_ms,
            newest=1,
        )
    )
    return frozenset(row.tags.get("school", "") for row in rows)


def _use(
    days: Iterable[CountedDay],
    calendar: Calendar,
    timetable: Timetable,
    rule: Utilisation,
    retired: Retirements,
) -> dict[RoomKey, RoomUseFacts]:
    """Lessons, and shares of school hours in which each display was on, by room."""
    lessons: dict[RoomKey, list[Lessons]] = defaultdict(list)
    shares: dict[RoomKey, list[_Share]] = defaultdict(list)
    for day in days:
        doubtful = {school for (school, _), clock in day.clocks.items() if clock.wrong}
        shown = [key for key in day.counts["polls"] if not retired.device_on(key[0], key[1], key[2], day.day)]
        for room, counted in _lessons(day, shown, calendar, timetable, rule).items():
            lessons[room].append(counted)
        for key in shown:
            answers = day.counts["power_known"].get(key, 0)
            # Of a gateway with a wrong clock nobody knows which school hours it saw.
            if not answers or key[0] in doubtful:
                continue
            shares[key[0], key[1]].append(_share(day, key, answers))
    return {
        room: RoomUseFacts(
            lessons_known=sum(counted.known for counted in lessons[room]),
            lessons_used=sum(counted.used for counted in lessons[room]),
            days_known=sum(counted.known > 0 for counted in lessons[room]),
            device_days=len(found),
            on_days=sum((on for on, _, _ in found), Fraction(0)),
            days_on_least=sum((least for _, least, _ in found), Fraction(0)),
            days_on_most=sum((most for _, _, most in found), Fraction(0)),
        )
        for room, found in sorted(shares.items())
    }


def _share(day: CountedDay, key: GroupKey, answers: int) -> _Share:
    on = day.counts["power_on"].get(key, 0)
    due = max(day.counts["polls"].get(key, answers), due_polls(day, "polls", key[0]))
    return Fraction(on, answers), Fraction(on, due), Fraction(on + due - answers, due)


def _lessons(
    day: CountedDay,
    displays_asked: Iterable[GroupKey],
    calendar: Calendar,
    timetable: Timetable,
    rule: Utilisation,
) -> dict[RoomKey, Lessons]:
    """Of every room with a display that was asked that day, its own lessons that are known, and used."""
    shown: dict[RoomKey, list[GroupKey]] = defaultdict(list)
    for key in displays_asked:
        shown[key[0], key[1]].append(key)
    weekday, found = calendar.weekday_of(day.day), {}
    for room, keys in shown.items():
        interval_ms = day.intervals.get(("polls", room[0]), 0)
        answers = [
            room_used(
                display_used(lesson.answers.get(key, NO_ANSWER), lesson.time, interval_ms, rule)
                for key in keys
            )
            for lesson in day.lessons
            if timetable.has(room, lesson.name, day.day, weekday=weekday)
        ]
        found[room] = Lessons(known=len(answers) - answers.count(None), used=answers.count(True))
    return found


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


def _collectors(days: Iterable[CountedDay]) -> dict[str, tuple[CollectorFacts, ...]]:
    rounds, whole = Counter[GroupKey](), Counter[GroupKey]()
    for day in days:
        rounds.update(day.counts["rounds"])
        whole.update(day.counts["rounds_ok"])
    found: dict[str, list[CollectorFacts]] = defaultdict(list)
    for key, number in sorted(rounds.items()):
        school, collector = key
        found[school].append(CollectorFacts(collector=collector, rounds=number, ok=whole[key]))
    return {school: tuple(runs) for school, runs in found.items()}


def _wrong_clocks(days: Iterable[CountedDay]) -> dict[str, tuple[ClockFacts, ...]]:
    found: dict[tuple[str, str], ClockFacts] = {}
    for day in days:
        for (school, gateway), clock in day.clocks.items():
            if clock.wrong:
                before = found.get((school, gateway))
                found[school, gateway] = ClockFacts(
                    gateway=gateway, offset_ms=clock.offset_ms, days=1 + (before.days if before else 0)
                )
    by_school: dict[str, list[ClockFacts]] = defaultdict(list)
    for (school, _), clock_facts in sorted(found.items()):
        by_school[school].append(clock_facts)
    return {school: tuple(clocks) for school, clocks in by_school.items()}


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
        school, room, point, band = group_key(row, _POINT_TAGS)
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
