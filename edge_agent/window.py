"""Which batches to send now. No I/O and no clock: the publisher asks, and does what it is told."""

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from edge_agent.spool import Batch

# A batch is live while what it tells is news; later it is history and waits its turn.
LIVE_MS = 120_000
# A wait is shortened by up to this share, so that gateways that lost the server together part again.
JITTER = 0.2
# When the server answers again, what waits is sent within this time.
SPREAD_S = 2.0
# A batch that stayed unconfirmed so many times while others were confirmed makes room for the next.
PATIENCE = 3
# It is tried again after this time, and then one such batch a second: its cause may have been mended.
ASIDE_S = 60.0
ASIDE_STEP_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A batch that was sent and is not confirmed. `passed`: how often others were confirmed instead."""

    batch: Batch
    sent: float | None
    due: float
    passed: int = 0


class Window:
    """At most `size` batches travel unconfirmed, at most half of them history.

    Live batches go newest first, history oldest first. So an outage of any length delays what is
    observed now by nothing, and what was observed during it arrives in order.

    While nothing at all is confirmed, one batch every `probe_s` asks whether the server answers again;
    at its first answer all that waits is sent.
    """

    def __init__(
        self, *, size: int, ack_timeout_s: float, probe_s: float, rng: random.Random | None = None
    ) -> None:
        self._size = size
        self._history_size = size // 2
        self._ack_timeout_s = ack_timeout_s
        self._probe_s = probe_s
        # Jitter only keeps many gateways from sending in step; nothing secret hangs on it.
        self._rng = rng or random.Random()  # noqa: S311
        self._flights: dict[int, Flight] = {}
        self._aside: dict[int, Flight] = {}
        self._sent: set[int] = set()
        self._heard = float("-inf")
        self._probing = False
        self._next_probe = float("-inf")
        self._next_aside = float("-inf")

    @property
    def unconfirmed(self) -> frozenset[int]:
        """The batches that travel now."""
        return frozenset(self._flights)

    @property
    def candidates(self) -> int:
        """How many of the spool's oldest and newest batches `choose` must be shown to miss none."""
        return 2 * self._size + len(self._aside)

    def choose(
        self, *, oldest: Sequence[Batch], newest: Sequence[Batch], now: float, now_ms: int
    ) -> list[int]:
        """The batches to send now, first those that are due again; they count as sent from here on.

        `now` in seconds from any clock that never steps back, `now_ms` as in the batches.
        """
        live_since = now_ms - LIVE_MS
        self._make_room(live_since)
        again = self._due_again(now)
        history = sum(flight.batch.made_ms < live_since for flight in self._flights.values())
        room = self._size - len(self._flights)
        fresh = self._unsent(batch for batch in newest if batch.made_ms >= live_since)[:room]
        room = min(room - len(fresh), self._history_size - history)
        late = self._unsent(batch for batch in oldest if batch.made_ms < live_since)[: max(room, 0)]
        for batch in (*fresh, *late):
            self._send(Flight(batch=batch, sent=None, due=now), now)
        return [*again, *(batch.seq for batch in (*fresh, *late)), *self._from_aside(now)]

    def answered(self, ranges: Iterable[tuple[int, int]]) -> list[int]:
        """Those of the numbers that were sent. Others were never sent, or were answered before."""
        spans = list(ranges)
        return sorted(seq for seq in self._sent if any(first <= seq <= last for first, last in spans))

    def confirm(self, seqs: Collection[int], *, now: float) -> None:
        """Note what the store has. Since it answers again, what waits in vain is sent again."""
        answered = max((self._flights[seq].sent or 0.0 for seq in seqs if seq in self._flights), default=0.0)
        for seq in seqs:
            self.discard(seq)
        for seq, flight in self._flights.items():
            # After a silence what was sent before the question that is answered now was sent in vain.
            in_vain = self._probing and flight.sent is not None and flight.sent < answered
            if flight.due <= now or in_vain:
                self._flights[seq] = replace(flight, due=now + self._rng.uniform(0, SPREAD_S))
        self._heard, self._probing = now, False

    def discard(self, seq: int) -> None:
        """Forget a batch that the spool no longer holds."""
        self._flights.pop(seq, None)
        self._aside.pop(seq, None)
        self._sent.discard(seq)

    def forget(self) -> None:
        """The spool is another one: its numbers mean other batches."""
        self._flights.clear()
        self._aside.clear()
        self._sent.clear()

    def reconnected(self, *, now: float) -> None:
        """The connection is new: what travelled may be lost, so all of it is due at once."""
        for seq, flight in self._flights.items():
            self._flights[seq] = replace(flight, sent=None, due=now)

    def next_due(self) -> float | None:
        """When there is something to send again; None while nothing travels."""
        due = [self._when(flight) for flight in self._flights.values()]
        if self._aside:
            due.append(max(min(flight.due for flight in self._aside.values()), self._next_aside))
        return min(due, default=None)

    def _when(self, flight: Flight) -> float:
        return max(flight.due, self._next_probe) if self._in_silence(flight) else flight.due

    def _in_silence(self, flight: Flight) -> bool:
        """Whether nothing at all was confirmed since it was sent: the server is away, this batch not lost."""
        return flight.sent is not None and flight.sent >= self._heard

    def _due_again(self, now: float) -> list[int]:
        due = sorted(
            (flight for flight in self._flights.values() if flight.due <= now),
            key=lambda flight: (flight.due, flight.batch.seq),
        )
        again = [flight for flight in due if not self._in_silence(flight)]
        silent = [flight for flight in due if self._in_silence(flight)]
        if silent and now >= self._next_probe:
            again.append(silent[0])
            self._probing = True
            self._next_probe = now + self._probe_s * (1 - self._rng.uniform(0, JITTER))
        chosen = []
        for flight in again:
            passed = flight.passed + (flight.sent is not None and not self._in_silence(flight))
            if passed >= PATIENCE:
                del self._flights[flight.batch.seq]
                self._aside[flight.batch.seq] = replace(flight, passed=0, due=now + ASIDE_S)
            else:
                self._send(replace(flight, passed=passed), now)
                chosen.append(flight.batch.seq)
        return chosen

    def _from_aside(self, now: float) -> list[int]:
        """One of those that made room, the longest waiting first."""
        if not self._aside or now < self._next_aside:
            return []
        flight = min(self._aside.values(), key=lambda waiting: waiting.due)
        if flight.due > now:
            return []
        seq = flight.batch.seq
        self._aside[seq] = replace(flight, due=now + ASIDE_S)
        self._next_aside = now + ASIDE_STEP_S
        return [seq]

    def _make_room(self, live_since: int) -> None:
        """What was live has become history: of too much history the newest goes back to the spool."""
        history = sorted(seq for seq, flight in self._flights.items() if flight.batch.made_ms < live_since)
        for seq in history[self._history_size :]:
            del self._flights[seq]

    def _unsent(self, batches: Iterable[Batch]) -> list[Batch]:
        return [batch for batch in batches if batch.seq not in self._flights and batch.seq not in self._aside]

    def _send(self, flight: Flight, now: float) -> None:
        due = now + self._ack_timeout_s * (1 - self._rng.uniform(0, JITTER))
        self._flights[flight.batch.seq] = replace(flight, sent=now, due=due)
        self._sent.add(flight.batch.seq)
