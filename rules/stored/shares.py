"""Which of several `rules watch` that share a store are at work: each leaves a row of its own a round."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contract import Column, Measurement, Point
from store import Row

WATCH_SHARE = Measurement(
    name="watch_share",
    kept="states",
    tags=(Column(name="share", type="text", required=True, meaning="Which of how many: 2/4"),),
    fields=(
        Column(
            name="interval_s",
            type="float",
            unit="s",
            low=0,
            required=True,
            meaning="From one round to the next, as its settings say",
        ),
    ),
    meaning="A round of a program that counts the days of its share of schools and judges its districts.",
)
# So many rounds that are missing are no longer one that takes long; and never less than this.
_ROUNDS = 3
_LEAST_MS = 15 * 60_000


@dataclass(frozen=True, slots=True)
class Away:
    """A share that is not at work; heard_ms: its last round, where any is known."""

    share: str
    heard_ms: int | None


def share_point(share: str, interval_s: float, now_ms: int) -> Point:
    return Point(WATCH_SHARE, (share,), now_ms, (float(interval_s),))


def shares_away(rows: Iterable[Row], *, now_ms: int) -> Sequence[Away]:
    """Of the shares into which the work is divided now. rows: each share's newest. Pure.

    How many there are says the newest of all: who was started with another number is at work no more. One
    that does all the work is not told here: where it is away, every evaluation is old.
    """
    newest = {row.tags["share"]: row for row in rows}
    if not newest:
        return ()
    last = max(newest.values(), key=lambda row: row.time or 0)
    of = int(last.tags["share"].partition("/")[2])
    silent_ms = max(_LEAST_MS, round(float(last.values["interval_s"] or 0) * 1000) * _ROUNDS)
    found = []
    for number in range(1, of + 1) if of > 1 else ():
        row = newest.get(f"{number}/{of}")
        heard_ms = None if row is None else row.time
        if heard_ms is None or now_ms - heard_ms > silent_ms:
            found.append(Away(f"{number}/{of}", heard_ms))
    return found
