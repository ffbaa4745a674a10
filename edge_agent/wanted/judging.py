"""Whether new settings are to stay: decided from the rounds that collectors made under them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from edge_agent.wanted.why import Why, because

# A collector slower than this shows in its first round, which is at the start, how it fares.
_SLOW_S = 600.0
# Longer than any round and its answer take: who finishes none in so many intervals hangs.
_PATIENCE_INTERVALS, _PATIENCE_S = 5, 120.0
# How often the program may begin anew with settings on trial.
MOST_RESTARTS = 1

WORKS = frozenset({"ok", "partial"})
Verdict = Literal["wait", "keep"] | Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A collector under the new settings: how its rounds ended, in order."""

    interval_s: float
    rounds: Sequence[str] = ()

    def due(self, rounds: int) -> int:
        return rounds if self.interval_s <= _SLOW_S else 1


def verdict(worked: Sequence[str], now: Mapping[str, Seen], *, rounds: int, waited_s: float) -> Verdict:
    """`worked`: the collectors that did before. What is new need not work, what worked must work again.

    A collector that the settings took away is none that fails; but where all that worked were taken away, one
    of the new ones must work.
    """
    again = [name for name in worked if name in now]
    lost = [name for name in again if _failed(now[name], rounds)]
    if lost:
        return because(
            "fleet.lost", collectors=tuple(lost), rounds=max(now[name].due(rounds) for name in lost)
        )
    names = again or list(now)
    silent = [name for name in names if _hangs(now[name], rounds, waited_s)]
    if silent:
        return because("fleet.hangs", collectors=tuple(silent))
    if any(len(now[name].rounds) < now[name].due(rounds) for name in names):
        return "wait"
    if worked and not again and not any(WORKS.intersection(seen.rounds) for seen in now.values()):
        return because("fleet.lost", collectors=tuple(now), rounds=rounds)
    return "keep"


def check_verdict(worked: Sequence[str], found: Mapping[str, str]) -> Why | None:
    """The same after one round of each, asked before anything is changed; a collector without one hangs."""
    judged = {name: Seen(interval_s=0, rounds=(status,)) for name, status in found.items()}
    answer = verdict(worked, judged, rounds=1, waited_s=0)
    if not isinstance(answer, Why):
        return None
    return because("fleet.check", collectors=answer.args["collectors"])


def _failed(seen: Seen, rounds: int) -> bool:
    return len(seen.rounds) >= seen.due(rounds) and not WORKS.intersection(seen.rounds)


def _hangs(seen: Seen, rounds: int, waited_s: float) -> bool:
    longest = seen.due(rounds) * _PATIENCE_INTERVALS * min(seen.interval_s, _SLOW_S) + _PATIENCE_S
    return len(seen.rounds) < seen.due(rounds) and waited_s > longest
