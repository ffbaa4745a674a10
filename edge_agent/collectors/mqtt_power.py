"""Metering plugs through a broker in the school: on by the power drawn, energy by what the meter grew.

Plugs speak when they like; a round tells what each said last, as long as that is not too old. What the broker
had kept from before (retained) says how a plug was, never how it is.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import aiomqtt

from contract import CollectorRun, RoomDevice
from edge_agent.collectors.base import Clock, Reads, Recall, Round, RunStatus, joined, shorten
from edge_agent.hosts import Unresolved, address_of
from edge_agent.plugs.dialects import DIALECTS, Said, Unreadable, read_message
from edge_agent.plugs.energy import Meter, growth
from edge_agent.plugs.plug_list import ListedPlug
from edge_agent.plugs.threshold import Learner
from edge_agent.settings import MqttPowerSettings
from edge_agent.tasks import end
from runtime.elapsed import elapsed_s
from runtime.language import Text

_RECONNECT_S = (1.0, 2.0, 5.0, 10.0, 30.0)
# Messages that wait to be read; what a flood brings on top is lost, and the next says the same.
_MOST_WAITING = 2000
_CONNECT_S = 10.0
# What was learnt is kept this often; a meter's number every round.
_KEEP_LEARNT_MS = 15 * 60_000
_NAMED = 5
# A message may be under way so long; a clock that was set back by more makes its messages no late ones.
_UNDER_WAY = timedelta(minutes=5)
# A plug that draws less than this has nothing on.
_NOTHING_W = 1.0


@dataclass(kw_only=True)
class Heard:
    """What one plug has said, and when (seconds that have elapsed, and the gateway's clock)."""

    watts: float | None = None
    watts_at: float = 0.0
    energy_wh: float | None = None
    energy_ms: int = 0
    life: str | None = None
    relay: bool | None = None
    online: bool | None = None
    last: tuple[str | None, float | None, float | None] | None = None
    unreadable: int = 0
    ever: bool = False
    before: Meter | None = None
    learner: Learner = field(default_factory=Learner)


class MqttPower:
    """All plugs behind one broker."""

    listens: Literal[True] = True
    reads: Reads = "room_device"

    def __init__(
        self,
        settings: MqttPowerSettings,
        *,
        plugs: Sequence[ListedPlug],
        password: str | None,
        recall: Recall,
    ) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._settings = settings
        self._plugs = plugs
        self._password = password
        self._note = f"mqtt_power:{settings.id}"
        self._heard = {plug.device: Heard() for plug in plugs}
        self._by_topic: dict[str, list[ListedPlug]] = {}
        for plug in plugs:
            for topic in self._topics(plug):
                self._by_topic.setdefault(topic, []).append(plug)
        self._task: asyncio.Task[None] | None = None
        self._connected = False
        self._trouble: tuple[RunStatus, Text] | None = None
        self._started = asyncio.Event()
        self._kept_ms = 0
        self._restore(recall)

    async def collect(self, clock: Clock) -> Round:
        """What the plugs have said since the last round."""
        if self._task is None or self._task.done():
            self._started.clear()
            self._task = asyncio.create_task(self._listen(clock), name=f"broker of {self.id}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.first_wait_s):
                    await self._started.wait()
                    await asyncio.sleep(self._settings.first_wait_s / 2)
        started, now, at = time.monotonic(), clock(), elapsed_s()
        readings: list[RoomDevice] = []
        problems: list[tuple[str, Text]] = []
        for plug in self._plugs:
            reading, problem = self._tell(plug, now, at)
            readings.append(reading)
            if problem is not None:
                problems.append((plug.device, problem))
        run, why = self._run(readings, problems, now, started)
        return Round(
            runs=(run,),
            readings=tuple(readings),
            notes=self._notes(now),
            words={run.target: why} if why is not None else {},
        )

    async def close(self) -> None:
        if self._task is not None:
            await end(self._task)

    # One plug.

    def _tell(self, plug: ListedPlug, now: int, at: float) -> tuple[RoomDevice, Text | None]:
        heard = self._heard[plug.device]
        fresh = heard.watts is not None and at - heard.watts_at <= self._settings.stale_s
        on: bool | None = None
        problem: Text | None = None
        if not self._connected:
            why = Text("与插座的消息代理不通", "the plugs' broker is away")
        elif heard.online is False:
            why = Text("插座离线（遗嘱消息）", "the plug is offline (its last will says so)")
        elif not fresh:
            why = self._silence(heard)
        else:
            on, why = _on_by_watts(plug, heard)
        live = fresh and self._connected and heard.online is not False
        used, meter_said = self._used(plug, heard, now) if live else (None, None)
        unreadable, heard.unreadable = heard.unreadable, 0
        if unreadable:
            problem = Text(f"{unreadable} 条消息读不懂", f"{unreadable} messages could not be read")
        elif meter_said is not None:
            problem = meter_said
        elif on is None:
            problem = why
        reading = RoomDevice(
            time=now,
            device=plug.device,
            type="plug",
            room=plug.room,
            reachable=live,
            power=None if on is None else "on" if on else "off",
            power_w=heard.watts if live else None,
            energy_wh=heard.energy_wh if live else None,
            used_wh=used,
            evidence=None if on is None else "watts",
            why=shorten(why.zh),
        )
        return reading, problem

    def _silence(self, heard: Heard) -> Text:
        if not heard.ever and heard.online:
            return Text(
                "在线，但从未收到它的功率：有的插座几分钟才报一次",
                "online, and has told no power yet: some plugs tell every few minutes only",
            )
        if not heard.ever:
            return Text(
                "从未收到它的消息：主题名写错，或未连代理",
                "never heard: a wrong topic, or it is not connected",
            )
        seconds = f"{self._settings.stale_s:g}"
        return Text(f"{seconds} 秒内没有功率消息", f"no message about its power within {seconds} s")

    def _used(self, plug: ListedPlug, heard: Heard, now: int) -> tuple[float | None, Text | None]:
        if heard.energy_wh is None:
            return None, None
        meter = Meter(wh=heard.energy_wh, at_ms=now, life=heard.life)
        found = growth(heard.before, meter, most_w=plug.most_w, wraps_wh=DIALECTS[plug.kind].wraps_wh)
        heard.before = meter
        return found.used_wh, found.said

    def _run(
        self,
        readings: Sequence[RoomDevice],
        problems: Sequence[tuple[str, Text]],
        now: int,
        started: float,
    ) -> tuple[CollectorRun, Text | None]:
        live = sum(1 for reading in readings if reading.reachable)
        status: RunStatus = "ok" if not problems else "partial"
        told = [Text(f"{device}：{why.zh}", f"{device}: {why.en}") for device, why in problems[:_NAMED]]
        if len(problems) > _NAMED:
            told.append(Text(f"另有 {len(problems) - _NAMED} 个", f"{len(problems) - _NAMED} more"))
        if self._trouble is not None and not self._connected:
            status, told = self._trouble[0], [self._trouble[1]]
        elif not live and readings:
            status = "timeout"
        elif not readings:
            status, told = "config", [Text("清单中没有插座", "the list has no plug")]
        why = joined(told) if told else None
        run = CollectorRun(
            time=now,
            collector=self.id,
            target=self._settings.target,
            status=status,
            rows=live,
            expected=len(readings),
            duration_ms=round((time.monotonic() - started) * 1000),
            reason=shorten(why.zh) if why is not None else None,
        )
        return run, why

    # The broker.

    def _topics(self, plug: ListedPlug) -> tuple[str, ...]:
        return DIALECTS[plug.kind].topics(plug.topic, plug.channel, self._settings.zigbee2mqtt)

    async def _listen(self, clock: Clock) -> None:
        """Stay connected. Whatever goes wrong is kept for the next round, and tried again."""
        attempt = 0
        while True:
            began = time.monotonic()
            try:
                await self._session(clock)
            except aiomqtt.MqttError as error:
                denied = "ot authori" in str(error) or "user name" in str(error).lower()
                self._trouble = ("auth", _DENIED) if denied else ("timeout", _AWAY)
            except Unresolved as error:
                self._trouble = ("config", error.text)
            except OSError:
                self._trouble = ("timeout", _AWAY)
            finally:
                self._connected = False
            if time.monotonic() - began > _RECONNECT_S[-1]:
                attempt = 0
            self._started.set()
            await asyncio.sleep(_RECONNECT_S[min(attempt, len(_RECONNECT_S) - 1)])
            attempt += 1

    async def _session(self, clock: Clock) -> None:
        settings = self._settings
        host = await address_of(settings.host, within_s=_CONNECT_S) if not settings.tls else settings.host
        client = aiomqtt.Client(
            host,
            settings.broker_port,
            username=settings.username,
            password=self._password,
            protocol=aiomqtt.ProtocolVersion.V311,
            clean_session=True,
            timeout=_CONNECT_S,
            tls_context=settings.tls_context(),
            max_queued_incoming_messages=_MOST_WAITING,
        )
        async with client:
            for topics in _in_parts(sorted(self._by_topic), 50):
                await client.subscribe([(topic, 0) for topic in topics])
            self._connected, self._trouble = True, None
            for plug in self._plugs:
                for topic, question in DIALECTS[plug.kind].asks(plug.topic, plug.channel):
                    await client.publish(topic, question)
            self._started.set()
            async for message in client.messages:
                self._hear(str(message.topic), message.payload, clock(), retained=bool(message.retain))

    def _hear(self, topic: str, payload: object, now: int, *, retained: bool) -> None:
        for plug in self._by_topic.get(topic, ()):
            heard = self._heard[plug.device]
            try:
                said = read_message(
                    plug.kind, topic, payload if isinstance(payload, bytes) else b"", plug.channel
                )
            except Unreadable:
                heard.unreadable += 1
                continue
            heard.unreadable += said.odd
            overlay = DIALECTS[plug.kind].tells_changes_only
            take(heard, said, now_s=elapsed_s(), now_ms=now, retained=retained, overlay=overlay)

    # What outlives the program.

    def _notes(self, now: int) -> dict[str, str]:
        meters = {
            device: [heard.before.wh, heard.before.at_ms, heard.before.life]
            for device, heard in self._heard.items()
            if heard.before is not None
        }
        notes = {self._note: json.dumps(meters)}
        if now - self._kept_ms >= _KEEP_LEARNT_MS or now < self._kept_ms:
            self._kept_ms = now
            learnt = {device: heard.learner.counts for device, heard in self._heard.items()}
            notes[f"{self._note}:learnt"] = json.dumps(learnt)
        return notes

    def _restore(self, recall: Recall) -> None:
        for device, kept in _kept(recall(self._note)):
            with contextlib.suppress(TypeError, ValueError, IndexError):
                if device in self._heard:
                    wh, at_ms, life = kept
                    self._heard[device].before = Meter(wh=float(wh), at_ms=int(at_ms), life=life)
        for device, kept in _kept(recall(f"{self._note}:learnt")):
            with contextlib.suppress(TypeError, ValueError):
                if device in self._heard:
                    self._heard[device].learner = Learner(int(count) for count in kept)


_AWAY = Text("插座的消息代理不通", "the plugs' broker is away")
_DENIED = Text(
    "插座的消息代理拒绝登录：用户名或口令不对", "the plugs' broker does not let us in: user or password"
)


def take(
    heard: Heard, said: Said, *, now_s: float, now_ms: int, retained: bool, overlay: bool = False
) -> None:
    """Put what a message says to what is known. A retained one was said before: it is no sample.

    overlay: it tells changes only, so that a power it does not tell is as it was.
    """
    if not retained and _is_late(heard, said):
        return  # it was under way while a later one came: it says how things were before that
    heard.online = said.online if said.online is not None else heard.online
    heard.relay = said.relay if said.relay is not None else heard.relay
    if retained:
        return
    if said.online is None:
        heard.ever = True
        # It speaks, whatever its last will said.
        heard.online = True if heard.online is False else heard.online
    key = (said.stamp, said.watts, said.energy_wh)
    repeated = said.stamp is not None and key == heard.last
    heard.last = key
    if said.watts is not None:
        heard.watts = said.watts
        if not repeated:
            heard.learner.see(said.watts)
    told = said.watts is not None or (overlay and heard.watts is not None and said.online is None)
    if told and not repeated:
        heard.watts_at = now_s
    if said.energy_wh is not None:
        heard.energy_wh, heard.energy_ms, heard.life = said.energy_wh, now_ms, said.meter


def _is_late(heard: Heard, said: Said) -> bool:
    """Whether a message was made before the last one, by its own clock and its meter.

    A clock that is set back further, or a meter that began anew, makes none late.
    """
    last = heard.last[0] if heard.last is not None else None
    before, now = _moment(last), _moment(said.stamp)
    if before is None or now is None or not timedelta(0) < before - now <= _UNDER_WAY:
        return False
    return said.energy_wh is None or heard.energy_wh is None or 0 < said.energy_wh <= heard.energy_wh


def _moment(stamp: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp).replace(tzinfo=None) if stamp else None
    except ValueError:
        return None


def _on_by_watts(plug: ListedPlug, heard: Heard) -> tuple[bool | None, Text]:
    watts = heard.watts or 0.0
    if heard.relay is False and watts < _NOTHING_W:
        return False, Text("插座已断开", "the plug is switched off")
    threshold = plug.on_w if plug.on_w is not None else heard.learner.threshold_w
    if watts < _NOTHING_W and (threshold is None or threshold > _NOTHING_W):
        return False, Text(f"{watts:g} W，几乎不耗电", f"{watts:g} W, next to nothing")
    if threshold is None:
        return None, Text(
            f"{watts:g} W，门限尚未学得（可在清单中写 on_w）",
            f"{watts:g} W, and its threshold is not learnt yet (on_w in the list sets it)",
        )
    how = Text("设定", "set") if plug.on_w is not None else Text("学得", "learnt")
    return watts >= threshold, Text(
        f"{watts:g} W，门限 {threshold:g} W（{how.zh}）", f"{watts:g} W, threshold {threshold:g} W ({how.en})"
    )


def _kept(text: str | None) -> Iterator[tuple[str, Any]]:
    """What a note holds; a damaged one holds nothing."""
    with contextlib.suppress(ValueError, AttributeError):
        yield from (json.loads(text) if text else {}).items()


def _in_parts(topics: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(topics), most):
        yield topics[at : at + most]
