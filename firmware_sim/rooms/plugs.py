"""Metering plugs as they speak to a broker: Tasmota, Shelly of both generations, zigbee2mqtt.

What they say follows their makers' documents: Tasmota's tele/ and stat/ topics, Shelly Gen1's shellies/,
Gen2's RPC notifications which hold only what has changed, zigbee2mqtt's one object a device.
"""

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from firmware_sim.chance import between, digest
from firmware_sim.rooms.equipment import Plug
from firmware_sim.rooms.faults import PlugFault
from firmware_sim.rooms.life import RoomLife
from firmware_sim.rooms.mqtt import Connection

Message = tuple[str, bytes, bool]
"""Topic, payload, retained."""
_FLOOD = 100
# The meters began to count so long ago.
_SINCE_S = 20 * 86_400
_WRAP_WH = 2**32 / 60
_RECONNECT_S = 1.0


def meter_before(plug: Plug) -> int:
    """What a plug's meter had counted before it came to this school, in Wh."""
    return between(2_000, 400_000, plug.topic, "meter")


@dataclass(kw_only=True)
class SimulatedPlug:
    """One plug. `say` gives its messages of a moment."""

    plug: Plug
    life: RoomLife
    fault: Callable[[], PlugFault]
    started: float
    _told: dict[str, object] = field(default_factory=dict)
    _left: bool = False

    @property
    def will(self) -> tuple[str, bytes]:
        topic = self.plug.topic
        return {
            "tasmota": (f"tele/{topic}/LWT", b"Offline"),
            "shelly1": (f"shellies/{topic}/online", b"false"),
            "shelly2": (f"{topic}/online", b"false"),
        }.get(self.plug.kind, (f"zigbee2mqtt/{topic}/availability", b'{"state":"offline"}'))

    def greeting(self) -> Message:
        topic, _ = self.will
        word = {"tasmota": b"Online", "shelly1": b"true", "shelly2": b"true"}
        return topic, word.get(self.plug.kind, b'{"state":"online"}'), True

    def say(self, time: float, *, whole: bool = False) -> Iterator[Message]:
        """What it tells at this moment; whole: all of it, as one that has just connected or was asked."""
        fault = self.fault()
        if fault == "nonsense":
            yield self._nonsense()
            return
        if fault == "stale" and self._left:
            return
        self._left = fault == "stale"
        watts = 0.0 if fault == "lies" else self.life.watts(self.plug.room, time)
        energy = self._energy(time, fault)
        retained = fault == "stale"
        for topic, payload in self._messages(time, watts, energy, whole=whole):
            for _ in range(_FLOOD if fault == "flood" else 2 if fault == "duplicates" else 1):
                yield topic, payload, retained

    def _energy(self, time: float, fault: PlugFault) -> float:
        if fault in {"reset", "wraps"}:
            counted = self.life.energy_wh(self.plug.room, time, since=self.started)
            return counted if fault == "reset" else (counted + _WRAP_WH - 20) % _WRAP_WH
        return round(self.life.meter_wh(self.plug.room, time) + meter_before(self.plug), 3)

    def _messages(
        self, time: float, watts: float, energy_wh: float, *, whole: bool
    ) -> Iterator[tuple[str, bytes]]:
        topic = self.plug.topic
        if self.plug.kind == "tasmota":
            yield (
                f"tele/{topic}/STATE",
                _json({"Time": _local(time), "POWER": "ON", "Wifi": {"RSSI": 70, "Signal": -65}}),
            )
            yield (
                f"tele/{topic}/SENSOR",
                _json({"Time": _local(time), "ENERGY": self._tasmota(watts, energy_wh)}),
            )
        elif self.plug.kind == "shelly1":
            yield f"shellies/{topic}/relay/0", b"on"
            yield f"shellies/{topic}/relay/0/power", f"{watts:.2f}".encode()
            yield f"shellies/{topic}/relay/0/energy", str(int(energy_wh * 60)).encode()
        elif self.plug.kind == "shelly2":
            status = self._shelly2(time, watts, energy_wh)
            changed = {key: value for key, value in status.items() if whole or self._told.get(key) != value}
            self._told = status
            note = {
                "src": topic,
                "dst": f"{topic}/events",
                "method": "NotifyStatus",
                "params": {"ts": round(time, 2), "switch:0": {"id": 0, **changed}},
            }
            yield f"{topic}/events/rpc", _json(note)
        else:
            yield (
                f"zigbee2mqtt/{topic}",
                _json(
                    {
                        "state": "ON",
                        "power": round(watts),
                        "voltage": 231,
                        "current": round(watts / 231, 2),
                        "energy": round(energy_wh / 1000, 2),
                        "linkquality": 120,
                    }
                ),
            )

    def answer(self, topic: str, payload: bytes, time: float) -> Iterator[Message]:
        """What it says to a question: Tasmota's Status 10, Shelly's RPC."""
        if self.fault() in {"stale", "nonsense"}:
            return
        watts, energy = self.life.watts(self.plug.room, time), self._energy(time, self.fault())
        if self.plug.kind == "tasmota" and topic == f"cmnd/{self.plug.topic}/Status" and payload == b"10":
            told = {"StatusSNS": {"Time": _local(time), "ENERGY": self._tasmota(watts, energy)}}
            yield f"stat/{self.plug.topic}/STATUS10", _json(told), False
        elif self.plug.kind == "shelly2" and topic == f"{self.plug.topic}/rpc":
            asked = json.loads(payload)
            if asked.get("method") == "Switch.GetStatus":
                result = {"id": 0, **self._shelly2(time, watts, energy)}
                reply = {"id": asked["id"], "src": self.plug.topic, "dst": asked["src"], "result": result}
                yield f"{asked['src']}/rpc", _json(reply), False

    @property
    def questions(self) -> str | None:
        return {"tasmota": f"cmnd/{self.plug.topic}/+", "shelly2": f"{self.plug.topic}/rpc"}.get(
            self.plug.kind
        )

    def _tasmota(self, watts: float, energy_wh: float) -> dict[str, object]:
        return {
            "TotalStartTime": _local(self.started if self.fault() == "reset" else self.started - _SINCE_S),
            "Total": round(energy_wh / 1000, 3),
            "Yesterday": 0.9,
            "Today": 0.4,
            "Period": 1,
            "Power": round(watts),
            "ApparentPower": round(watts * 1.1),
            "ReactivePower": 3,
            "Factor": 0.92,
            "Voltage": 229,
            "Current": round(watts / 229, 3),
        }

    def _shelly2(self, time: float, watts: float, energy_wh: float) -> dict[str, object]:
        return {
            "output": True,
            "apower": watts,
            "voltage": 229.4,
            "current": round(watts / 229.4, 3),
            "aenergy": {"total": energy_wh, "by_minute": [0.0, 0.0, 0.0], "minute_ts": int(time // 60 * 60)},
        }

    def _nonsense(self) -> Message:
        topic = self.plug.topic
        return {
            "tasmota": (f"tele/{topic}/SENSOR", b'{"Time":"x","ENERGY":{"Power":"lots","Total":NaN}}', False),
            "shelly1": (f"shellies/{topic}/relay/0/power", b"1e999", False),
            "shelly2": (f"{topic}/events/rpc", b"[" * 9000, False),
        }.get(self.plug.kind, (f"zigbee2mqtt/{topic}", b'{"power": "\xff"}', False))


async def serve_plug(
    plug: SimulatedPlug,
    host: str,
    port: int,
    *,
    clock: Callable[[], float],
    every_s: float,
) -> None:
    """Be this plug until cancelled: connect, answer, tell every so often; silent ones drop the connection."""
    while True:
        if plug.fault() == "silent":
            await asyncio.sleep(every_s)
            continue
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await _connected(plug, host, port, clock=clock, every_s=every_s)
        await asyncio.sleep(min(_RECONNECT_S, every_s))


async def _connected(
    plug: SimulatedPlug, host: str, port: int, *, clock: Callable[[], float], every_s: float
) -> None:
    # A broker need take no names but plain ones (MQTT 3.1.1, 3.1.3.1).
    client = f"plug{digest(plug.plug.topic, 'client') & 0xFFFFFFFF:08x}"
    connection = await Connection.open(host, port, client, will=plug.will)
    answering: asyncio.Task[None] | None = None
    try:
        topic, payload, retained = plug.greeting()
        await connection.publish(topic, payload, retain=retained)
        if plug.questions:
            await connection.subscribe(plug.questions)
        answering = asyncio.create_task(_answer(plug, connection, clock), name=f"plug {plug.plug.device}")
        whole = True
        while plug.fault() != "silent" and not answering.done():
            for topic, payload, retained in plug.say(clock(), whole=whole):
                await connection.publish(topic, payload, retain=retained)
            whole = False
            await asyncio.sleep(every_s)
    finally:
        if answering is not None:
            answering.cancel()
        connection.drop()


async def _answer(plug: SimulatedPlug, connection: Connection, clock: Callable[[], float]) -> None:
    async for topic, payload in connection.messages():
        for reply, said, _ in plug.answer(topic, payload, clock()):
            await connection.publish(reply, said)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _local(time: float) -> str:
    """The plug's own time, which names no zone."""
    china = dt.timezone(dt.timedelta(hours=8))
    return dt.datetime.fromtimestamp(time, china).strftime("%Y-%m-%dT%H:%M:%S")
