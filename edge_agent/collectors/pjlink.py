"""Projectors over PJLink. One that does not answer is unknown, not off: many sleep with their network off."""

import asyncio
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from contract import CollectorRun, RoomDevice
from edge_agent.changes import Changes
from edge_agent.collectors.base import Clock, Reads, Round, RunStatus, joined, shorten
from edge_agent.collectors.pjlink_client import Answers, Denied, Place, Unreachable, ask
from edge_agent.collectors.pjlink_udp import Ear, search
from edge_agent.settings import PjlinkSettings
from edge_agent.tables import Projector
from edge_agent.tasks import end
from runtime.errors import os_reason
from runtime.language import Text

STATUS_COMMANDS = ("POWR", "LAMP", "INPT", "ERST")
IDENTITY_COMMANDS = ("INF1", "INF2", "CLSS")
# Asked of those only that say they know class 2.
SECOND_COMMANDS = ("SNUM", "FILT")
# Who made it does not change from minute to minute, nor what it cannot tell.
DAY_MS = 24 * 3_600_000
# Some projectors lock up or lock out when the password is tried again and again.
DENIED_PAUSE_MS = 15 * 60_000
HOUR_MS = 3_600_000
# One that announces without end is asked not more often than this, and not more of them at a time.
_HINT_PAUSE_S = 5.0
_MOST_HINTS = 64

log = logging.getLogger(__name__)

_RESTING = Text("暂不再问", "not asked again yet")

_POWER = {"0": "off", "1": "on", "2": "cooling", "3": "warming"}
_SOURCES = {"1": "rgb", "2": "video", "3": "digital", "4": "storage", "5": "network", "6": "internal"}
_PARTS = ("fan", "lamp", "temperature", "cover", "filter", "other")
_SEVERITY = {"0": "ok", "1": "warning", "2": "error"}


@dataclass(kw_only=True)
class Memory:
    """What is known of one projector from earlier rounds."""

    unsupported: dict[str, int] = field(default_factory=dict)
    identified_until: int = 0
    maker: str | None = None
    model: str | None = None
    knows_second: bool = False
    second_until: int = 0
    serial: str | None = None
    filter_h: int | None = None
    moved_to: str | None = None
    hinted_at: float = 0.0
    denied_until: int = 0
    denied: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One projector's part of a round; no reading where it was not asked."""

    run: CollectorRun
    reading: RoomDevice | None = None
    why: Text | None = None


class Pjlink:
    """All projectors of a school."""

    reads: Reads = "room_device"

    def __init__(self, settings: PjlinkSettings, *, projectors: Sequence[Projector]) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._settings = settings
        self._projectors = projectors
        self._memory = {projector.device: Memory() for projector in projectors}
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._ear: Ear | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._hinted: list[RoomDevice] = []
        self._macs: dict[str, str] = {}
        self._searched_until = 0
        self._said = Changes(log)

    async def collect(self, clock: Clock) -> Round:
        """Ask every projector once; tell what those said that announced a change since the last round."""
        await self._listen(clock)
        await self._search(clock)
        hinted, self._hinted = self._hinted, []
        outcomes = await asyncio.gather(*(self._poll(projector, clock) for projector in self._projectors))
        return Round(
            runs=tuple(outcome.run for outcome in outcomes),
            readings=(
                *hinted,
                *(outcome.reading for outcome in outcomes if outcome.reading is not None),
            ),
            words={outcome.run.target: outcome.why for outcome in outcomes if outcome.why is not None},
        )

    async def close(self) -> None:
        if self._ear is not None:
            self._ear.close()
        await end(*self._asking)

    async def _listen(self, clock: Clock) -> None:
        """Be there for projectors that announce changes. Anybody can send such a thing: it is only a hint."""
        host = self._settings.notifications
        if host is None or self._ear is not None:
            return
        try:
            self._ear = await Ear.open(
                host, self._settings.notification_port, lambda at: self._hint(at, clock)
            )
        except OSError as error:
            why = os_reason(error)
            self._said.trouble("notifications", f"cannot listen on {host}: {why.en}")

    def _hint(self, address: str, clock: Clock) -> None:
        for projector in self._projectors:
            memory = self._memory[projector.device]
            if address not in {projector.host, memory.moved_to} or len(self._asking) >= _MOST_HINTS:
                continue
            if time.monotonic() - memory.hinted_at >= _HINT_PAUSE_S:
                memory.hinted_at = time.monotonic()
                task = asyncio.create_task(self._follow(projector, clock), name=f"hint of {address}")
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)

    async def _follow(self, projector: Projector, clock: Clock) -> None:
        outcome = await self._poll(projector, clock)
        if outcome.reading is not None and len(self._hinted) < _MOST_HINTS:
            self._hinted.append(outcome.reading)

    async def _search(self, clock: Clock) -> None:
        """Where projectors of class 2 say that they are; one that has moved is asked where it is now."""
        if not self._settings.search or clock() < self._searched_until:
            return
        self._searched_until = clock() + HOUR_MS
        found = await search(
            self._settings.search,
            port=self._settings.search_port,
            within_s=self._settings.reply_timeout_s / 4,
        )
        at = {mac: address for address, mac in found.items()}
        for projector in self._projectors:
            mac = self._macs.get(projector.device) or found.get(projector.host)
            if mac is not None:
                self._macs[projector.device] = mac
                place = at.get(mac)
                self._memory[projector.device].moved_to = place if place != projector.host else None
        listed = {projector.host for projector in self._projectors} | {
            memory.moved_to for memory in self._memory.values()
        }
        for address in sorted(found.keys() - listed):
            self._said.trouble(f"unlisted {address}", f"a projector at {address} is not in the list")

    async def _poll(self, projector: Projector, clock: Clock) -> Outcome:
        async with self._slots:
            memory, now = self._memory[projector.device], clock()
            if memory.denied is not None and now < memory.denied_until:
                return self._outcome(projector, now, "auth", joined([memory.denied, _RESTING]))
            started = time.monotonic()
            try:
                answers = await ask(self._place(projector), _commands(memory, now))
            except Unreachable as error:
                status: RunStatus = "refused" if error.refused else "timeout"
                if error.unresolved:
                    status = "config"
                return self._unheard(projector, clock(), status, error.text, started, reachable=False)
            except Denied as error:
                memory.denied_until, memory.denied = clock() + DENIED_PAUSE_MS, error.text
                return self._unheard(projector, clock(), "auth", error.text, started, reachable=True)
            if not answers.heard:
                status = "decode" if answers.garbled else "timeout"
                why = answers.broken or Text("没有答复", "no answer")
                return self._unheard(projector, clock(), status, why, started, reachable=answers.garbled)
            return self._heard(projector, memory, answers, clock(), started)

    def _place(self, projector: Projector) -> Place:
        return Place(
            host=self._memory[projector.device].moved_to or projector.host,
            port=projector.port,
            password=projector.password,
            connect_timeout_s=self._settings.connect_timeout_s,
            reply_timeout_s=self._settings.reply_timeout_s,
        )

    def _heard(
        self, projector: Projector, memory: Memory, answers: Answers, now: int, started: float
    ) -> Outcome:
        _remember(memory, answers, now)
        fields, problems = read_answers(answers)
        if answers.broken:
            problems.append(answers.broken)
        status: RunStatus = "partial" if problems else "ok"
        if problems and "POWR" in answers.values and fields["power"] is None:
            status = "decode"
        reading = RoomDevice.model_validate(
            {
                **fields,
                "time": now,
                "device": projector.device,
                "type": "projector",
                "room": projector.room,
                "reachable": True,
                "maker": memory.maker,
                "model": memory.model,
                "serial": memory.serial,
                "filter_h": memory.filter_h,
                "evidence": "display" if fields["power"] is not None else None,
            }
        )
        why = joined(problems) if problems else None
        return self._outcome(projector, now, status, why, started, answers=answers, reading=reading)

    def _unheard(
        self, projector: Projector, now: int, status: RunStatus, why: Text, started: float, *, reachable: bool
    ) -> Outcome:
        """Nothing was learnt about it, except whether something answers there."""
        reading = RoomDevice(
            time=now, device=projector.device, type="projector", room=projector.room, reachable=reachable
        )
        return self._outcome(projector, now, status, why, started, reading=reading)

    def _outcome(
        self,
        projector: Projector,
        now: int,
        status: RunStatus,
        why: Text | None,
        started: float | None = None,
        *,
        answers: Answers | None = None,
        reading: RoomDevice | None = None,
    ) -> Outcome:
        run = CollectorRun(
            time=now,
            collector=self.id,
            target=projector.target,
            status=status,
            rows=len(answers.values) if answers else 0,
            duration_ms=0 if started is None else round((time.monotonic() - started) * 1000),
            requests=answers.asked if answers else 0,
            reason=shorten(why.zh) if why else None,
        )
        return Outcome(run=run, reading=reading, why=why)


def read_answers(answers: Answers) -> tuple[dict[str, str | int | None], list[Text]]:
    """The fields of a reading, and what could not be read or is not told. What was not said is None."""
    problems: list[Text] = []

    def field_of(command: str, pattern: str) -> str | None:
        value = answers.values.get(command)
        if value is None:
            return None
        plain = " ".join(value.upper().split())
        if not re.fullmatch(pattern, plain, re.ASCII):
            problems.append(
                Text(
                    f"无法读懂对 {command} 的答复：{value!r}",
                    f"cannot read the answer to {command}: {value!r}",
                )
            )
            return None
        return plain

    power = field_of("POWR", "[0-3]")
    if "POWR" in answers.errors:
        problems.append(_untold(answers.errors["POWR"]))
    lamps = field_of("LAMP", r"\d{1,5} [01]( \d{1,5} [01]){0,7}")
    source = field_of("INPT", "[1-6][1-9A-Z]")
    field_of("FILT", r"\d{1,5}")
    faults = _faults(field_of("ERST", "[012]{6}"), failing="ERR4" in answers.errors.values())
    return {
        "power": _POWER[power] if power else None,
        "lamp_h": max(int(hours) for hours in lamps.split()[::2]) if lamps else None,
        "source": f"{_SOURCES[source[0]]}{source[1]}" if source else None,
        "condition": _worst(faults),
        "faults": ",".join(f"{part}={how}" for part, how in faults.items() if how != "ok") or None
        if faults
        else None,
    }, problems


def _untold(error: str) -> Text:
    """Why a projector that answers does not tell whether it is on."""
    if error == "ERR1":
        return Text(
            "不回答开关状态（ERR1）：它可能只支持 PJLink 2 类，开关状态未知",
            "does not tell its power (ERR1): it may know PJLink class 2 only; its power is unknown",
        )
    return Text(f"此时不给出开关状态（{error}）", f"does not tell its power at this time ({error})")


def _faults(digits: str | None, *, failing: bool) -> dict[str, str]:
    """Each part's own report; ERR4 on any question is a failure of the projector itself."""
    faults = {part: _SEVERITY[digit] for part, digit in zip(_PARTS, digits or "", strict=False)}
    if failing:
        faults["projector"] = "error"
    return faults


def _worst(faults: dict[str, str]) -> str | None:
    order = ("ok", "warning", "error")
    return max(faults.values(), key=order.index, default=None)


def _commands(memory: Memory, now: int) -> list[str]:
    wanted: tuple[str, ...] = (
        STATUS_COMMANDS if now < memory.identified_until else STATUS_COMMANDS + IDENTITY_COMMANDS
    )
    if memory.knows_second and now >= memory.second_until:
        wanted += SECOND_COMMANDS
    return [command for command in wanted if now >= memory.unsupported.get(command, 0)]


def _remember(memory: Memory, answers: Answers, now: int) -> None:
    for command, error in answers.errors.items():
        if error == "ERR1" and command != "POWR":  # without this one there is nothing left to ask
            memory.unsupported[command] = now + DAY_MS
    if any(command in answers.values or command in answers.errors for command in IDENTITY_COMMANDS):
        memory.maker = shorten(answers.values.get("INF1", "")) or memory.maker
        memory.model = shorten(answers.values.get("INF2", "")) or memory.model
        memory.knows_second = answers.values.get("CLSS", "").strip() == "2"
        memory.identified_until = now + DAY_MS
    if any(command in answers.values or command in answers.errors for command in SECOND_COMMANDS):
        memory.serial = shorten(answers.values.get("SNUM", "")) or memory.serial
        hours = answers.values.get("FILT", "")
        memory.filter_h = int(hours) if re.fullmatch(r"[0-9]{1,5}", hours) else None
        memory.second_until = now + DAY_MS
