"""From a store's tallies to the facts of a day, school by school. Pure but for `count_day`, which asks."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from contract import DISPLAY_TYPES, MEASUREMENTS
from rules.daybook.askers import Asker, askers, heard, in_lessons
from rules.daybook.entry import (
    ApCounts,
    ApRest,
    CollectorRest,
    DeviceCounts,
    DeviceRest,
    Entry,
    GatewayClock,
    GatewayRest,
    LedgerRest,
    Place,
    Rest,
    RoundCounts,
    SchoolDay,
)
from rules.daybook.paces import Pace, own_paces, paces_of, slowest
from rules.daybook.questions import POLLED, SHIFT_MS, DaySpans, shifted_tally, tallies
from rules.daybook.radios import radio_counts, radios_by_clock, with_lessons
from store import Condition, Newest, Query, Select, Store, Tallied

# So many newest polls of a device tell how often it is asked.
_POLLS_LOOKED_AT = 8
_DISPLAY = Condition("type", "=", DISPLAY_TYPES)
_GAPS = {
    "access_point": ("state", ("district", "school", "room", "ap"), ()),
    "room_device": ("reachable", ("district", "school", "room", "device", "type"), (_DISPLAY,)),
}
_Values = Mapping[str, Any]
# By place, what one table holds of it: tags without the place, and the values.
_Table = Mapping[Place, list[tuple[tuple[str, ...], _Values]]]


def count_day(
    store: Store, spans: DaySpans, *, schools: Sequence[str] | None, max_clock_offset_ms: int
) -> dict[Place, Entry]:
    """Every school with a row on that day; `schools`: only these. Raises store.Unavailable."""
    where = () if schools is None else (Condition("school", "=", tuple(schools)),)
    found = [_by_place(tallied) for tallied in store.tally(tallies(spans, where))]
    aps, radios, devices, runs, gateways, ledgers = found
    places = sorted({place for table in found for place in table})
    clocks = {place: _clocks(gateways.get(place, ()), max_clock_offset_ms) for place in places}
    paces = {place: paces_of(runs.get(place, ())) for place in places}
    said = {place: slowest(found) for place, found in paces.items()}
    shown = _shown(store, spans, {place for place in places if len(said[place]) < len(POLLED)})
    shifted = _shifted(store, spans, clocks)
    by_clock = radios_by_clock(store, spans, clocks)
    asked = {place: _asked(aps, devices, place) for place in places}
    own_pace = own_paces(store, spans, paces, asked)
    entries = {}
    for place in places:
        own = [table.get(place, []) for table in (aps, radios, devices, runs, gateways, ledgers)]
        if place in by_clock:
            own[1] = with_lessons(own[1], by_clock[place])
        asking = said[place], shown.get(place, {}), own_pace.get(place, {})
        entry = _entry(spans, own, clocks[place], shifted.get(place, ()), asking, _by_gateway(asked[place]))
        if not entry.empty:
            entries[place] = entry
    return entries


def _entry(
    spans: DaySpans,
    own: list[list[tuple[tuple[str, ...], _Values]]],
    clocks: Mapping[str, GatewayClock],
    shifted: Iterable[tuple[tuple[str, ...], _Values]],
    asking: tuple[Mapping[str, int], Mapping[str, int], Mapping[str, Mapping[str, Pace]]],
    asked_by: Mapping[str, list[str]],
) -> Entry:
    """asking: how often devices are asked, as `SchoolDay` has it: said, shown; own and spared."""
    aps, radios, devices, runs, gateways, ledgers = own
    collectors = _collectors(runs)
    wrong = {gateway for gateway, clock in clocks.items() if clock.wrong}
    asked = askers(devices, wrong)
    lessons = _lessons(asked, clocks, shifted, len(spans.lessons))
    whole_aps = {key: heard(several) for key, several in askers(aps, wrong).items()}
    whole_devices = {key: heard(several) for key, several in asked.items()}
    rounds: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for (_, collector), run in collectors.items():
        rounds[collector] += run.rounds
        whole[collector] += run.whole
    facts = SchoolDay(
        hours=spans.hours,
        lessons=spans.lessons,
        aps={(key[0], key[1]): _ap(values) for key, values in whole_aps.items() if "polls" in values},
        devices={
            (key[0], key[1], key[2]): _device(values, lessons.get(key, Counter()), len(spans.lessons))
            for key, values in whole_devices.items()
            if "polls" in values
        },
        said=asking[0],
        shown=asking[1],
        own=_by_name(asking[2], lambda pace: pace.least),
        spared=_by_name(asking[2], lambda pace: pace.spared),
        rounds={name: RoundCounts(number, whole[name]) for name, number in rounds.items()},
        clocks=clocks,
        gateways=asked_by,
    )
    rest = Rest(
        weekday=spans.weekday,
        early=sum(values.get("early", 0) for _, values in (*aps, *devices, *gateways)),
        aps={(key[0], key[1]): _ap_rest(values) for key, values in whole_aps.items()},
        radios={(key[0], key[1], key[2]): radio_counts(values, len(spans.lessons)) for key, values in radios},
        devices={
            (key[0], key[1], key[2]): _device_rest(values, lessons.get(key, Counter()), len(spans.lessons))
            for key, values in whole_devices.items()
        },
        collectors=collectors,
        gateways={
            key[0]: GatewayRest(values.get("accounts", 0), values.get("pending_most"))
            for key, values in gateways
        },
        ledgers={(key[0], key[1]): _ledger(values) for key, values in ledgers},
    )
    return Entry(facts=facts, rest=rest, readings=_readings([*aps, *devices], gateways))


def _by_place(tallied: Tallied) -> _Table:
    found: dict[Place, list[tuple[tuple[str, ...], _Values]]] = defaultdict(list)
    for (district, school, *others), values in tallied.items():
        found[district, school].append((tuple(others), values))
    return found


def _ap(values: _Values) -> ApCounts:
    last: Newest = values["last"]
    return ApCounts(
        values["polls"],
        values.get("unknown", 0),
        values.get("up", 0) - values.get("off_campus", 0),
        last.time,
        str(last.value),
    )


def _ap_rest(values: _Values) -> ApRest:
    return ApRest(
        values.get("clients_known", 0),
        values.get("clients_sum", 0),
        values.get("clients_most"),
        values["first_day"],
        values["last_day"].time,
    )


def _device(values: _Values, lessons: Counter[str], number: int) -> DeviceCounts:
    counts = {name: values.get(name, 0) for name in DeviceCounts._fields[:7]}
    answers = [lessons[f"{what}{lesson}"] for lesson in range(number) for what in ("known", "lit")]
    return DeviceCounts(
        **counts,
        last_ms=values["last"].time,
        lessons=tuple(answers),
        by_presence=values.get("by_presence", 0),
        by_watts=values.get("by_watts", 0),
    )


def _device_rest(values: _Values, lessons: Counter[str], number: int) -> DeviceRest:
    return DeviceRest(
        values.get("lit_outside0", 0) + values.get("lit_outside1", 0),
        values["first_day"],
        values["last_day"].time,
        tuple([lessons[f"faults{lesson}"] for lesson in range(number)]),
    )


def _by_name(paces: Mapping[str, Mapping[str, Pace]], ms: Callable[[Pace], int]) -> dict[str, dict[str, int]]:
    """What is not 0, by kind and name."""
    by_kind = {
        kind: {name: ms(pace) for name, pace in found.items() if ms(pace)} for kind, found in paces.items()
    }
    return {kind: found for kind, found in by_kind.items() if found}


def _asked(aps: _Table, devices: _Table, place: Place) -> dict[str, dict[str, set[str]]]:
    """The gateways that asked each device, by kind and name."""
    found: dict[str, dict[str, set[str]]] = {}
    for kind, tables in (("access_point", aps), ("room_device", devices)):
        names: dict[str, set[str]] = defaultdict(set)
        for key, _ in tables.get(place, ()):
            names[key[1]].add(key[-1])
        found[kind] = names
    return found


def _by_gateway(asked: Mapping[str, Mapping[str, set[str]]]) -> dict[str, list[str]]:
    """The names of what each gateway asked; of one gateway alone they need not be told."""
    found: dict[str, set[str]] = defaultdict(set)
    for names in asked.values():
        for name, gateways in names.items():
            for gateway in gateways:
                found[gateway].add(name)
    return {gateway: sorted(names) if len(found) > 1 else [] for gateway, names in sorted(found.items())}


def _lessons(
    asked: Mapping[tuple[str, ...], Sequence[Asker]],
    clocks: Mapping[str, GatewayClock],
    shifted: Iterable[tuple[tuple[str, ...], _Values]],
    number: int,
) -> dict[tuple[str, ...], Counter[str]]:
    """What every device answered in each lesson, by the time of clocks that are right."""
    names = [f"{what}{lesson}" for lesson in range(number) for what in ("known", "lit", "faults")]
    off = {gateway for gateway, clock in clocks.items() if abs(clock.offset_ms) >= SHIFT_MS}
    by_clock: dict[tuple[str, ...], dict[str, _Values]] = defaultdict(dict)
    for (*of, gateway), values in shifted:
        by_clock[tuple(of)][gateway] = values
    found: dict[tuple[str, ...], Counter[str]] = {}
    for key, several in asked.items():
        counted = {asker.gateway: asker.values for asker in several if asker.gateway not in off}
        counted |= by_clock.get(key, {})
        own = {
            gateway: {name: values[name] for name in names if name in values}
            for gateway, values in counted.items()
        }
        found[key] = in_lessons(several, own)
    return found


def _shifted(store: Store, spans: DaySpans, clocks: Mapping[Place, Mapping[str, GatewayClock]]) -> _Table:
    """The lessons by the clocks of gateways that are off, but not so far that they are wrong."""
    asked = [
        (place, gateway, clock.offset_ms)
        for place, own in clocks.items()
        for gateway, clock in own.items()
        if abs(clock.offset_ms) >= SHIFT_MS and not clock.wrong
    ]
    if not asked or not spans.lessons:
        return {}
    answers = store.tally(
        [shifted_tally(spans, place[1], gateway, offset_ms) for place, gateway, offset_ms in asked]
    )
    found: dict[Place, list[tuple[tuple[str, ...], _Values]]] = defaultdict(list)
    for (place, _, _), tallied in zip(asked, answers, strict=True):
        found[place] += _by_place(tallied).get(place, [])
    return found


def _clocks(gateways: Iterable[tuple[tuple[str, ...], _Values]], limit_ms: int) -> dict[str, GatewayClock]:
    """The offset that each gateway reported last; where any of the day was beyond the limit, the worst."""
    found = {}
    for key, values in gateways:
        if "last" in values:
            worst = max(values["least"], values["most"], key=abs)
            wrong = abs(worst) > limit_ms
            found[key[0]] = GatewayClock(worst if wrong else int(values["last"].value), wrong)
    return found


def _shown(store: Store, spans: DaySpans, places: set[Place]) -> dict[Place, dict[str, int]]:
    """Times between a device's newest polls, for gateways that do not say how often they ask.

    The shortest tells: a longer one may be a poll that is missing.
    """
    found: dict[Place, dict[str, int]] = defaultdict(dict)
    if not places:
        return found
    schools = tuple(sorted({school for _, school in places}))
    for kind, (field, tags, where) in _GAPS.items():
        rows = store.query(
            Query(
                measurement=MEASUREMENTS[kind],
                select=(Select(field),),
                group_by=tags,
                where=(*where, Condition("school", "=", schools)),
                since=spans.counted.begin,
                until=spans.counted.end,
                newest=_POLLS_LOOKED_AT,
            )
        )
        times: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for row in rows:
            times[tuple(row.tags[tag] for tag in tags)].append(row.time or 0)
        for key, moments in times.items():
            place = key[0], key[1]
            gaps = [later - earlier for earlier, later in pairwise(sorted(moments)) if later > earlier]
            if gaps and place in places:
                found[place][kind] = min(*gaps, found[place].get(kind, gaps[0]))
    return found


def _collectors(
    runs: Iterable[tuple[tuple[str, ...], _Values]],
) -> dict[tuple[str, str], CollectorRest]:
    targets: dict[tuple[str, str], list[_Values]] = defaultdict(list)
    for (gateway, collector, _), values in runs:
        if "rounds" in values:
            targets[gateway, collector].append(values)
    return {key: _collector(values) for key, values in targets.items()}


def _collector(targets: Sequence[_Values]) -> CollectorRest:
    reads = max((values["reads"] for values in targets if "reads" in values), default=None)
    return CollectorRest(
        sum(values["rounds"] for values in targets),
        sum(values.get("whole", 0) for values in targets),
        len(targets),
        None if reads is None else str(reads.value),
        max((values["interval_s"] for values in targets if "interval_s" in values), default=None),
    )


def _ledger(values: _Values) -> LedgerRest:
    told: Newest = values["rows"]
    rows, of_telling = int(told.value), _of_telling(values, told.time)
    lines = max(rows, int(of_telling("expected") or 0))
    return LedgerRest(told.time, rows, lines, int(of_telling("status") == "ok" or of_telling("unread") == 0))


def _of_telling(values: _Values, time_ms: int) -> Callable[[str], Any]:
    """A field of the telling of that time; None where an earlier one said it last."""

    def get(name: str) -> Any:
        found = values.get(name)
        return found.value if isinstance(found, Newest) and found.time == time_ms else None

    return get


def _readings(
    polled: Iterable[tuple[tuple[str, ...], _Values]], gateways: Iterable[tuple[tuple[str, ...], _Values]]
) -> int:
    """Rows of the local day, whatever its school hours are; of a day whose readings are gone, fewer."""

    def numbers() -> Iterator[int]:
        for _, values in polled:
            yield from (values.get(name, 0) for name in ("polls", "outside0", "outside1"))
        yield from (values.get("accounts", 0) for _, values in gateways)

    return sum(numbers())
