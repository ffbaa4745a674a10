"""Every target of a configuration asked once, nothing kept and nothing sent: what a gateway would read."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from contract import AccessPoint, CollectorRun, Reading, RoomDevice, SignalSample
from edge_agent.collectors.base import Clock, Closing, Collector, Listening, Round
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.kinds import Build
from edge_agent.nobody import about_nobody
from runtime.errors import UserError
from runtime.language import Text

# A ledger of many files takes several rounds.
_MOST_ROUNDS = 50
_ALIKE = 0.6
_LOOK_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One round of a collector over all its targets, the readings of further rounds with it."""

    collector: str
    rounds: tuple[Round, ...]

    @property
    def runs(self) -> tuple[CollectorRun, ...]:
        return self.rounds[-1].runs if self.rounds else ()

    @property
    def status(self) -> str:
        """How it went as a whole; a collector without any round did not even that."""
        return self.rounds[-1].status if self.rounds else "none"

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(reading for found in self.rounds for reading in found.readings)

    def reason_of(self, run: CollectorRun) -> str | None:
        return self.rounds[-1].reason_of(run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A device and the room that it would count for. likely: rooms of the registry that the name may mean."""

    kind: str
    device: str
    room: str
    says: str
    known: bool | None = None
    likely: tuple[str, ...] = ()


def try_once(settings: EdgeSettings, clock: Clock, *, patience_s: float = 0) -> tuple[Tried, ...]:
    """Ask everything at the same time, as a gateway does. Raises ConfigError before anything is asked.

    patience_s: so long those are listened to that speak when they like, until nothing is wrong with them.
    """
    builders = settings.prepare()
    return asyncio.run(try_all(builders, clock, patience_s=patience_s))


async def try_all(builders: Sequence[Build], clock: Clock, *, patience_s: float = 0) -> tuple[Tried, ...]:
    """One round of every collector, given to nobody."""
    notes: dict[str, str] = {}
    collectors = [build(notes.get) for build in builders]
    try:
        rounds = (_tried(collector, clock, notes, patience_s) for collector in collectors)
        return tuple(await asyncio.gather(*rounds))
    finally:
        for collector in collectors:
            if isinstance(collector, Closing):
                await collector.close()


async def _tried(collector: Collector, clock: Clock, notes: dict[str, str], patience_s: float) -> Tried:
    if isinstance(collector, Listening):
        return await _listened(collector, clock, notes, patience_s)
    rounds: list[Round] = []
    for _ in range(_MOST_ROUNDS):
        found = about_nobody(await collector.collect(clock))
        rounds.append(found)
        notes.update(found.notes)
        if not found.more:
            break
    return Tried(collector=collector.id, rounds=tuple(rounds))


async def _listened(collector: Listening, clock: Clock, notes: dict[str, str], patience_s: float) -> Tried:
    """The round in which all of its devices had spoken, else the last."""
    end = time.monotonic() + patience_s
    while True:
        found = about_nobody(await collector.collect(clock))
        notes.update(found.notes)
        if found.status == "ok" or time.monotonic() >= end:
            return Tried(collector=collector.id, rounds=(found,))
        await asyncio.sleep(min(_LOOK_AGAIN_S, max(0.0, end - time.monotonic())))


def places(tried: Sequence[Tried], rooms: Sequence[str] | None) -> Iterator[Place]:
    """Every device once, with the room it would count for; rooms: the registry's, None where not known."""
    seen: set[tuple[str, str]] = set()
    for reading in (reading for attempt in tried for reading in attempt.readings):
        found = _place(reading)
        if found is None or (found.kind, found.device) in seen:
            continue
        seen.add((found.kind, found.device))
        if rooms is None or not found.room:
            yield found
            continue
        known = found.room in rooms
        likely = () if known else tuple(get_close_matches(found.room, rooms, n=2, cutoff=_ALIKE))
        yield Place(
            kind=found.kind,
            device=found.device,
            room=found.room,
            says=found.says,
            known=known,
            likely=likely,
        )


def _place(reading: Reading) -> Place | None:
    if isinstance(reading, AccessPoint):
        return Place(kind="access_point", device=reading.ap, room=reading.room, says=reading.state)
    if isinstance(reading, RoomDevice):
        says = (reading.power or "") if reading.reachable else "silent"
        return Place(kind=reading.type, device=reading.device, room=reading.room, says=says)
    if isinstance(reading, SignalSample):
        point = f"{reading.point} {reading.band} GHz"
        return Place(kind="survey", device=f"{reading.room} {point}", room=reading.room, says="")
    return None


class NotRooms(UserError):
    """The file of a school's rooms cannot be used."""

    def __init__(self, path: object, zh: str, en: str) -> None:
        super().__init__(Text(f"{path}：{zh}", f"{path}: {en}"))
