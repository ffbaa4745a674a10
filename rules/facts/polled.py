"""Access points and displays over a window: how often they were asked and should have been, and where they
stand now. What was not asked is not known, so that missing rounds count as unknown."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from contract import DISPLAY_TYPES
from registry.timetable import RoomKey
from rules.daybook.book import Page
from rules.facts.days import Pages, Window
from rules.facts.evidence import STANDING_IN, as_accepted, evidence_of, weakest
from rules.facts.facts import AccessPointFacts, DisplayFacts
from rules.standards.standard import Evidence, Observation
from rules.stored.retirements import Retirements

# A device is gone when others of its kind in the school were asked more often than this after its last poll.
_GONE_AFTER = 3
# On the day of its last poll only after this time: a busy gateway asks its devices one after the other.
_GONE_AFTER_MS = 1_800_000
_NAME = 1  # a key is (room, device, …): a device of a school is told by its name

_Key = tuple[str, ...]


@dataclass(slots=True)
class _Polled:
    """One device in one room: what was counted of it, summed over the window."""

    counts: list[int]
    due: int = 0
    days_due: int = 0
    days_answered: int = 0
    last_ms: int = 0
    last_state: str | None = None
    here: bool = True
    evidence: Evidence = "display"
    unaccepted: int = 0
    unaccepted_by: Evidence = "display"
    asked: dict[int, int] = field(default_factory=dict)  # polls by the day's place in the window
    heard: dict[int, int] = field(default_factory=dict)  # of these, answered


_Devices = Mapping[_Key, _Polled]


def access_points(window: Window, retired: Retirements, as_of: date) -> dict[RoomKey, list[AccessPointFacts]]:
    """Every access point that was asked about, by the room that it was said to serve."""
    found: dict[RoomKey, list[AccessPointFacts]] = defaultdict(list)
    for school, pages in window.schools.items():
        devices = _summed_aps(pages)
        out = retired.gateways_on(school, as_of)
        for key, polled in _placed(window, pages, "access_point", devices, out):
            polls, unknown, up = polled.counts
            found[school, key[0]].append(
                AccessPointFacts(
                    ap=key[_NAME],
                    polls=polls,
                    unknown=unknown,
                    up=up,
                    last_state=polled.last_state,
                    due=polled.due,
                    last_ms=polled.last_ms,
                    here=polled.here and not retired.ap_on(school, key[0], key[_NAME], as_of),
                    first_day=window.days[min(polled.asked)].day,
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
    window: Window, retired: Retirements, as_of: date, rule: Observation
) -> dict[RoomKey, list[DisplayFacts]]:
    """Every display that was asked, by the room that it was said to stand in. A day is heard whole where no
    more than so many minutes of its school hours went without an answer."""
    return _devices(window, retired, as_of, rule, lambda kind: kind in DISPLAY_TYPES)


def standing_in(
    window: Window, retired: Retirements, as_of: date, rule: Observation
) -> dict[RoomKey, list[DisplayFacts]]:
    """What else says something of its room's use, in the same way. What the standard does not accept of it
    is polls without an answer."""
    return _devices(window, retired, as_of, rule, lambda kind: kind in STANDING_IN)


def _devices(
    window: Window,
    retired: Retirements,
    as_of: date,
    rule: Observation,
    wanted: Callable[[str], bool],
) -> dict[RoomKey, list[DisplayFacts]]:
    found: dict[RoomKey, list[DisplayFacts]] = defaultdict(list)
    for school, pages in window.schools.items():
        devices = _summed_displays(pages, rule.evidence, wanted)
        out = retired.gateways_on(school, as_of)
        for key, polled in _placed(window, pages, "room_device", devices, out):
            polls, answered, on, on_faulty, faulty = polled.counts
            found[school, key[0]].append(
                DisplayFacts(
                    device=key[_NAME],
                    type=key[2],
                    polls=polls,
                    answered=answered,
                    working=on - on_faulty,
                    faulty=faulty,
                    days_answered=polled.days_answered,
                    days_whole=_days_whole(window, pages, key[_NAME], polled, rule.unheard_minutes * 60_000),
                    due=polled.due,
                    days_due=polled.days_due,
                    last_ms=polled.last_ms,
                    here=polled.here and not retired.device_on(school, key[0], key[_NAME], as_of),
                    first_day=window.days[min(polled.asked)].day,
                    evidence=polled.evidence,
                    unaccepted=polled.unaccepted,
                    unaccepted_by=polled.unaccepted_by,
                )
            )
    return found


def _days_whole(window: Window, pages: Pages, name: str, polled: _Polled, most_ms: int) -> int:
    """As in what is due, on its first day a display is asked as often as it was asked; and where nobody knows
    how often it should be asked, no other day is whole. Of a day that has just begun no more can be missing
    than may be, also before its first answer."""
    first, last = min(polled.asked), len(pages) - 1
    just_begun = first < last and not polled.heard.get(last) and window.days[last].length_ms <= most_ms
    whole = int(just_begun and polled.here)
    for place, heard in polled.heard.items():
        page = pages[place]
        if page is None or not heard:
            continue
        asked, interval_ms = polled.asked[place], page.facts.interval_ms("room_device", name) or 0
        due = asked if place == first else max(asked, due_polls(page, "room_device", name))
        whole += (due - heard) * interval_ms <= most_ms if interval_ms else place == first and due == heard
    return whole


def due_polls(page: Page, kind: str, name: str) -> int:
    """How often a device of a school should have been asked in the day's school hours."""
    return page.facts.due_polls(kind, name, page.length_ms)


def _summed_aps(pages: Pages) -> dict[_Key, _Polled]:
    devices: dict[_Key, _Polled] = {}
    for place, page in enumerate(pages):
        if page is None:
            continue
        for key, (polls, unknown, up, last_ms, last_state) in page.facts.aps.items():
            polled = devices.get(key)
            if polled is None:
                polled = devices[key] = _Polled([0, 0, 0])
            counts = polled.counts
            counts[0] += polls
            counts[1] += unknown
            counts[2] += up
            polled.asked[place] = polls
            polled.last_ms, polled.last_state = last_ms, last_state
    return devices


def _summed_displays(
    pages: Pages, accepts: Sequence[Evidence], wanted: Callable[[str], bool]
) -> dict[_Key, _Polled]:
    devices: dict[_Key, _Polled] = {}
    for place, page in enumerate(pages):
        if page is None:
            continue
        for key, counted in page.facts.devices.items():
            if not wanted(key[2]):
                continue
            device = as_accepted(key[2], counted, accepts)
            polled = devices.get(key)
            if polled is None:
                polled = devices[key] = _Polled([0, 0, 0, 0, 0])
            counts = polled.counts
            counts[0] += device.polls
            counts[1] += device.answered
            counts[2] += device.on
            counts[3] += device.on_faulty
            counts[4] += device.faulty
            polled.heard[place] = device.answered
            polled.days_answered += device.answered > 0
            if device.answered:
                polled.evidence = weakest((polled.evidence, evidence_of(key[2], counted)))
            elif counted.answered:
                polled.unaccepted += counted.answered
                polled.unaccepted_by = weakest((polled.unaccepted_by, evidence_of(key[2], counted)))
            polled.asked[place] = device.polls
            polled.last_ms = device.last_ms
    return devices


def _placed(
    window: Window, pages: Pages, kind: str, devices: _Devices, out: frozenset[str]
) -> Iterator[tuple[_Key, _Polled]]:
    """The devices of a school in order, each with where it stands and what was due of it.

    out: gateways that were taken out of service.
    """
    _find_places(devices)
    _add_due(window, pages, kind, devices)
    _find_gone(pages, kind, devices, out)
    yield from sorted(devices.items())


def _find_places(devices: _Devices) -> None:
    """A device stands where it was asked last."""
    newest: dict[str, _Key] = {}
    for key, polled in sorted(devices.items()):
        before = newest.get(key[_NAME])
        if before is None or polled.last_ms >= devices[before].last_ms:
            newest[key[_NAME]] = key
    for key, polled in devices.items():
        polled.here = newest[key[_NAME]] == key


def _add_due(window: Window, pages: Pages, kind: str, devices: _Devices) -> None:
    """From a device's first day in the window on; of that day as often as it was asked.

    In a room that it has left, nothing is due after its last day there.
    """
    lengths = window.lengths(pages)
    most = _due_each_day(pages, lengths, kind)
    own = {name for page in pages if page is not None for name in page.facts.own.get(kind, ())}
    for key, polled in devices.items():
        per_day = _due_each_day(pages, lengths, kind, key[_NAME]) if key[_NAME] in own else most
        first, last = min(polled.asked), len(pages) - 1 if polled.here else max(polled.asked)
        asked = polled.asked
        polled.due = asked[first] + sum(
            [max(asked.get(place, 0), per_day[place]) for place in range(first + 1, last + 1)]
        )
        polled.days_due = last - first + 1


def _due_each_day(pages: Pages, lengths: Sequence[int], kind: str, name: str = "") -> list[int]:
    """Polls by day; of a day that nothing was heard of, at the pace of the day before."""
    per_day: list[int] = []
    interval_ms = 0
    for page, length_ms in zip(pages, lengths, strict=True):
        if page is not None and (own_ms := page.facts.interval_ms(kind, name)):
            interval_ms = own_ms
            per_day.append(page.facts.due_polls(kind, name, length_ms))
        else:
            per_day.append(length_ms // interval_ms if interval_ms else 0)
    return per_day


def _find_gone(pages: Pages, kind: str, devices: _Devices, out: frozenset[str]) -> None:
    """Devices that the gateway no longer asks, though it asks others of their kind."""
    newest = max((polled.last_ms for polled in devices.values()), default=0)
    for key, polled in devices.items():
        others_later = newest > polled.last_ms
        if polled.here and others_later and _rounds_without(pages, kind, key, devices, out) > _GONE_AFTER:
            polled.here = False


def _rounds_without(pages: Pages, kind: str, key: _Key, devices: _Devices, out: frozenset[str]) -> int:
    """Rounds in which its own gateway asked others: where that is silent, nobody knows of the device."""
    own, rounds = devices[key], 0
    last = max(own.asked)
    others = [(other, polled) for other, polled in devices.items() if other[_NAME] != key[_NAME]]
    known = pages[last]
    asked_by = known.facts.askers_of(key[_NAME]) - out if known is not None else frozenset()
    for place in range(last, len(pages)):
        page = pages[place]
        if page is None:
            continue
        there = [(other, polled) for other, polled in others if place in polled.asked]
        if asked_by:
            there = [found for found in there if _asks(page, asked_by, found[0][_NAME])]
        if place > last:
            rounds += max((polled.asked[place] for _, polled in there), default=0)
            continue
        newest = [_last_ms(page, other) for other, _ in there]
        interval_ms = page.facts.interval_ms(kind, key[_NAME]) or 0
        silent_ms = max(newest, default=0) - own.last_ms
        if interval_ms and silent_ms >= _GONE_AFTER_MS:
            rounds += silent_ms // interval_ms
    return rounds


def _asks(page: Page, gateways: frozenset[str], name: str) -> bool:
    """Whether one of these gateways asked a device that day, as far as that is known."""
    askers = page.facts.askers_of(name)
    return not askers or not askers.isdisjoint(gateways)


def _last_ms(page: Page, key: _Key) -> int:
    """A device's last poll of a day; keys of access points and of displays differ in length."""
    if len(key) == 2:
        return page.facts.aps[key[0], key[1]].last_ms
    return page.facts.devices[key[0], key[1], key[2]].last_ms
