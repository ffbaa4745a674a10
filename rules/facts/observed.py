"""Observed facts from the store: counted there, day by day, so that a term's raw rows never travel."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from contract import MEASUREMENTS
from registry import Registry
from registry.timetable import RoomKey
from rules.facts.asset_ledgers import read_ledgers
from rules.facts.days import Day, DayMemory, Key, count_day, group_key
from rules.facts.facts import (
    AccessPointFacts,
    CollectorFacts,
    DisplayFacts,
    Facts,
    OwnLessons,
    RoomFacts,
    RoomUseFacts,
    Sample,
)
from rules.standards.standard import Standard
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
) -> Facts:
    """What the standard's window of school days up to `as_of` shows; nothing later than `now_ms` counts.

    Raises store.Unavailable.
    """
    memory = memory if memory is not None else DayMemory()
    calendar = registry.calendar
    until_ms = min(calendar.end_of(as_of), now_ms + 1)
    days = calendar.school_days_before(as_of, standard.observation.school_days)
    counted: list[Day] = []
    for day in days:
        one = count_day(
            store,
            day,
            calendar,
            registry.timetable,
            standard.utilisation,
            until_ms=until_ms,
            now_ms=now_ms,
            memory=memory,
        )
        if one is not None:
            counted.append(one)
    memory.forget_all_but(days)
    survey_since = as_of - timedelta(days=standard.wireless.survey_valid_days)
    samples = _samples(store, since_ms=calendar.end_of(survey_since - timedelta(days=1)), until_ms=until_ms)
    access_points, displays = _access_points(counted), _displays(counted)
    rooms = {
        key: RoomFacts(
            aps=tuple(access_points.get(key, ())),
            displays=tuple(displays.get(key, ())),
            samples=tuple(samples.get(key, ())),
        )
        for key in {*access_points, *displays, *samples}
    }
    return Facts(
        days=days,
        until_ms=until_ms,
        survey_since=survey_since,
        rooms=rooms,
        aps=_whole_access_points(access_points),
        collectors=_collectors(counted),
        use=_use(counted),
        lessons_over=sum(day.slots for day in counted),
        days_over=sum(day.slots > 0 for day in counted),
        own=_own_lessons(counted),
        ledgers=read_ledgers(
            store,
            since_ms=calendar.end_of(as_of - timedelta(days=standard.equipment.ledger_valid_days)),
            until_ms=until_ms,
            memory=memory.tellings,
        ),
    )


def _access_points(days: Iterable[Day]) -> dict[RoomKey, list[AccessPointFacts]]:
    totals, last_states = _totals(days), dict[Key, str]()
    for day in days:
        last_states.update(day.last_states)
    found: dict[RoomKey, list[AccessPointFacts]] = defaultdict(list)
    for key, polls in sorted(totals["ap_polls"].items()):
        school, room, ap = key
        found[school, room].append(
            AccessPointFacts(
                ap=ap,
                polls=polls,
                unknown=totals["ap_unknown"][key],
                up=totals["ap_up"][key],
                last_state=last_states.get(key),
            )
        )
    return found


def _whole_access_points(
    rooms: Mapping[RoomKey, Iterable[AccessPointFacts]],
) -> dict[RoomKey, AccessPointFacts]:
    """Access points by (school, name), wherever they stood in the window."""
    found: dict[RoomKey, AccessPointFacts] = {}
    for (school, _), access_points in rooms.items():
        for one in access_points:
            before = found.get((school, one.ap))
            found[school, one.ap] = one if before is None else _joined(before, one)
    return found


def _joined(one: AccessPointFacts, other: AccessPointFacts) -> AccessPointFacts:
    return AccessPointFacts(
        ap=one.ap,
        polls=one.polls + other.polls,
        unknown=one.unknown + other.unknown,
        up=one.up + other.up,
        last_state=other.last_state,
    )


def _displays(days: Iterable[Day]) -> dict[RoomKey, list[DisplayFacts]]:
    totals, days_answered = _totals(days), Counter[Key]()
    for day in days:
        days_answered.update(key for key, answers in day.counts["answered"].items() if answers)
    found: dict[RoomKey, list[DisplayFacts]] = defaultdict(list)
    for key, polls in sorted(totals["polls"].items()):
        school, room, device, kind = key
        found[school, room].append(
            DisplayFacts(
                device=device,
                type=kind,
                polls=polls,
                answered=totals["answered"][key],
                working=totals["on"][key] - totals["on_faulty"][key],
                faulty=totals["faulty"][key],
                days_answered=days_answered[key],
            )
        )
    return found


def _use(days: Iterable[Day]) -> dict[RoomKey, RoomUseFacts]:
    """Lessons, and shares of school hours in which each display was on, by room."""
    known, used, days_known = Counter[RoomKey](), Counter[RoomKey](), Counter[RoomKey]()
    lit: dict[RoomKey, list[Fraction]] = defaultdict(list)
    for day in days:
        for (school, room), lessons in day.lessons.items():
            known[school, room] += lessons.known
            used[school, room] += lessons.used
            days_known[school, room] += 1
        for key, answers in day.counts["power_known"].items():
            lit[key[0], key[1]].append(Fraction(day.counts["power_on"].get(key, 0), answers))
    return {
        key: RoomUseFacts(
            lessons_known=known[key],
            lessons_used=used[key],
            days_known=days_known[key],
            device_days=len(shares),
            on_days=sum(shares, Fraction(0)),
        )
        for key, shares in sorted(lit.items())
    }


def _own_lessons(days: Iterable[Day]) -> dict[RoomKey, OwnLessons]:
    lessons, with_one = Counter[RoomKey](), Counter[RoomKey]()
    for day in days:
        for (school, room), number in day.own.items():
            lessons[school, room] += number
            with_one[school, room] += number > 0
    return {room: OwnLessons(lessons=number, days=with_one[room]) for room, number in lessons.items()}


def _collectors(days: Iterable[Day]) -> dict[str, tuple[CollectorFacts, ...]]:
    totals = _totals(days)
    found: dict[str, list[CollectorFacts]] = defaultdict(list)
    for key, rounds in sorted(totals["rounds"].items()):
        school, collector = key
        found[school].append(CollectorFacts(collector=collector, rounds=rounds, ok=totals["rounds_ok"][key]))
    return {school: tuple(runs) for school, runs in found.items()}


def _totals(days: Iterable[Day]) -> dict[str, Counter[Key]]:
    totals: dict[str, Counter[Key]] = defaultdict(Counter)
    for day in days:
        for name, counts in day.counts.items():
            totals[name].update(counts)
    return totals


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
