"""Access points and displays over a window: how often they were asked and should have been, and where they
stand now. What was not asked is not known, so that missing rounds count as unknown."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from registry.timetable import RoomKey
from rules.facts.days import CountedDay, GroupKey
from rules.facts.facts import AccessPointFacts, DisplayFacts
from rules.stored.retirements import Retirements

# A device is gone when others of its kind in the school were asked more often than this after its last poll.
_GONE_AFTER = 3
# On the day of its last poll only after this time: a busy gateway asks its devices one after the other.
_GONE_AFTER_MS = 1_800_000
_NAME = 2  # a group is (school, room, device, …): a device is told by school and name


@dataclass(slots=True)
class _Polled:
    """One device in one room: what was counted of it, summed over the window."""

    counts: dict[str, int]
    due: int = 0
    days_due: int = 0
    days_answered: int = 0
    last_ms: int = 0
    last_state: str | None = None
    here: bool = True
    asked: dict[int, int] = field(default_factory=dict)  # polls by the day's place in the window


def access_points(
    days: Sequence[CountedDay], retired: Retirements, as_of: date
) -> dict[RoomKey, list[AccessPointFacts]]:
    """Every access point that was asked about, by the room that it was said to serve."""
    found: dict[RoomKey, list[AccessPointFacts]] = defaultdict(list)
    for key, polled in _polled(days, "ap_polls", ("ap_polls", "ap_unknown", "ap_up")):
        found[key[0], key[1]].append(
            AccessPointFacts(
                ap=key[_NAME],
                polls=polled.counts["ap_polls"],
                unknown=polled.counts["ap_unknown"],
                up=polled.counts["ap_up"],
                last_state=polled.last_state,
                due=polled.due,
                last_ms=polled.last_ms,
                here=polled.here and not retired.ap_on(key[0], key[1], key[_NAME], as_of),
                first_day=days[min(polled.asked)].day,
            )
        )
    return found


def whole_access_points(
    rooms: Mapping[RoomKey, Iterable[AccessPointFacts]],
) -> dict[RoomKey, AccessPointFacts]:
    """Access points by (school, name), wherever they stood in the window."""
    found: dict[RoomKey, AccessPointFacts] = {}
    for (school, _), aps in rooms.items():
        for ap in aps:
            before = found.get((school, ap.ap))
            found[school, ap.ap] = ap if before is None else _joined(before, ap)
    return found


def _joined(ap: AccessPointFacts, other: AccessPointFacts) -> AccessPointFacts:
    newer = other if other.last_ms >= ap.last_ms else ap
    return AccessPointFacts(
        ap=ap.ap,
        polls=ap.polls + other.polls,
        unknown=ap.unknown + other.unknown,
        up=ap.up + other.up,
        last_state=newer.last_state,
        due=ap.due + other.due,
        last_ms=newer.last_ms,
        here=ap.here or other.here,
    )


def displays(
    days: Sequence[CountedDay], retired: Retirements, as_of: date
) -> dict[RoomKey, list[DisplayFacts]]:
    """Every display that was asked, by the room that it was said to stand in."""
    found: dict[RoomKey, list[DisplayFacts]] = defaultdict(list)
    for key, polled in _polled(days, "polls", ("polls", "answered", "on", "on_faulty", "faulty")):
        counts = polled.counts
        found[key[0], key[1]].append(
            DisplayFacts(
                device=key[_NAME],
                type=key[3],
                polls=counts["polls"],
                answered=counts["answered"],
                working=counts["on"] - counts["on_faulty"],
                faulty=counts["faulty"],
                days_answered=polled.days_answered,
                due=polled.due,
                days_due=polled.days_due,
                last_ms=polled.last_ms,
                here=polled.here and not retired.device_on(key[0], key[1], key[_NAME], as_of),
                first_day=days[min(polled.asked)].day,
            )
        )
    return found


def due_polls(day: CountedDay, question: str, school: str) -> int:
    """How often a device of a school should have been asked in the day's school hours."""
    interval_ms = day.intervals.get((question, school))
    return day.length_ms // interval_ms if interval_ms else 0


def _polled(
    days: Sequence[CountedDay], question: str, counted: Iterable[str]
) -> Iterator[tuple[GroupKey, _Polled]]:
    """Every group of the question in order, school by school."""
    names = tuple(counted)
    schools: dict[str, dict[GroupKey, _Polled]] = defaultdict(dict)
    for place, day in enumerate(days):
        for key, number in day.counts[question].items():
            polled = schools[key[0]].setdefault(key, _Polled(dict.fromkeys(names, 0)))
            for name in names:
                polled.counts[name] += day.counts[name].get(key, 0)
            polled.days_answered += day.counts.get("answered", {}).get(key, 0) > 0
            polled.asked[place] = number
            polled.last_ms, polled.last_state = day.newest[question][key]
    for school in sorted(schools):
        devices = schools[school]
        _find_places(devices)
        _add_due(days, question, school, devices)
        _find_gone(days, question, school, devices)
        yield from sorted(devices.items())


def _find_places(devices: Mapping[GroupKey, _Polled]) -> None:
    """A device stands where it was asked last."""
    newest: dict[str, GroupKey] = {}
    for key, polled in sorted(devices.items()):
        before = newest.get(key[_NAME])
        if before is None or polled.last_ms >= devices[before].last_ms:
            newest[key[_NAME]] = key
    for key, polled in devices.items():
        polled.here = newest[key[_NAME]] == key


def _add_due(
    days: Sequence[CountedDay], question: str, school: str, devices: Mapping[GroupKey, _Polled]
) -> None:
    """From a device's first day in the window on; of that day as often as it was asked.

    In a room that it has left, nothing is due after its last day there.
    """
    per_day: list[int] = []
    interval_ms = 0
    for day in days:
        interval_ms = day.intervals.get((question, school), interval_ms)
        per_day.append(day.length_ms // interval_ms if interval_ms else 0)
    for polled in devices.values():
        first, last = min(polled.asked), len(days) - 1 if polled.here else max(polled.asked)
        for place in range(first, last + 1):
            asked = polled.asked.get(place, 0)
            polled.due += asked if place == first else max(asked, per_day[place])
            polled.days_due += 1


def _find_gone(
    days: Sequence[CountedDay], question: str, school: str, devices: Mapping[GroupKey, _Polled]
) -> None:
    """Devices that the gateway no longer asks, though it asks others of their kind."""
    for key, polled in devices.items():
        if polled.here and _rounds_without(days, question, school, key, devices) > _GONE_AFTER:
            polled.here = False


def _rounds_without(
    days: Sequence[CountedDay], question: str, school: str, key: GroupKey, devices: Mapping[GroupKey, _Polled]
) -> int:
    own, rounds = devices[key], 0
    last = max(own.asked)
    others = [(other, polled) for other, polled in devices.items() if other[_NAME] != key[_NAME]]
    for place in range(last, len(days)):
        day = days[place]
        if place > last:
            rounds += max((polled.asked.get(place, 0) for _, polled in others), default=0)
            continue
        newest = [day.newest[question][other].time_ms for other, polled in others if place in polled.asked]
        interval_ms = day.intervals.get((question, school), 0)
        silent_ms = max(newest, default=0) - own.last_ms
        if interval_ms and silent_ms >= _GONE_AFTER_MS:
            rounds += silent_ms // interval_ms
    return rounds
