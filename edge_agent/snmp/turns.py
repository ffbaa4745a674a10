"""One walk at a time a target, whichever collectors ask it: two at once make some devices stall."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from weakref import WeakKeyDictionary

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()


@contextlib.asynccontextmanager
async def turn(target: str) -> AsyncIterator[None]:
    """Wait until nobody else of this program asks `target`."""
    locks = _turns.setdefault(asyncio.get_running_loop(), {})
    async with locks.setdefault(target.lower(), asyncio.Lock()):
        yield
