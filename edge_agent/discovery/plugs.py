"""Metering plugs behind a broker in the school: who speaks there like one, and what it is called.

Only the topics of Tasmota, Shelly and zigbee2mqtt are listened to, for seconds. Who is there by his last word
alone is asked once for his power, as the gateway will ask it later; nothing is ever switched.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiomqtt

from edge_agent.hosts import Unresolved, address_of
from edge_agent.plugs.dialects import DIALECTS, MAX_MESSAGE, PlugDialect, Said, Unreadable, read_message
from runtime import BrokerSettings
from runtime.language import Text

_CONNECT_S = 5.0
_ZIGBEE = "zigbee2mqtt"
_TOPICS = (
    "tasmota/discovery/+/config",
    "tele/+/LWT",
    "tele/+/STATE",
    "tele/+/SENSOR",
    "stat/+/STATUS10",
    "shellies/+/online",
    "shellies/+/relay/+",
    "shellies/+/relay/+/power",
    # A Shelly of the second generation may have any prefix: school/floor1/plug/events/rpc.
    *(
        "/".join(["+"] * levels) + end
        for levels in range(1, 6)
        for end in ("/online", "/events/rpc", "/status/+")
    ),
)
_PREFIXES_OF_OTHERS = frozenset({"shellies", _ZIGBEE, "tele", "stat", "cmnd", "tasmota", "homeassistant"})
# What stands behind a name of zigbee2mqtt where it is not the device that speaks.
_NOT_ITSELF = frozenset({"set", "get"})
# The list of a hundred devices with all that they can do.
_MOST_LIST = 4 * 1024**2
MOST_PLUGS = 1000
_MOST_WAITING = 5000
_DENIED = Text(
    "插座的代理拒绝登录：用户名或口令不对", "the plugs' broker denies access: wrong name or password"
)
_AWAY = Text("插座的代理连接不上", "the plugs' broker cannot be reached")
NO_POWER = Text(
    "听的时间内没有报功率：请加长 --plug-wait 再试，或者它不是计量插座",
    "it told no power in that time: try a longer --plug-wait; or it is no metering plug",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugBroker:
    """Where plugs speak, as a configuration has it. wait_s: how long they are listened to."""

    url: str
    username: str | None = None
    password: str | None = None
    wait_s: float = 35.0

    @property
    def settings(self) -> BrokerSettings:
        """Raises pydantic's ValidationError."""
        return BrokerSettings(url=self.url, username=self.username, password=self.password)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPlug:
    """A plug. names: what it is called, the best first. meters: whether it told its power."""

    kind: PlugDialect
    topic: str
    channel: int = 0
    names: tuple[str, ...] = ()
    mac: str = ""
    meters: bool = False

    @property
    def device(self) -> str:
        return f"{self.topic}:{self.channel}" if self.channel else self.topic


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugsSeen:
    """All of a broker. trouble: why it could not be listened to."""

    broker: PlugBroker
    plugs: tuple[SeenPlug, ...] = ()
    trouble: Text | None = None


def look_for_plugs(broker: PlugBroker) -> PlugsSeen:
    """Listen for a while. Raises ConfigError where a secret or certificate is not there."""
    settings = broker.settings
    password = settings.read_password()
    tls = settings.read_certificates(key="--plug-broker")
    ears = Ears()

    async def run() -> Text | None:
        try:
            host = settings.host if tls else await address_of(settings.host, within_s=_CONNECT_S)
            client = aiomqtt.Client(
                host,
                settings.port,
                username=settings.username,
                password=password,
                protocol=aiomqtt.ProtocolVersion.V311,
                timeout=_CONNECT_S,
                tls_context=tls,
                max_queued_incoming_messages=_MOST_WAITING,
            )
            async with client:
                await _listen(client, ears, broker.wait_s)
        except aiomqtt.MqttError as error:
            said = str(error).lower()
            return _DENIED if "authori" in said or "user name" in said else _AWAY
        except Unresolved as error:
            return error.text
        except OSError:
            return _AWAY
        return None

    trouble = asyncio.run(run())
    return PlugsSeen(broker=broker, plugs=tuple(ears.plugs()), trouble=trouble)


async def _listen(client: aiomqtt.Client, ears: "Ears", wait_s: float) -> None:
    topics = (*_TOPICS, f"{_ZIGBEE}/#")
    await client.subscribe([(topic, 0) for topic in topics])
    asked: set[tuple[PlugDialect, str, int]] = set()
    end = time.monotonic() + wait_s
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + wait_s):
            messages = aiter(client.messages)
            while time.monotonic() < end:
                message = await anext(messages)
                payload = message.payload if isinstance(message.payload, bytes) else b""
                ears.hear(str(message.topic), payload)
                for plug in ears.silent(asked):
                    await _ask(client, plug)


async def _ask(client: aiomqtt.Client, plug: SeenPlug) -> None:
    dialect = DIALECTS[plug.kind]
    # An answer may come to a topic of its own.
    own = [
        topic for topic in dialect.topics(plug.topic, plug.channel, _ZIGBEE) if topic.startswith("campus-")
    ]
    if own:
        await client.subscribe([(topic, 0) for topic in own])
    for topic, question in dialect.asks(plug.topic, plug.channel):
        await client.publish(topic, question)


@dataclass(slots=True)
class Ears:
    """What was heard, plug by plug."""

    _heard: dict[tuple[PlugDialect, str, int], SeenPlug] = field(default_factory=dict)
    _others: set[str] = field(default_factory=set)
    _names: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)

    def plugs(self) -> Iterator[SeenPlug]:
        """By kind and topic, with the names that it gave itself."""
        for (_, topic, _), plug in sorted(self._heard.items()):
            names, mac = self._names.get(topic, ((), ""))
            yield SeenPlug(
                kind=plug.kind,
                topic=topic,
                channel=plug.channel,
                names=tuple(dict.fromkeys((*names, topic.replace("/", " ")))),
                mac=mac,
                meters=plug.meters,
            )

    def silent(self, asked: set[tuple[PlugDialect, str, int]]) -> list[SeenPlug]:
        """Those that told no power and were not asked yet; they count as asked then."""
        found = {key: plug for key, plug in self._heard.items() if not plug.meters and key not in asked}
        asked.update(found)
        return list(found.values())

    def hear(self, topic: str, payload: bytes) -> None:
        """One message; what is not a plug's is passed over."""
        parts = topic.split("/")
        if topic == f"{_ZIGBEE}/bridge/devices":
            self._zigbee_list(payload)
        elif parts[:2] == ["tasmota", "discovery"]:
            self._tasmota_config(payload)
        elif len(payload) <= MAX_MESSAGE and (found := _speaker(parts)) is not None:
            kind, name, channel = found
            try:
                said = read_message(kind, topic, payload, channel)
            except Unreadable:
                return
            if said != Said():
                self._add(kind, name, channel, meters=said.watts is not None)

    def _add(self, kind: PlugDialect, name: str, channel: int, *, meters: bool) -> None:
        key = (kind, name, channel)
        before = self._heard.get(key)
        if before is None and len(self._heard) >= MOST_PLUGS:
            return
        known = meters or (before is not None and before.meters)
        if name in self._others and not known:
            return  # a lamp, a sensor: the bridge's list says so
        self._heard[key] = SeenPlug(kind=kind, topic=name, channel=channel, meters=known)

    def _tasmota_config(self, payload: bytes) -> None:
        """Its discovery message: t is the topic, dn and fn what people call it."""
        told = _object(payload[:MAX_MESSAGE])
        topic = _text(told, "t")
        if topic:
            friendly = told.get("fn")
            names = [_text(told, "dn"), *(friendly if isinstance(friendly, list) else ())]
            self._names[topic] = (
                tuple(name[:64] for name in names if isinstance(name, str) and name),
                _text(told, "mac"),
            )
            self._add("tasmota", topic, 0, meters=False)

    def _zigbee_list(self, payload: bytes) -> None:
        """The bridge's list: those that expose a power are metering plugs."""
        if len(payload) > _MOST_LIST:
            return
        with contextlib.suppress(ValueError, RecursionError):
            told = json.loads(payload)
            for device in told if isinstance(told, list) else ():
                name = _text(device, "friendly_name") if isinstance(device, dict) else ""
                if name and _exposes_power(device.get("definition")):
                    self._add("zigbee2mqtt", name, 0, meters=True)
                elif name and len(self._others) < MOST_PLUGS:
                    self._others.add(name)
                    self._heard.pop(("zigbee2mqtt", name, 0), None)


def _speaker(parts: list[str]) -> tuple[PlugDialect, str, int] | None:
    """Who speaks at a topic: dialect, name, channel."""
    match parts:
        case ["tele", name, "LWT" | "STATE" | "SENSOR"] | ["stat", name, "STATUS10"]:
            return "tasmota", name, 0
        case ["shellies", name, "online"]:
            return "shelly1", name, 0
        case ["shellies", name, "relay", number, *_] if number.isdecimal() and len(number) < 3:
            return "shelly1", name, int(number)
        case [asker, *rest, "rpc"] if asker.startswith("campus-"):
            return "shelly2", "/".join([asker.removeprefix("campus-"), *rest]), 0
        case [first, *_] if first not in _PREFIXES_OF_OTHERS:
            return _second_generation(parts)
        case [base, first, *_] if base == _ZIGBEE and first != "bridge" and parts[-1] not in _NOT_ITSELF:
            own = parts[1:-1] if parts[-1] == "availability" else parts[1:]
            return ("zigbee2mqtt", "/".join(own), 0) if own else None
    return None


def _second_generation(parts: list[str]) -> tuple[PlugDialect, str, int] | None:
    match parts:
        case [*name, "events", "rpc"] | [*name, "online"] if name:
            return "shelly2", "/".join(name), 0
        case [*name, "status", part] if name and part.startswith("switch:"):
            number = part.partition(":")[2]
            return (
                ("shelly2", "/".join(name), int(number)) if number.isdecimal() and len(number) < 3 else None
            )
    return None


def _exposes_power(definition: Any) -> bool:
    exposes = definition.get("exposes") if isinstance(definition, dict) else None
    return any(
        isinstance(exposed, dict) and exposed.get("property") == "power"
        for exposed in (exposes if isinstance(exposes, list) else ())
    )


def _object(payload: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(payload)
        return found if isinstance(found, dict) else {}
    return {}


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value[:64] if isinstance(value, str) else ""
