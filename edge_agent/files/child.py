"""Work on a file that may be large or hostile, in a process of its own that can be ended at any time."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

# A large ledger needs a third of this; what needs more is no ledger.
MEMORY_BYTES = 512 * 1024**2
CPU_S = 120
# Programs with many gateways in one process read no more files than this at a time.
MOST_AT_ONCE = 2
# So long may one file take.
PATIENCE_S = 180.0
_LINE_BYTES = 1024 * 1024


_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class Ended(Exception):
    """The process ended, or was ended, before it was done."""


async def said_by(module: str, request: object) -> AsyncIterator[Any]:
    """Run `python -m module`, hand it the request as JSON, and give every line of JSON that it prints.

    Raises Ended. Whoever stops listening, by cancellation too, ends the process.
    """
    async with _gate():
        async for line in _said_by(module, request):
            yield line


def _gate() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    return _gates.setdefault(loop, asyncio.Semaphore(MOST_AT_ONCE))


async def _said_by(module: str, request: object) -> AsyncIterator[Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LINE_BYTES,
        # As this process found its packages, so will that one.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    if process.stdin is None or process.stdout is None:
        raise Ended("no pipes")
    try:
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()
        while line := await asyncio.wait_for(process.stdout.readline(), PATIENCE_S):
            yield json.loads(line)
        if code := await process.wait():
            raise Ended(f"exit code {code}")
    except (TimeoutError, ConnectionError, ValueError) as error:
        raise Ended(str(error) or type(error).__name__) from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def begin_as_child() -> Any:
    """In the child: bound memory and time, and read the request."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    return json.load(sys.stdin)


def say(message: object) -> None:
    """In the child: one line to whoever asked."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
