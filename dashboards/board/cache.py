"""One look at the store serves every viewer."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Generic, TypeVar

from runtime.language import Text
from store import StoreError

T = TypeVar("T")
FRESH_S = 2.0
# However slow the store is, at most this share of the time goes into asking it.
_COST_SHARE = 0.1
# From this on a look is dear: readers would notice that they wait.
_DEAR_S = 0.1


@dataclass(frozen=True, slots=True)
class LastRead(Generic[T]):
    """What was last read, and why it could not be read again, if so."""

    value: T | None
    problem: Text | None = None


class Cached(Generic[T]):
    """The answer of `load`, kept for two seconds or longer where it is dear to get."""

    def __init__(self, load: Callable[[], T], executor: Executor, *, fresh_s: float = FRESH_S) -> None:
        self._load = load
        self._executor = executor
        self._fresh_s = fresh_s
        self._lock = asyncio.Lock()
        self._seen: LastRead[T] = LastRead(None)
        self._until = 0.0
        self._dear_until = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def last(self) -> T | None:
        """What was read last, however old."""
        return self._seen.value

    def expire(self) -> None:
        """The next look asks again: something was changed here."""
        self._until = self._dear_until = 0.0

    def peek(self) -> T | None:
        """What was read last, for whoever can do without; where it is old it is asked for meanwhile."""
        if time.monotonic() >= self._until and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._refresh(), name="board-refresh")
        return self._seen.value

    async def get(self) -> LastRead[T]:
        """The answer, at most seconds old; the last known one, with the problem, while the store is away.

        Where it is dear to get, nobody waits for it: the one before serves while it is asked for.
        """
        if self._until <= time.monotonic() < self._dear_until:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._refresh(), name="board-refresh")
            return self._seen
        await self._refresh()
        return self._seen

    async def _refresh(self) -> None:
        async with self._lock:
            if time.monotonic() >= self._until:
                began = time.monotonic()
                try:
                    loop = asyncio.get_running_loop()
                    self._seen = LastRead(await loop.run_in_executor(self._executor, self._load))
                except StoreError as error:
                    self._seen = LastRead(self._seen.value, _said(error))
                ended = time.monotonic()
                lasts = max(self._fresh_s, (ended - began) / _COST_SHARE)
                self._until = ended + lasts
                self._dear_until = self._until + (lasts if ended - began >= _DEAR_S else 0.0)


def _said(error: StoreError) -> Text:
    """The error in both languages, where it has them."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Text) else Text(str(error), str(error))
