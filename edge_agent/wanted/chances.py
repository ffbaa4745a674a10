"""The longer part of a trial: what has not worked yet with new settings gets its chance, be it next morning.

Whether a device is off or its new address is wrong, only the old settings can tell: now and then they ask
once what the new ones cannot read. Where they can read it, and the new ones cannot after that either, the
old ones come back. Nobody needs to know when school hours are.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from edge_agent.collectors.base import Clock
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.kinds import KINDS
from edge_agent.trying import try_all
from edge_agent.wanted.judging import WORKS, Seen
from edge_agent.wanted.why import Why, because
from runtime import ConfigError

log = logging.getLogger(__name__)

# What the old settings' round may take, and how long devices are listened to that speak when they like.
_ROUND_S, _LISTEN_S = 180.0, 90.0


def kinds_of(settings: EdgeSettings) -> dict[str, str]:
    """The kind of each collector, by its name."""
    return {collector.id: kind.name for kind in KINDS for collector in getattr(settings, kind.name)}


def unproven(new: Mapping[str, str], old: Mapping[str, str], proved: Collection[str]) -> tuple[str, ...]:
    """Collectors without a good round yet that the old settings have, too, be it by another name."""
    gone = {kind for name, kind in old.items() if name not in new}
    return tuple(
        name for name, kind in new.items() if name not in proved and (old.get(name) == kind or kind in gone)
    )


def counterparts(waiting: Collection[str], new: Mapping[str, str], old: Mapping[str, str]) -> tuple[str, ...]:
    """Of the old settings: those that wait, and where one has another name now, those of its kind."""
    kinds = {new[name] for name in waiting}
    return tuple(name for name, kind in old.items() if name in waiting or (name not in new and kind in kinds))


def readable(
    waiting: Collection[str], new: Mapping[str, str], old: Mapping[str, str], found: Mapping[str, str]
) -> tuple[str, ...]:
    """Which of those that wait can be read with the old settings; `found`: how the old ones' round ended."""
    working = {name for name, status in found.items() if status in WORKS}
    kinds = {old[name] for name in working if name not in new}
    return tuple(name for name in waiting if name in working or new[name] in kinds)


@dataclass
class Chances:
    """Of one gateway's settings on trial. `old`: those that come back."""

    new: Mapping[str, str]
    old: EdgeSettings
    every_s: float
    clock: Clock
    _rounds: dict[str, int] = field(default_factory=dict)
    # From which round on a collector is judged: the old settings could read it then.
    _marks: dict[str, int] = field(default_factory=dict)
    _asked_s: float = field(default_factory=time.monotonic)

    def waiting(self, proved: Collection[str]) -> tuple[str, ...]:
        return unproven(self.new, kinds_of(self.old), proved)

    def note_round(self, collector: str) -> None:
        self._rounds[collector] = self._rounds.get(collector, 0) + 1

    def verdict(self, waiting: Collection[str], now: Mapping[str, Seen], *, rounds: int) -> Why | None:
        """Why the old settings come back; None: nothing is proven against the new ones yet."""
        lost = [
            name
            for name, mark in self._marks.items()
            if name in waiting and self._rounds.get(name, 0) - mark >= now[name].due(rounds)
        ]
        return because("fleet.outdone", collectors=tuple(lost)) if lost else None

    async def ask(self, waiting: Collection[str]) -> None:
        """One round of the old settings, where it is time for it again."""
        if time.monotonic() - self._asked_s < self.every_s or set(waiting) <= set(self._marks):
            return
        self._asked_s = time.monotonic()
        kinds = kinds_of(self.old)
        names = counterparts(waiting, self.new, kinds)
        found = await _asked(_only(self.old, names), self.clock)
        for name in readable(waiting, self.new, kinds, found):
            log.warning("%s: the settings before can read what the new ones cannot", name)
            # The round that is in hand may have begun before the devices were on.
            self._marks.setdefault(name, self._rounds.get(name, 0) + 1)


def _only(settings: EdgeSettings, names: Collection[str]) -> EdgeSettings:
    kept = {
        kind.name: [collector for collector in getattr(settings, kind.name) if collector.id in names]
        for kind in KINDS
    }
    return settings.model_copy(update=kept)


async def _asked(settings: EdgeSettings, clock: Clock) -> dict[str, str]:
    """How one round of each ended. What cannot be asked any more shows nothing."""
    try:
        builders = settings.prepare()
        async with asyncio.timeout(_ROUND_S):
            tried = await try_all(builders, clock, patience_s=_LISTEN_S)
    except (ConfigError, TimeoutError, OSError) as error:
        log.info("the settings before cannot be asked: %s", error)
        return {}
    return {collector.collector: collector.status for collector in tried}
