"""Ending tasks for certain."""

import asyncio
from typing import Any

AGAIN_S = 0.1
MOST = 50


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks, and wait until they have ended; what they raise is of no more interest.

    A cancellation is lost when it meets the very moment at which something awaited through
    asyncio.wait_for is done (Python before 3.12; both aiomqtt and gufo use it). So it is repeated.
    """
    pending = set(tasks)
    for _ in range(MOST):
        if not pending:
            break
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_S)
    await asyncio.gather(*(task for task in tasks if task.done()), return_exceptions=True)
