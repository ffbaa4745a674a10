"""How everything stands now, as points: rooms with their devices and their use, gateways, schools."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from contract import Measurement, Point, Value
from registry import Registry
from rules.facts.now import GatewayNow, Heard, Now, Place, RoomNow
from rules.judging.evaluate import Evaluation
from rules.judging.utilisation import unused_rooms
from rules.stored.charted import Charts
from rules.stored.states import COLLECTOR_STATE, GATEWAY_STATE, ROOM_STATE, SCHOOL_STATE, STANDING
from rules.stored.tables import ALERT, VERDICT
from store import Query, Row, Select, Store

_Tags = tuple[str, ...]
_Fields = dict[str, Value | None]
# So many names stand in one field; beyond that, how many there are is the message.
_NAMED = 20


def firing_now(store: Store) -> Counter[tuple[str, str]]:
    """How many alerts of each (district, school) that ever had one fire; raises store.Unavailable."""
    newest = Query(measurement=ALERT, select=(Select("status"),), group_by=ALERT.tag_names, newest=1)
    found = Counter[tuple[str, str]]()
    for row in store.query(newest):
        found[row.tags["district"], row.tags["school"]] += row.values["status"] == "firing"
    return found


def state_points(
    registry: Registry, evaluation: Evaluation, now: Now, firing: Counter[tuple[str, str]], now_ms: int
) -> Iterator[Point]:
    """Every room that is heard of or used, every gateway, and every school of the registry."""
    uses = _uses(registry, evaluation)
    for place in sorted({*now.rooms, *uses}):
        fields = _devices(now.rooms.get(place, RoomNow()), now_ms) | uses.get(place, {})
        yield _point(ROOM_STATE, place, now_ms, fields)
    gateways: dict[tuple[str, str], list[GatewayNow]] = defaultdict(list)
    for gateway in now.gateways:
        gateways[gateway.district, gateway.school].append(gateway)
        place = (gateway.district, gateway.school, gateway.gateway)
        yield _point(GATEWAY_STATE, place, now_ms, _gateway(gateway, now_ms))
    for tags, run in sorted(now.collectors.items()):
        yield _point(COLLECTOR_STATE, tags, now_ms, _collector(run, now_ms))
    for school in registry.schools.values():
        key = (school.district, school.school_code)
        fields = _school(gateways.get(key, []), now_ms) | {"firing": firing[key]}
        yield _point(SCHOOL_STATE, key, now_ms, fields)


def others_firing(whole: Registry, firing: Counter[tuple[str, str]], now_ms: int) -> Iterator[Point]:
    """How many alerts fire that are of no school of the whole registry: the bureau's own, and strangers'."""
    registered = {(school.district, school.school_code) for school in whole.schools.values()}
    for key in sorted(firing.keys() - registered):
        yield _point(SCHOOL_STATE, key, now_ms, {"firing": firing[key]})


def standings(charts: Charts, verdicts: Iterable[Point], now_ms: int) -> Iterator[Point]:
    """Each section's verdicts side by side, from the verdicts' own points."""
    found: dict[_Tags, _Fields] = defaultdict(dict)
    for point in verdicts:
        if point.measurement == VERDICT:
            *section, indicator = point.tags
            found[tuple(section)][charts.items.get(indicator, indicator)] = point.fields[
                VERDICT.field_names.index("verdict")
            ]
    for tags, fields in found.items():
        school = charts.registry.schools.get(tags[1])
        yield _point(STANDING, tags, now_ms, {"unit": school.unit if school else None, **fields})


def _uses(registry: Registry, evaluation: Evaluation) -> Mapping[Place, _Fields]:
    """Rooms with displays by (district, school, room): their lessons, as U1 and U3 count them."""
    facts, found = evaluation.facts, dict[Place, _Fields]()
    if facts is None:
        return found
    for school in evaluation.utilisation:
        unused = unused_rooms(evaluation.standard, facts, school.rooms)
        for room in school.rooms:
            use = facts.use.get(room)
            found[registry.schools[room[0]].district, *room] = {
                "lessons_due": facts.lessons_due(*room),
                "lessons_known": use.lessons_known if use else 0,
                "lessons_used": use.lessons_used if use else 0,
                "unused": int(unused[room]) if room in unused else None,
            }
    return found


def _devices(room: RoomNow, now_ms: int) -> _Fields:
    aps = [ap for ap in room.aps if ap.fresh(now_ms) and ap.values["state"] != "unknown"]
    radios = [radio for radio in room.radios if radio.fresh(now_ms)]
    asked = [display for display in room.displays if display.fresh(now_ms)]
    silent = [display for display in asked if not display.values["reachable"]]
    answering = [display for display in asked if display.values["reachable"]]
    faulty = [display for display in answering if display.values["condition"] == "error"]
    return {
        "aps": len(room.aps),
        "aps_known": len(aps),
        "aps_up": sum(ap.values["state"] == "up" for ap in aps),
        "aps_down": _named(ap.name for ap in aps if ap.values["state"] != "up"),
        "clients": sum(clients) if (clients := _numbers(aps, "clients")) else None,
        "busy_pct": max(_numbers(radios, "utilisation_pct"), default=None),
        "noise_dbm": max(_numbers(radios, "noise_dbm"), default=None),
        "displays": len(room.displays),
        "displays_known": len(answering),
        "displays_silent": len(silent),
        "displays_on": sum(display.values["power"] in {"on", "warming"} for display in answering),
        "displays_faulty": len(faulty),
        "silent": _named(display.name for display in silent),
        "faults": _named(f"{display.name}: {display.values['faults'] or 'error'}" for display in faulty),
        "lamp_h": max(_numbers(room.displays, "lamp_h"), default=None),
        "silent_s": _since(room.last_ms(), now_ms),
    }


def _gateway(gateway: GatewayNow, now_ms: int) -> _Fields:
    return {
        **{name: _plain(value) for name, value in gateway.account.items() if name != "online"},
        "alive": int(gateway.alive(now_ms)),
        "silent_s": _since(gateway.heard_ms, now_ms),
    }


def _collector(run: Row, now_ms: int) -> _Fields:
    return {
        "ok": int(run.values["status"] == "ok"),
        "status": run.values["status"],
        "why": run.values["reason"],
        "rows": run.values["rows"],
        "expected": run.values["expected"],
        "silent_s": _since(run.time, now_ms),
    }


def _school(gateways: list[GatewayNow], now_ms: int) -> _Fields:
    heard = max((gateway.heard_ms for gateway in gateways if gateway.heard_ms is not None), default=None)
    alive = sum(gateway.alive(now_ms) for gateway in gateways)
    return {
        "gateways": len(gateways),
        "gateways_alive": alive,
        "heard": int(heard is not None),
        "alive": int(alive > 0),
        "silent_s": _since(heard, now_ms),
    }


def _since(moment_ms: int | None, now_ms: int) -> int | None:
    return None if moment_ms is None else max(0, now_ms - moment_ms) // 1000


def _numbers(devices: Iterable[Heard], name: str) -> list[int]:
    return [value for device in devices if isinstance(value := device.values[name], int)]


def _named(names: Iterable[str]) -> str | None:
    found = sorted(names)
    return "、".join(found[:_NAMED]) + ("…" if len(found) > _NAMED else "") if found else None


def _plain(value: object) -> Value | None:
    return value if isinstance(value, str | int | float) else None


def _point(table: Measurement, tags: tuple[str, ...], now_ms: int, fields: _Fields) -> Point:
    return Point(table, tags, now_ms, tuple(map(fields.get, table.field_names)))
