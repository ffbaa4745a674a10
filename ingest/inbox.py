"""What was received and waits: each school in a queue of its own, so that none waits for another's flood.

A school that sends more than its share is not answered; its gateways keep what they sent and send it again.
"""

import heapq
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from contract.topics import ROOT
from ingest.settings import LimitSettings

Verdict = Literal["taken", "full", "too many", "too fast"]

_SCHOOL = re.compile(rf"{ROOT}/([0-9]{{6}}/[0-9]{{10}})/")

# Memory, whatever the messages' size: of all schools, and of one.
_MOST_BYTES = 64 << 20
_MOST_BYTES_OF_SCHOOL = 8 << 20
# What a message costs beside its bytes, so that many small ones are no free ride.
_COST_OF_MESSAGE = 2_000
# A school may save up so many seconds' messages, as after an outage.
_BURST_S = 10.0


@dataclass(eq=False, slots=True)
class Message:
    """One message as received."""

    topic: str
    payload: bytes
    mid: int = 0
    qos: int = 1
    done: bool = False


@dataclass(slots=True)
class _School:
    waiting: deque[Message] = field(default_factory=deque)
    bytes: int = 0
    # When its next message is due, in bytes served: the more it had, the later.
    turn: int = 0
    allowance: float = 0.0
    seen_s: float = 0.0


class Inbox:
    """Bounded, and fair by bytes. Its methods may be called from any thread."""

    def __init__(
        self, *, size: int, limits: LimitSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._limits = limits
        self._clock = clock
        self._schools: dict[str, _School] = {}
        self._turns: list[tuple[int, int, str]] = []
        self._numbers = count()
        self._served = 0
        self._messages = self._bytes = 0
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return self._messages

    def put(self, message: Message, *, timeout: float) -> Verdict:
        """Take a message, waiting for room at most so long."""
        name = school_of(message.topic)
        with self._changed:
            school = self._school(name)
            if not self._allowed(school):
                return "too fast"
            limits = self._limits
            if (
                len(school.waiting) >= limits.school_waiting
                or school.bytes + len(message.payload) > _MOST_BYTES_OF_SCHOOL
            ):
                return "too many"
            if not self._changed.wait_for(self._has_room, timeout):
                return "full"
            school.allowance -= 1
            if not school.waiting:
                school.turn = max(school.turn, self._served)
                heapq.heappush(self._turns, (school.turn, next(self._numbers), name))
            school.waiting.append(message)
            school.bytes += len(message.payload)
            self._messages += 1
            self._bytes += len(message.payload)
            self._changed.notify_all()
        return "taken"

    def take(self, *, timeout: float) -> Message | None:
        """The next message of the school whose turn it is; None where none comes in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._messages, timeout):
                return None
            turn, _, name = heapq.heappop(self._turns)
            school = self._schools[name]
            message = school.waiting.popleft()
            self._served = turn
            school.turn = turn + len(message.payload) + _COST_OF_MESSAGE
            school.bytes -= len(message.payload)
            self._messages -= 1
            self._bytes -= len(message.payload)
            if school.waiting:
                heapq.heappush(self._turns, (school.turn, next(self._numbers), name))
            elif not self._messages:
                self._served = school.turn  # nobody is waiting: nobody is owed anything
            self._changed.notify_all()
            return message

    def _has_room(self) -> bool:
        return self._messages < self._size and self._bytes < _MOST_BYTES

    def _school(self, name: str) -> _School:
        school = self._schools.get(name)
        if school is None:
            self._forget_idle()
            school = self._schools[name] = _School(allowance=self._burst, seen_s=self._clock())
        return school

    @property
    def _burst(self) -> float:
        return self._limits.school_messages_per_s * _BURST_S

    def _allowed(self, school: _School) -> bool:
        now = self._clock()
        earned = (now - school.seen_s) * self._limits.school_messages_per_s
        school.allowance = min(school.allowance + earned, self._burst)
        school.seen_s = now
        return school.allowance >= 1

    def _forget_idle(self) -> None:
        """A school that has had nothing for long is as one that was never heard: names cost memory."""
        now = self._clock()
        idle = [
            name
            for name, school in self._schools.items()
            if not school.waiting and now - school.seen_s > _BURST_S and school.turn <= self._served
        ]
        for name in idle:
            del self._schools[name]


def school_of(topic: str) -> str:
    """District and school of a topic; those of which none can be told share one queue."""
    found = _SCHOOL.match(topic)
    return found[1] if found else ""
