"""What each maker's plugs say over MQTT, as one shape. Units become W and Wh; what makes no sense is told.

Tasmota: tele/TOPIC/SENSOR and STATE, stat/TOPIC/…; kWh. Shelly Gen1: shellies/ID/relay/N/power and energy;
watt-minutes. Shelly Gen2 and later: ID/events/rpc and ID/status/switch:N; Wh, and each message is only what
has changed. zigbee2mqtt: BASE/NAME; kWh.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

PlugDialect = Literal["tasmota", "shelly1", "shelly2", "zigbee2mqtt"]
# The largest message that a plug of these makers sends has a few kB.
MAX_MESSAGE = 16 * 1024
_LONGEST_STAMP = 40
# A number that a converter puts into quotation marks.
_WRITTEN = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?")
_MOST_W, _MOST_WH = 100_000.0, 1e12
# A meter with nothing behind it may show a little less than nothing.
_NOISE_W = -5.0


class Unreadable(Exception):
    """A message says nothing that can be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one message says; None: nothing of it. meter: the number of the meter's life, where it has one.

    odd: whether the power or the energy could not be read, while something else could.
    """

    watts: float | None = None
    energy_wh: float | None = None
    relay: bool | None = None
    online: bool | None = None
    meter: str | None = None
    stamp: str | None = None
    odd: bool = False


class Dialect(NamedTuple):
    """topics: what to listen to for a name and channel. read: a message by its topic's part after the name.

    wraps_wh: where the meter begins anew because its number has no more room.
    """

    topics: Callable[[str, int, str], tuple[str, ...]]
    read: Callable[[str, bytes, int], Said]
    asks: Callable[[str, int], tuple[tuple[str, str], ...]] = lambda name, channel: ()
    wraps_wh: float | None = None
    tells_changes_only: bool = False


def read_message(dialect: PlugDialect, topic: str, payload: bytes, channel: int) -> Said:
    """Raises Unreadable."""
    if len(payload) > MAX_MESSAGE:
        raise Unreadable
    return DIALECTS[dialect].read(topic, payload, channel)


# Tasmota.


def _tasmota_topics(name: str, channel: int, base: str) -> tuple[str, ...]:
    return (
        f"tele/{name}/LWT",
        f"tele/{name}/STATE",
        f"tele/{name}/SENSOR",
        f"stat/{name}/RESULT",
        f"stat/{name}/STATUS10",
        f"stat/{name}/POWER{'' if channel == 0 else channel}",
    )


def _tasmota(topic: str, payload: bytes, channel: int) -> Said:
    last = topic.rpartition("/")[2]
    if last == "LWT":
        return Said(online=_word(payload, {"Online": True, "Offline": False}))
    if last.startswith("POWER"):
        return Said(relay=_word(payload, {"ON": True, "OFF": False}))
    told = _object(payload)
    told = _within(told, "StatusSNS") or told
    energy = _within(told, "ENERGY")
    # The first of several relays is the plug where the list names none; another one's is none of ours.
    relay = told.get(f"POWER{channel}") if channel else told.get("POWER", told.get("POWER1"))
    power, total = (_of_channel(energy.get(name), channel) for name in ("Power", "Total"))
    watts, energy_wh, odd = _each(
        lambda: _watts(power) if energy and power is not _ALL else None,
        lambda: _energy(total, 1000) if energy and total is not _ALL else None,
    )
    return Said(
        watts=watts,
        energy_wh=energy_wh,
        odd=odd,
        meter=_stamp(energy, "TotalStartTime"),
        relay={"ON": True, "OFF": False}.get(relay) if isinstance(relay, str) else None,
        stamp=_stamp(told, "Time"),
    )


# The number of all channels together, where that of one is asked for.
_ALL = object()


def _of_channel(value: Any, channel: int) -> Any:
    """Of several channels a list has one number for each."""
    if not channel:
        return value
    return value[channel - 1] if isinstance(value, list) and len(value) >= channel else _ALL


# Shelly, first generation.


def _shelly1_topics(name: str, channel: int, base: str) -> tuple[str, ...]:
    relay = f"shellies/{name}/relay/{channel}"
    return f"shellies/{name}/online", relay, f"{relay}/power", f"{relay}/energy"


def _shelly1(topic: str, payload: bytes, channel: int) -> Said:
    last = topic.rpartition("/")[2]
    if last == "online":
        return Said(online=_word(payload, {"true": True, "false": False}))
    if last == "power":
        return Said(watts=_watts(_plain_number(payload)))
    if last == "energy":
        minutes = _plain_number(payload)
        return Said(energy_wh=_energy(minutes / 60, 1))
    # overpower is what switched it off.
    return Said(relay=_word(payload, {"on": True, "off": False, "overpower": False}))


# Shelly, second generation and later.


def _shelly2_topics(name: str, channel: int, base: str) -> tuple[str, ...]:
    return f"{name}/online", f"{name}/events/rpc", f"{name}/status/switch:{channel}", f"{_asker(name)}/rpc"


def _shelly2_asks(name: str, channel: int) -> tuple[tuple[str, str], ...]:
    """Only what changes is told; the rest must be asked for once."""
    question = {"id": 1, "src": _asker(name), "method": "Switch.GetStatus", "params": {"id": channel}}
    return ((f"{name}/rpc", json.dumps(question)),)


def _asker(name: str) -> str:
    return f"campus-{name}"


def _shelly2(topic: str, payload: bytes, channel: int) -> Said:
    if topic.endswith("/online"):
        return Said(online=_word(payload, {"true": True, "false": False}))
    told = _object(payload)
    if topic.endswith("/rpc"):
        told = _within(_within(told, "params"), f"switch:{channel}") or _within(told, "result")
        if told.get("id", channel) != channel:
            return Said()
    energy = _within(told, "aenergy")
    output = told.get("output")
    watts, energy_wh, odd = _each(
        lambda: _watts(told["apower"]) if "apower" in told else None,
        lambda: _energy(energy["total"], 1) if "total" in energy else None,
    )
    return Said(watts=watts, energy_wh=energy_wh, odd=odd, relay=output if isinstance(output, bool) else None)


# zigbee2mqtt.


def _zigbee_topics(name: str, channel: int, base: str) -> tuple[str, ...]:
    return f"{base}/{name}", f"{base}/{name}/availability"


def _zigbee(topic: str, payload: bytes, channel: int) -> Said:
    if topic.endswith("/availability"):
        plain = payload.strip()
        state = _object(plain).get("state") if plain.startswith(b"{") else plain.decode(errors="replace")
        return Said(online={"online": True, "offline": False}.get(str(state)))
    told = _object(payload)
    # A double socket tells power_l1 and power_l2; without a channel in the list it is the device as a whole.
    power, energy, state = (
        told.get(f"{name}_l{channel}" if channel else name) for name in ("power", "energy", "state")
    )
    watts, energy_wh, odd = _each(
        lambda: _watts(power) if power is not None else None,
        lambda: _energy(energy, 1000) if energy is not None else None,
    )
    return Said(
        watts=watts,
        energy_wh=energy_wh,
        odd=odd,
        relay={"ON": True, "OFF": False}.get(state) if isinstance(state, str) else None,
        stamp=_stamp(told, "last_seen"),
    )


# Values.


def _each(
    watts: Callable[[], float | None], energy: Callable[[], float | None]
) -> tuple[float | None, float | None, bool]:
    """Power and energy, each by itself: a broken meter does not take the power along; whether one was odd.

    Raises Unreadable where nothing of either is left.
    """
    found: list[float | None] = []
    odd = 0
    for read in (watts, energy):
        try:
            found.append(read())
        except Unreadable:
            found.append(None)
            odd += 1
    if odd and found == [None, None]:
        raise Unreadable
    return found[0], found[1], bool(odd)


def _watts(value: Any) -> float:
    """Watts of all phases; raises Unreadable where it is no power."""
    found = _sum(value)
    if not _NOISE_W <= found <= _MOST_W:
        raise Unreadable
    return max(0.0, round(found, 2))


def _energy(value: Any, wh: float) -> float:
    found = _sum(value) * wh
    if not 0 <= found <= _MOST_WH:
        raise Unreadable
    return round(found, 4)


def _sum(value: Any) -> float:
    """A number, or the sum of one for every phase."""
    parts = value if isinstance(value, list) and 0 < len(value) <= 3 else [value]
    parts = [float(part) if isinstance(part, str) and _WRITTEN.fullmatch(part) else part for part in parts]
    if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts):
        raise Unreadable
    try:
        found = float(sum(parts))
    except OverflowError as error:
        raise Unreadable from error
    if not math.isfinite(found):
        raise Unreadable
    return found


def _plain_number(payload: bytes) -> float:
    try:
        plain = payload.decode("ascii").strip()
    except ValueError as error:
        raise Unreadable from error
    if not _WRITTEN.fullmatch(plain):
        raise Unreadable
    return float(plain)


def _word(payload: bytes, words: Mapping[str, bool]) -> bool:
    found = words.get(payload.decode(errors="replace").strip())
    if found is None:
        raise Unreadable
    return found


def _object(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(found, dict):
        raise Unreadable
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; what it tells twice, and not alike, it does not tell."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found and found[name] != value:
            raise ValueError(name)
        found[name] = value
    return found


def _stamp(told: Mapping[str, Any], name: str) -> str | None:
    """A time as it is written; it is kept, and a plug may write what it likes."""
    return str(told[name])[:_LONGEST_STAMP] if name in told else None


def _within(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


DIALECTS: Mapping[PlugDialect, Dialect] = {
    "tasmota": Dialect(
        _tasmota_topics, _tasmota, asks=lambda name, channel: ((f"cmnd/{name}/Status", "10"),)
    ),
    # The meter is a number of 32 bits.
    "shelly1": Dialect(_shelly1_topics, _shelly1, wraps_wh=2**32 / 60),
    "shelly2": Dialect(_shelly2_topics, _shelly2, asks=_shelly2_asks, tells_changes_only=True),
    "zigbee2mqtt": Dialect(_zigbee_topics, _zigbee),
}
