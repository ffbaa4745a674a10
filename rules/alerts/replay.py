"""What rules would have said over past data: the live rounds again, at the same instants.

It goes on from where the live service stood before, by the names of the alerts. What only arrived later (a
gateway that was cut off) is there in a replay, and was not when it was live.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rules.alerts.judging import judge, look
from rules.alerts.machine import NOTHING, Standing, Status
from rules.alerts.messages import Key, Message
from rules.alerts.recording import read_rounds, read_standings
from rules.alerts.rules_file import AlertRules
from rules.registry import Registry
from store import Store

Instants = Literal["recorded", "regular"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One subject's new standing at an instant; most are memories, the others transitions of its status."""

    instant_ms: int
    key: Key
    before: Status
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """Every change and every message of a span; `instants` says whether the live rounds were repeated."""

    instants: Instants
    rounds: int
    changes: tuple[Change, ...]
    messages: tuple[Message, ...]

    @property
    def transitions(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.standing.status != change.before)


def replay(
    store: Store, registry: Registry, rules: AlertRules, *, since_ms: int, until_ms: int, every_ms: int
) -> Replayed:
    """Judge since <= instant < until; without live rounds in it at multiples of `every_ms`.

    Raises store.Unavailable. The store is only read.
    """
    recorded = read_rounds(store, since_ms=since_ms, until_ms=until_ms)
    first = -(-since_ms // every_ms) * every_ms
    instants = recorded or list(range(first, until_ms, every_ms))
    standings: Mapping[Key, Standing] = read_standings(store, until_ms=since_ms)
    changes: list[Change] = []
    messages: list[Message] = []
    for instant in instants:
        found = judge(rules, registry, standings, look(store, rules, registry, standings, instant), instant)
        changes += [
            Change(instant_ms=instant, key=key, before=standings.get(key, NOTHING).status, standing=one)
            for key, one in found.changes.items()
        ]
        standings = found.standings
        messages += found.messages
    return Replayed(
        instants="recorded" if recorded else "regular",
        rounds=len(instants),
        changes=tuple(changes),
        messages=tuple(messages),
    )
