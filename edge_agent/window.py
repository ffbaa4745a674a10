"""Which batches to send now. No I/O and no clock: the publisher asks, and does what it is told."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_agent.spool import Batch

# A batch is live while what it tells is news; later it is history and waits its turn.
LIVE_MS = 120_000
# A wait is shortened by up to this share, so that gateways that lost the server together part again.
JITTER = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A batch that was sent and is not confirmed."""

    batch: Batch
    attempts: int
    due: float


class Window:
    """At most `size` batches travel unconfirmed, at most half of them history.

    Live batches go newest first, history oldest first. So an outage of any length delays what is
    observed now by nothing, and what was observed during it arrives in order.
    """

    def __init__(
        self, *, size: int, ack_timeout_s: float, max_backoff_s: float, rng: random.Random | None = None
    ) -> None:
        self._size = size
        self._history_size = size // 2
        self._ack_timeout_s = ack_timeout_s
        self._max_backoff_s = max_backoff_s
        # Jitter only keeps many gateways from sending in step; nothing secret hangs on it.
        self._rng = rng or random.Random()  # noqa: S311
        self._flights: dict[int, Flight] = {}

    @property
    def unconfirmed(self) -> frozenset[int]:
        """The batches that travel now."""
        return frozenset(self._flights)

    @property
    def candidates(self) -> int:
        """How many of the spool's oldest and newest batches `choose` must be shown to miss none."""
        return 2 * self._size

    def choose(
        self, *, oldest: Sequence[Batch], newest: Sequence[Batch], now: float, now_ms: int
    ) -> list[int]:
        """The batches to send now, first those that are due again; they count as sent from here on.

        `now` in seconds from any clock that never steps back, `now_ms` as in the batches.
        """
        live_since = now_ms - LIVE_MS
        self._make_room(live_since)
        again = [flight.batch for flight in self._flights.values() if flight.due <= now]
        history = sum(flight.batch.made_ms < live_since for flight in self._flights.values())
        room = self._size - len(self._flights)
        fresh = self._unsent(batch for batch in newest if batch.made_ms >= live_since)[:room]
        room = min(room - len(fresh), self._history_size - history)
        late = self._unsent(batch for batch in oldest if batch.made_ms < live_since)[: max(room, 0)]
        chosen = [*again, *fresh, *late]
        for batch in chosen:
            self._sent(batch, now)
        return [batch.seq for batch in chosen]

    def confirm(self, ranges: Iterable[tuple[int, int]], *, now: float) -> None:
        """Note what the store has. Since it answers again, nothing else need wait out a long backoff."""
        for first, last in ranges:
            for seq in [seq for seq in self._flights if first <= seq <= last]:
                del self._flights[seq]
        soon = now + self._ack_timeout_s
        for seq, flight in self._flights.items():
            if flight.due > soon:
                self._flights[seq] = Flight(batch=flight.batch, attempts=1, due=self._jitter(now))

    def discard(self, seq: int) -> None:
        """Forget a batch that the spool no longer holds."""
        self._flights.pop(seq, None)

    def reconnected(self, *, now: float) -> None:
        """The connection is new: what travelled may be lost, so all of it is due at once."""
        for seq, flight in self._flights.items():
            self._flights[seq] = Flight(batch=flight.batch, attempts=0, due=now)

    def next_due(self) -> float | None:
        """When the next batch is due to be sent again; None while nothing travels."""
        return min((flight.due for flight in self._flights.values()), default=None)

    def _make_room(self, live_since: int) -> None:
        """What was live has become history: of too much history the newest goes back to the spool."""
        history = sorted(seq for seq, flight in self._flights.items() if flight.batch.made_ms < live_since)
        for seq in history[self._history_size :]:
            del self._flights[seq]

    def _unsent(self, batches: Iterable[Batch]) -> list[Batch]:
        return [batch for batch in batches if batch.seq not in self._flights]

    def _sent(self, batch: Batch, now: float) -> None:
        flight = self._flights.get(batch.seq)
        attempts = flight.attempts + 1 if flight else 1
        # Beyond 2^16 any backoff has reached its maximum.
        wait = min(self._ack_timeout_s * 2 ** min(attempts - 1, 16), self._max_backoff_s)
        due = now + wait * (1 - self._rng.uniform(0, JITTER))
        self._flights[batch.seq] = Flight(batch=batch, attempts=attempts, due=due)

    def _jitter(self, now: float) -> float:
        return now + self._ack_timeout_s * self._rng.uniform(0, 1)
