"""Projectors over PJLink. One that does not answer is unknown, not off: many sleep with their network off."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from contract import CollectorRun, RoomDevice
from edge_agent.collectors.base import Clock, Reads, Round, RunStatus, joined, shorten
from edge_agent.collectors.pjlink_client import Answers, Denied, Place, Unreachable, ask
from edge_agent.settings import PjlinkSettings
from edge_agent.tables import Projector
from runtime.language import Text

STATUS_COMMANDS = ("POWR", "LAMP", "INPT", "ERST")
IDENTITY_COMMANDS = ("INF1", "INF2")
# Who made it does not change from minute to minute, nor what it cannot tell.
DAY_MS = 24 * 3_600_000
# Some projectors lock up or lock out when the password is tried again and again.
DENIED_PAUSE_MS = 15 * 60_000

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

    async def collect(self, clock: Clock) -> Round:
        """Ask every projector once."""
        outcomes = await asyncio.gather(*(self._poll(projector, clock) for projector in self._projectors))
        return Round(
            runs=tuple(outcome.run for outcome in outcomes),
            readings=tuple(outcome.reading for outcome in outcomes if outcome.reading is not None),
            words={outcome.run.target: outcome.why for outcome in outcomes if outcome.why is not None},
        )

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
            host=projector.host,
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
    wanted = STATUS_COMMANDS if now < memory.identified_until else STATUS_COMMANDS + IDENTITY_COMMANDS
    return [command for command in wanted if now >= memory.unsupported.get(command, 0)]


def _remember(memory: Memory, answers: Answers, now: int) -> None:
    for command, error in answers.errors.items():
        if error == "ERR1" and command != "POWR":  # without this one there is nothing left to ask
            memory.unsupported[command] = now + DAY_MS
    if any(command in answers.values or command in answers.errors for command in IDENTITY_COMMANDS):
        memory.maker = shorten(answers.values.get("INF1", "")) or memory.maker
        memory.model = shorten(answers.values.get("INF2", "")) or memory.model
        memory.identified_until = now + DAY_MS
