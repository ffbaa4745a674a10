"""A day counted the slow way: every reading looked at, one after the other, in plain Python."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from contract import DISPLAY_TYPES, PRESENCE, Point
from registry.calendar import Calendar
from rules.daybook.entry import (
    ApCounts,
    DeviceCounts,
    GatewayClock,
    Lesson,
    Place,
    RadioCounts,
    RoundCounts,
    SchoolDay,
)
from tests.rules.daybook.world import DAYS

Row = dict[str, Any]


def rows_of(points: Iterable[Point]) -> list[Row]:
    """Each point once, as one dictionary."""
    once = {(point.measurement.name, point.tags, point.time): point for point in points}
    return [
        {
            "kind": point.measurement.name,
            "time": point.time,
            **dict(zip(point.measurement.tag_names, point.tags, strict=True)),
            **dict(zip(point.measurement.field_names, point.fields, strict=True)),
        }
        for point in once.values()
    ]


def slow_days(
    rows: list[Row], calendar: Calendar, until_ms: int, limit_ms: int
) -> dict[tuple[Any, Place], SchoolDay]:
    places = sorted({(row["district"], row["school"]) for row in rows})
    found = {}
    for day in DAYS:
        hours = calendar.school_hours(day)
        if hours is None or hours.begin_ms >= until_ms:
            continue
        for place in places:
            own = [row for row in rows if (row["district"], row["school"]) == place]
            counted = _day(own, calendar, day, until_ms, limit_ms)
            if counted.aps or counted.devices or counted.rounds or counted.clocks:
                found[day, place] = counted
    return found


def slow_school_day(
    rows: list[Row], calendar: Calendar, day: Any, until_ms: int, limit_ms: int
) -> SchoolDay | None:
    """One school's rows; None where they say nothing of the day."""
    counted = _day(rows, calendar, day, until_ms, limit_ms)
    return counted if counted.aps or counted.devices or counted.rounds or counted.clocks else None


def _day(rows: list[Row], calendar: Calendar, day: Any, until_ms: int, limit_ms: int) -> SchoolDay:
    hours = calendar.school_hours(day)
    assert hours is not None
    end = min(hours.end_ms, until_ms)
    inside = [row for row in rows if hours.begin_ms <= row["time"] < end]
    lessons = tuple(
        Lesson(name, slot.begin_ms, slot.end_ms)
        for name, slot in calendar.named_slots(day, until_ms=until_ms)
    )
    clocks = _clocks(inside, limit_ms)
    answers = _answers(rows, inside, lessons, clocks)
    local = [row for row in rows if calendar.day_of(row["time"]) == day and row["time"] < until_ms]
    wrong = {gateway for gateway, clock in clocks.items() if clock.wrong}
    aps = _grouped(inside, "access_point", ("room", "ap"))
    devices = _grouped(inside, "room_device", ("room", "device", "type"))
    whole_aps = _grouped(local, "access_point", ("room", "ap"))
    whole_devices = _grouped(local, "room_device", ("room", "device", "type"))
    runs = _grouped(inside, "collector_run", ("collector",))
    own = _own(inside, local)
    return SchoolDay(
        hours=hours,
        lessons=lessons,
        aps={(key[0], key[1]): _ap(found, _turns(whole_aps[key], wrong)) for key, found in aps.items()},
        devices={
            (key[0], key[1], key[2]): _device(
                found, [answers[key, at] for at in range(len(lessons))], _turns(whole_devices[key], wrong)
            )
            for key, found in devices.items()
        },
        said=_said(inside),
        shown=_shown(inside, _said(inside)),
        own={kind: {name: pace for name, (pace, _) in of.items()} for kind, of in own.items()},
        spared={
            kind: spared
            for kind, of in own.items()
            if (spared := {name: more for name, (_, more) in of.items() if more})
        },
        rounds={
            key[0]: RoundCounts(len(found), sum(row["status"] == "ok" for row in found))
            for key, found in runs.items()
        },
        clocks=clocks,
        gateways=_gateways(local),
    )


def _grouped(rows: list[Row], kind: str, tags: tuple[str, ...]) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["kind"] == kind:
            found[tuple(row[tag] for tag in tags)].append(row)
    return found


Turns = list[tuple[str, bool]]
Test = Callable[[Row], bool]


def _turns(rows: list[Row], wrong: set[str]) -> Turns:
    """Gateways by their first poll of the local day, each with whether one before it still asked then."""
    times: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        times[row["gateway"]].append(row["time"])
    order = sorted(times, key=lambda gateway: (min(times[gateway]), gateway))
    unsure = len(order) > 1 and any(gateway in wrong for gateway in order)
    return [
        (
            gateway,
            place > 0
            and (
                unsure or min(times[gateway]) <= max(moment for one in order[:place] for moment in times[one])
            ),
        )
        for place, gateway in enumerate(order)
    ]


def _number(rows: list[Row], turns: Turns, test: Test) -> int:
    """Of gateways that take turns all, of those that ask at once the most of one."""
    total = 0
    for gateway, besides in turns:
        own = sum(test(row) for row in rows if row["gateway"] == gateway)
        total = max(total, own) if besides else total + own
    return total


def _bad(rows: list[Row], turns: Turns, whole: Test, bad: Test) -> int:
    """What is good is counted, and bad is the rest."""
    return _number(rows, turns, whole) - _number(rows, turns, lambda row: whole(row) and not bad(row))


def _anything(_: Row) -> bool:
    return True


def _ap(rows: list[Row], turns: Turns) -> ApCounts:
    last = max((row["time"], row["state"]) for row in rows)
    return ApCounts(
        _number(rows, turns, _anything),
        _bad(rows, turns, _anything, lambda row: row["state"] == "unknown"),
        _number(rows, turns, lambda row: row["state"] == "up" and row["serves_campus"] is not False),
        *last,
    )


def _answered(row: Row) -> bool:
    return bool(row["reachable"])


def _on(row: Row) -> bool:
    return _answered(row) and bool(row["power"] == "on")


def _error(row: Row) -> bool:
    return bool(row["condition"] == "error")


def _known(row: Row) -> bool:
    return row["power"] is not None


def _lit(row: Row) -> bool:
    return row["power"] in {"on", "warming"}


def _device(rows: list[Row], lessons: list[list[Row]], turns: Turns) -> DeviceCounts:
    return DeviceCounts(
        polls=_number(rows, turns, _anything),
        answered=_number(rows, turns, _answered),
        on=_number(rows, turns, _on),
        on_faulty=_bad(rows, turns, _on, _error),
        faulty=_bad(rows, turns, _answered, _error),
        known=_number(rows, turns, _known),
        lit=_number(rows, turns, _lit),
        last_ms=max(row["time"] for row in rows),
        by_presence=_number(rows, turns, lambda row: _known(row) and row["evidence"] in PRESENCE),
        by_watts=_number(rows, turns, lambda row: _known(row) and row["evidence"] == "watts"),
        lessons=tuple(_number(heard, turns, test) for heard in lessons for test in (_known, _lit)),
    )


def _answers(
    rows: list[Row], inside: list[Row], lessons: tuple[Lesson, ...], clocks: dict[str, GatewayClock]
) -> dict[Any, list[Row]]:
    """What was heard of each device in each lesson, by the server's time."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if row["kind"] != "room_device" or row["power"] is None:
            continue
        clock = clocks.get(row["gateway"], GatewayClock(0, False))
        shift = clock.offset_ms if abs(clock.offset_ms) >= 15_000 else 0
        if shift and clock.wrong:
            continue
        for number, lesson in enumerate(lessons):
            if lesson.begin_ms <= row["time"] + shift < lesson.end_ms and (shift or row in inside):
                found[(row["room"], row["device"], row["type"]), number].append(row)
    return found


def _clocks(inside: list[Row], limit_ms: int) -> dict[str, GatewayClock]:
    told: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in inside:
        if row["kind"] == "gateway" and row["clock_offset_ms"] is not None:
            told[row["gateway"]].append((row["time"], row["clock_offset_ms"]))
    found = {}
    for gateway, offsets in told.items():
        least, most = min(offset for _, offset in offsets), max(offset for _, offset in offsets)
        worst = most if abs(most) > abs(least) else least
        wrong = abs(worst) > limit_ms
        found[gateway] = GatewayClock(worst if wrong else max(offsets)[1], wrong)
    return found


def _said(inside: list[Row]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in inside:
        if row["kind"] == "collector_run" and row["reads"] and row["interval_s"]:
            found[row["reads"]] = max(found.get(row["reads"], 0), row["interval_s"] * 1000)
    return found


def _gateways(local: list[Row]) -> dict[str, list[str]]:
    """Who asked what; of one gateway alone only its name."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in local:
        if row["kind"] in {"access_point", "room_device"}:
            found[row["gateway"]].add(row["ap"] if row["kind"] == "access_point" else row["device"])
    return {gateway: sorted(names) if len(found) > 1 else [] for gateway, names in found.items()}


def _own(inside: list[Row], local: list[Row]) -> dict[str, dict[str, tuple[int, int]]]:
    """Devices that are asked more often than the slowest collector asks, with how often, and for how long
    beyond that its rounds stand."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for kind, name in (("access_point", "ap"), ("room_device", "device")):
        runs = [
            row
            for row in inside
            if row["kind"] == "collector_run" and row["reads"] == kind and row["interval_s"]
        ]
        slowest = max((row["interval_s"] for row in runs), default=0)
        if not runs or min(row["interval_s"] for row in runs) == slowest:
            continue
        for device in sorted({row[name] for row in local if row["kind"] == kind}):
            asking = {row["gateway"] for row in local if row["kind"] == kind and row[name] == device}
            pace = min(_pace(runs, gateway, device, kind, local) for gateway in asking)
            if pace[0] != slowest:
                found.setdefault(kind, {})[device] = pace[0] * 1000, pace[1] * 1000
    return found


def _pace(runs: list[Row], gateway: str, device: str, kind: str, local: list[Row]) -> tuple[int, int]:
    maps = {
        row["collector"]
        for row in local
        if row["kind"] == "mapped_device"
        and (row["gateway"], row["device"]) == (gateway, device)
        and (row["type"] == "access_point") == (kind == "access_point")
    }
    own = [row for row in runs if row["gateway"] == gateway]
    named = [row for row in own if row["collector"] in maps]
    by_collector = _grouped(named or own or runs, "collector_run", ("gateway", "collector"))
    return min(map(_quickest, by_collector.values()))


def _quickest(runs: list[Row]) -> tuple[int, int]:
    """A collector's quickest pace, and what the rounds of its busiest target stand for beyond that."""
    least = min(int(row["interval_s"]) for row in runs)
    targets = _grouped(runs, "collector_run", ("target",)).values()
    return least, max(sum(int(row["interval_s"]) - least for row in rows) for rows in targets)


def _shown(inside: list[Row], said: dict[str, int]) -> dict[str, int]:
    """Of the eight newest polls of each device the shortest time from one to the next."""
    if len(said) == 2:
        return {}
    found: dict[str, int] = {}
    for kind, tags in (("access_point", ("room", "ap")), ("room_device", ("room", "device", "type"))):
        for key, rows in _grouped(inside, kind, tags).items():
            if kind == "room_device" and key[2] not in DISPLAY_TYPES:
                continue
            moments = sorted(row["time"] for row in rows)[-8:]
            for earlier, later in pairwise(moments):
                if later > earlier:
                    found[kind] = min(found.get(kind, later - earlier), later - earlier)
    return found


_LEVELS = ("utilisation_pct", "noise_dbm", "clients")


def slow_radios(
    rows: list[Row], calendar: Calendar, day: Any, place: Place, limit_ms: int
) -> dict[tuple[str, ...], RadioCounts]:
    """By lesson a gateway's readings count where its clock puts them."""
    hours = calendar.school_hours(day)
    assert hours is not None
    own = [row for row in rows if (row["district"], row["school"]) == place]
    inside = [row for row in own if hours.begin_ms <= row["time"] < hours.end_ms]
    clocks = _clocks(inside, limit_ms)
    lessons = [slot for _, slot in calendar.named_slots(day, until_ms=hours.end_ms)]
    radios, found = _grouped(own, "radio", ("room", "ap", "radio")), {}
    for key, polls in radios.items():
        held = [
            [row for row in polls if slot.begin_ms <= _by_its_clock(row, clocks) < slot.end_ms]
            for slot in lessons
        ]
        by_day = [level for name in _LEVELS[:2] for level in _level(_of(polls, inside), name)]
        by_lesson = [level for heard in held for name in _LEVELS for level in _level(heard, name)]
        if by_day[0] or by_day[3] or any(by_lesson[::3]):
            found[key] = RadioCounts(*by_day, tuple(by_lesson))  # type: ignore[arg-type]  # known and sum are
    return found


def _of(polls: list[Row], inside: list[Row]) -> list[Row]:
    known = {id(row) for row in inside}
    return [row for row in polls if id(row) in known]


def _off_ms(gateway: str, clocks: dict[str, GatewayClock]) -> int:
    clock = clocks.get(gateway, GatewayClock(0, False))
    return clock.offset_ms if abs(clock.offset_ms) >= 15_000 else 0


def _by_its_clock(row: Row, clocks: dict[str, GatewayClock]) -> float:
    """Never in any lesson where the clock is wrong."""
    shift = _off_ms(row["gateway"], clocks)
    return float("inf") if shift and clocks[row["gateway"]].wrong else row["time"] + shift


def _level(rows: list[Row], name: str) -> tuple[int, int, int | None]:
    values = sorted(row[name] for row in rows if row[name] is not None)
    place = int(len(values) * 0.95 + 0.5) - 1
    return len(values), sum(values), values[place] if place >= 0 else None
