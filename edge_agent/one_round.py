"""One round of every collector, sent and confirmed: what became of it."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from contract import CollectorState

_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """unread: collectors that finished no round. waiting: readings that nobody confirmed. lost: for good."""

    collectors: tuple[CollectorState, ...] = ()
    unread: tuple[str, ...] = ()
    waiting: int = 0
    lost: int = 0
    why: str | None = None

    @property
    def ok(self) -> bool:
        return not (self.unread or self.waiting or self.lost)


async def until_confirmed(waiting: Callable[[], int], stop: asyncio.Event, *, within_s: float) -> None:
    """Wait until nothing waits, for so long at most, or until `stop`."""
    end = time.monotonic() + within_s
    while waiting() and not stop.is_set() and time.monotonic() < end:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY_S):
                await stop.wait()
