"""How often devices are asked: an answer stands for the time from one poll to the next of its own device.

Where a school's collectors do not all ask equally often, each device has the pace of the one that asks it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from contract import MEASUREMENTS
from rules.daybook.entry import Place
from rules.daybook.questions import POLLED, DaySpans
from store import Condition, Query, Select, Store

_Table = Iterable[tuple[tuple[str, ...], Mapping[str, Any]]]
Collector = tuple[str, str]  # gateway, and its collector's name
Asked = Mapping[str, set[str]]  # gateways, by the device's name
Paces = dict[str, dict[Collector, "Pace"]]  # by kind of reading


class Pace(NamedTuple):
    """Ms from one poll of a collector to the next: other settings in the middle of the day make two.

    spared: what its rounds stand for beyond `least`, in school hours and of the target with the most.
    """

    least: int
    spared: int
    most: int


def paces_of(runs: _Table) -> Paces:
    """What a school's collectors say of themselves."""
    targets: dict[tuple[str, Collector], list[Mapping[str, Any]]] = defaultdict(list)
    for (gateway, collector, _), values in runs:
        kind = values["reads"].value if "reads" in values else None
        if kind in POLLED and "interval_s" in values:
            targets[kind, (gateway, collector)].append(values)
    found: Paces = defaultdict(dict)
    for (kind, asker), told in targets.items():
        found[kind][asker] = _pace(told)
    return dict(found)


def _pace(targets: Sequence[Mapping[str, Any]]) -> Pace:
    """Of a collector, by the rounds of its targets."""
    least = min(int(values["interval_least"]) for values in targets)
    most = max(int(values["interval_s"]) for values in targets)
    spared = max(int(values["interval_sum"]) - least * values["rounds"] for values in targets)
    return Pace(least * 1000, max(0, spared) * 1000, most * 1000)


def slowest(paces: Paces) -> dict[str, int]:
    """By kind; of several collectors the slowest."""
    return {kind: max(pace.most for pace in found.values()) for kind, found in paces.items()}


def own_paces(
    store: Store, spans: DaySpans, paces: Mapping[Place, Paces], asked: Mapping[Place, Mapping[str, Asked]]
) -> dict[Place, dict[str, dict[str, Pace]]]:
    """By kind and name, the pace where it is not the slowest; asked: who asks them.

    A gateway's room map says which collector asks a device. Where it does not, the quickest may: an answer
    that stands for too long would be heard where nobody asked. Raises store.Unavailable.
    """
    mixed = {place for place, own in paces.items() if any(map(_differ, own.values()))}
    told = _told(store, spans, mixed) if mixed else {}
    return {
        place: {
            kind: _own(found, asked[place].get(kind, {}), told.get((place, kind), {}))
            for kind, found in paces[place].items()
            if _differ(found)
        }
        for place in mixed
    }


def _differ(found: Mapping[Collector, Pace]) -> bool:
    return len({ms for pace in found.values() for ms in (pace.least, pace.most)}) > 1


def _own(
    found: Mapping[Collector, Pace], asked: Asked, told: Mapping[tuple[str, str], set[str]]
) -> dict[str, Pace]:
    most = max(pace.most for pace in found.values())
    paces = {
        name: min(_least(found, gateway, told.get((gateway, name), set())) for gateway in gateways)
        for name, gateways in asked.items()
    }
    return {name: pace for name, pace in sorted(paces.items()) if pace.least != most}


def _least(found: Mapping[Collector, Pace], gateway: str, collectors: set[str]) -> Pace:
    """The quickest, and that by which most is due: of these collectors; where none is known of the
    gateway's; and of all."""
    own = {name: pace for (of, name), pace in found.items() if of == gateway}
    named = [own[name] for name in collectors if name in own]
    return min(named or own.values() or found.values())


def _told(
    store: Store, spans: DaySpans, places: Iterable[Place]
) -> dict[tuple[Place, str], dict[tuple[str, str], set[str]]]:
    """Collectors by gateway and device, as that day's room maps name them."""
    found: dict[tuple[Place, str], dict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = store.query(
        Query(
            measurement=MEASUREMENTS["mapped_device"],
            select=(Select("collector"),),
            group_by=("district", "school", "gateway", "device", "type"),
            where=(Condition("school", "=", tuple(sorted({school for _, school in places}))),),
            since=spans.local.begin,
            until=spans.local.end,
        )
    )
    for row in rows:
        kind = "access_point" if row.tags["type"] == "access_point" else "room_device"
        place = row.tags["district"], row.tags["school"]
        found[place, kind][row.tags["gateway"], row.tags["device"]].add(str(row.values["collector"]))
    return found
