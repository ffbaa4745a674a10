"""From which power on what hangs at a plug is at work: learnt from the powers that were seen.

Asleep, a socket draws little and evenly; at work, several times that. Where the two lie apart, the threshold
stands between them. A PC and a projector at one plug make three heaps; the lowest gap counts.
"""

import math
from collections.abc import Iterable
from itertools import pairwise

# Eight steps to a doubling: 9 % each.
_STEPS = 8
_BINS = 128
# So many readings of either kind before anything is concluded: half an hour of minutes.
_ENOUGH = 30
# Of all readings, this share in a step is chance.
_CHANCE = 0.003
_TIMES_APART, _WATTS_APART = 2.5, 8.0
# More than any classroom's devices draw asleep.
_MOST_ASLEEP_W = 30.0
# Old readings fade: half of all is forgotten at so many.
_MOST = 40_000


class Learner:
    """How often each power was seen."""

    def __init__(self, counts: Iterable[int] = ()) -> None:
        self._counts = ([*counts] + [0] * _BINS)[:_BINS]

    def see(self, watts: float) -> None:
        self._counts[min(_BINS - 1, int(_STEPS * math.log2(watts + 1)))] += 1
        if sum(self._counts) > _MOST:
            self._counts = [count // 2 for count in self._counts]

    @property
    def counts(self) -> list[int]:
        """What to keep, without the empty end."""
        last = max((place for place, count in enumerate(self._counts) if count), default=-1)
        return self._counts[: last + 1]

    @property
    def threshold_w(self) -> float | None:
        """None: not known yet, or never seen asleep."""
        total = sum(self._counts)
        taken = [place for place, count in enumerate(self._counts) if count > max(2, _CHANCE * total)]
        for low, high in pairwise(taken):
            below, above = _upper(low), _lower(high)
            if below > _MOST_ASLEEP_W:
                return None
            if above >= _TIMES_APART * max(below, 1.0) and above - below >= _WATTS_APART:
                asleep = sum(self._counts[: low + 1])
                if min(asleep, total - asleep) < _ENOUGH:
                    return None
                return round(math.sqrt(max(below, 1.0) * above), 1)
        return None


def _lower(place: int) -> float:
    return float(2 ** (place / _STEPS) - 1)


def _upper(place: int) -> float:
    return _lower(place + 1)
