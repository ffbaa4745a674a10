"""One address to which messages go: a bounded queue and the thread that empties it, in order."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from prometheus_client import Counter

from rules.alerts.notices import Notice

_log = logging.getLogger("rules.alerts")
# A day of an unreachable address at a message a minute; beyond that the oldest is given up, and counted.
_MOST_WAITING = 1440
_BACKOFF_S = (5.0, 15.0, 60.0, 300.0)
# So often a message may fail before another is tried in its place: it may be the message, not the address.
_TRIES_BEFORE_DOUBT = 3
# These HTTP answers speak of the message itself: too long, malformed, of a kind that is not taken. Others
# of the 4xx speak of the address (its token, its path) or ask for patience, and somebody may mend them.
_ABOUT_THE_MESSAGE = frozenset({400, 406, 411, 413, 414, 415, 422, 431, 451})


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one try. `why` never holds an address: it is logged."""

    outcome: Literal["taken", "later", "never"]
    why: str = ""


Deliver = Callable[[Notice], Delivery]


def delivery(taken: bool, http_status: int | None) -> Delivery:
    """Whether a message that was not taken may be taken later."""
    if taken:
        return Delivery("taken")
    why = "no answer" if http_status is None else f"HTTP {http_status}"
    return Delivery("never" if http_status in _ABOUT_THE_MESSAGE else "later", why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Of all addresses together."""

    sent: Counter
    refused: Counter
    lost: Counter


class Channel:
    """Delivers what is put into it, the oldest first; an address that is away is tried again and again.

    A message that is refused for good is counted and let go. Where the address does not say which it is, the
    next message tells: if that one is taken, the address is well and the first was refused.
    """

    def __init__(self, name: str, deliver: Deliver, counters: Counters) -> None:
        self._name = name
        self._deliver = deliver
        self._counters = counters
        self._waiting: deque[Notice] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._failures = 0  # of the oldest message, one after another
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, notice: Notice) -> None:
        """Never waits: a full queue gives up its oldest message."""
        with self._changed:
            if len(self._waiting) == _MOST_WAITING:
                self._waiting.popleft()
                self._counters.lost.inc()
            self._waiting.append(notice)
            self._changed.notify()

    def stop(self) -> None:
        """What is in hand is tried once more; what still waits then is lost, and said to be."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting and not self._stopping:
                    self._changed.wait()
                if not self._waiting and self._stopping:
                    return
                waiting = list(self._waiting)
            if self._round(waiting):
                continue
            if self._rest(_BACKOFF_S[min(self._failures, len(_BACKOFF_S)) - 1]):
                return

    def _round(self, waiting: list[Notice]) -> bool:
        """Try the oldest, and in doubt about it one more; False where the address has to be left alone."""
        oldest = waiting[0]
        found = self._deliver(oldest)
        if found.outcome != "later":
            self._done(oldest, found)
            return True
        if not self._failures:
            _log.error("%s did not take a message (%s); it is tried again", self._name, found.why)
        self._failures += 1
        others = waiting[1:]
        if self._failures <= _TRIES_BEFORE_DOUBT or not others:
            return False
        # Each time another one: several may be refused.
        other = others[self._failures % len(others)]
        answer = self._deliver(other)
        if answer.outcome == "later":
            return False
        self._done(other, answer)
        if answer.outcome == "taken":
            self._done(oldest, Delivery("never", f"{found.why}, while another message was taken"))
        return True

    def _done(self, notice: Notice, found: Delivery) -> None:
        if found.outcome == "taken":
            if self._failures:
                _log.info("%s takes messages again", self._name)
            self._counters.sent.inc()
        else:
            _log.error("%s refuses a message for good (%s): %s", self._name, found.why, notice.title)
            self._counters.refused.inc()
        self._failures = 0
        with self._changed:
            # A full queue may have given it up in the meantime.
            if notice in self._waiting:
                self._waiting.remove(notice)

    def _rest(self, pause_s: float) -> bool:
        """Wait before the next try; True where the program ends and the rest is lost."""
        with self._changed:
            if not self._stopping:
                self._changed.wait_for(lambda: self._stopping, pause_s)
                return False
            self._counters.lost.inc(len(self._waiting))
            _log.error("%s: %d messages were not sent", self._name, len(self._waiting))
            return True
