"""What rules would have said over past data: the live rounds again, at the same instants.

It goes on from where the live service stood before, by the names of the alerts. What only arrived later (a
gateway that was cut off) is there in a replay, and was not when it was live.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from registry import Registry
from rules.alerts.absence import Absences
from rules.alerts.judging import complete, counts, judge
from rules.alerts.machine import NEVER_SEEN, AlertStanding, AlertStatus
from rules.alerts.notices import AlertKey, Notice
from rules.alerts.recording import read_rounds, read_standings
from rules.alerts.rules_file import AlertRules
from rules.alerts.signals import SubjectKey
from rules.alerts.window import Window, pages, stirring, stirring_samples
from rules.stored.retirements import read_retirements
from rules.stored.silences import read_silences
from store import Store

Instants = Literal["recorded", "regular"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One subject's new standing at an instant; most are memories, the others transitions of its status."""

    instant_ms: int
    key: AlertKey
    before: AlertStatus
    standing: AlertStanding


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """Every change and every notice of a span; `instants` says whether the live rounds were repeated."""

    instants: Instants
    rounds: int
    changes: tuple[Change, ...]
    notices: tuple[Notice, ...]

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
    run = _Run(store, registry, rules, until_ms)
    standings: Mapping[AlertKey, AlertStanding] = read_standings(store, until_ms=since_ms)
    for number, page in enumerate(pages(instants)):
        standings = run.page(page, standings, first=number == 0)
    return Replayed(
        instants="recorded" if recorded else "regular",
        rounds=len(instants),
        changes=tuple(run.changes),
        notices=tuple(run.notices),
    )


class _Run:
    """What stays from one page to the next: the newest rows of every rule, and all that was found."""

    def __init__(self, store: Store, registry: Registry, rules: AlertRules, until_ms: int) -> None:
        self.changes: list[Change] = []
        self.notices: list[Notice] = []
        self._store = store
        self._registry = registry
        self._rules = rules
        self._windows = {rule.name: Window(store, rule) for rule in rules.alerts}
        self._absences = Absences(store, until_ms=until_ms)
        self._retired = read_retirements(store)
        self._silences = read_silences(store)

    def page(
        self, instants: Sequence[int], standings: Mapping[AlertKey, AlertStanding], *, first: bool
    ) -> Mapping[AlertKey, AlertStanding]:
        """Judge a page of instants; what nothing in it can change is set aside, but for the first time."""
        may_change = self._turn(instants, standings)
        hot = {
            key: standing
            for key, standing in standings.items()
            if first or standing.status != "inactive" or standing.announced or may_change(key)
        }
        cold = {key: standing for key, standing in standings.items() if key not in hot}
        moving: Mapping[AlertKey, AlertStanding] = hot
        for instant in instants:
            moving = self._judge(instant, moving)
        return {**cold, **moving}

    def _turn(
        self, instants: Sequence[int], standings: Mapping[AlertKey, AlertStanding]
    ) -> Callable[[AlertKey], bool]:
        wanted: dict[str, set[SubjectKey] | None] = {}
        for rule in self._rules.alerts:
            counted = [instant for instant in instants if counts(rule, self._registry.calendar, instant)]
            wanted[rule.name] = set()
            if counted:
                wanted[rule.name] = stirring(self._store, rule, standings, counted)
                self._windows[rule.name].turn(counted, wanted[rule.name])

        def may_change(key: AlertKey) -> bool:
            subjects = wanted.get(key[2], set())
            return subjects is None or (key[0], key[1], key[3]) in subjects

        return may_change

    def _judge(
        self, instant: int, standings: Mapping[AlertKey, AlertStanding]
    ) -> Mapping[AlertKey, AlertStanding]:
        registry, rules = self._registry, self._rules
        seen = {
            rule.name: stirring_samples(rule, self._windows[rule.name].rows(instant), standings, instant)
            for rule in rules.alerts
            if counts(rule, registry.calendar, instant)
        }
        whole = complete(
            self._absences, seen, rules, registry, standings, instant, self._retired, self._silences
        )
        found = judge(rules, registry, standings, whole, instant)
        self.changes += [
            Change(
                instant_ms=instant, key=key, before=standings.get(key, NEVER_SEEN).status, standing=standing
            )
            for key, standing in found.changes.items()
        ]
        self.notices += found.notices
        return found.standings
