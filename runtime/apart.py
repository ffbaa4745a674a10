"""Work that would make everybody wait, in a process of its own: bounded, and ended with the program.

Threads share one interpreter: ten seconds of reckoning in one of them are ten seconds that readers wait.
"""

import contextlib
import os
import pickle
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, TypeVar

from runtime.errors import UserError
from runtime.language import Text

MEMORY_BYTES = 1024**3
# By the clock, and of a core: a machine with much to do is slow, and that is nobody's fault.
PATIENCE_S, CPU_S = 180.0, 90
_LOOK_S = 0.2
# Not `-m`: what it raises is then of this module, and not of its own __main__.
_CHILD = "from runtime.apart import main; main()"
_PIECE = 1024 * 1024
T = TypeVar("T")


class Ended(UserError):
    """The process ended, or was ended, before it had an answer."""


def run_apart(
    work: Callable[[], T],
    *,
    stopped: Callable[[], bool] = lambda: False,
    patience_s: float = PATIENCE_S,
    memory_bytes: int = MEMORY_BYTES,
) -> T:
    """What `work` gives, or raises; it and its answer are pickled. stopped: whether nobody waits any more.

    Raises Ended. For a thread that may wait.
    """
    process = subprocess.Popen(  # noqa: S603 this very program
        [sys.executable, "-c", _CHILD, str(memory_bytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # As this process found its packages, so will that one.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    if process.stdin is None or process.stdout is None:
        raise Ended("no pipes")
    try:
        _hand_over(work, process.stdin)
        answer = _answer(process.stdout, time.monotonic() + patience_s, stopped)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    try:
        well, found = pickle.loads(answer)  # noqa: S301 the answer of a child of this very program
    except (EOFError, pickle.UnpicklingError) as error:
        raise Ended(
            Text("计算进程未完成即结束（可能内存不足）", "the process ended before it was done (memory?)")
        ) from error
    if not well:
        raise found
    return found  # type: ignore[no-any-return]  # what `work` gave


def _hand_over(work: Callable[[], object], pipe: IO[bytes]) -> None:
    """The pipe stays open: that it closes tells the child that this program is gone."""
    try:
        pickle.dump(work, pipe)
        pipe.flush()
    except BrokenPipeError as error:
        raise Ended(Text("计算进程无法启动", "the process could not begin")) from error


def _answer(pipe: IO[bytes], until: float, stopped: Callable[[], bool]) -> bytes:
    found = bytearray()
    with (
        selectors.DefaultSelector() as ready
    ):  # whatever its number: a program may have thousands of files open
        ready.register(pipe, selectors.EVENT_READ)
        while time.monotonic() < until:
            if stopped():
                raise Ended(Text("程序正在结束", "the program ends"))
            if ready.select(_LOOK_S):
                piece = os.read(pipe.fileno(), _PIECE)
                if not piece:
                    return bytes(found)
                found += piece
    raise Ended(Text("计算用时超出上限", "it took longer than is allowed"))


def main() -> None:
    """In the child: one piece of work, and the answer."""
    _bound(int(sys.argv[1]))
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what the work prints is no answer
    work = pickle.load(asked)  # noqa: S301 from the program that started this one
    threading.Thread(target=_end_with, args=(asked,), daemon=True).start()
    pickle.dump(_done(work), answers)
    answers.flush()
    os._exit(0)


def _done(work: Callable[[], object]) -> tuple[bool, object]:
    try:
        return True, work()
    except MemoryError:
        return False, Ended(Text("计算所需内存超出上限", "it needs more memory than is allowed"))
    except Exception as error:
        return False, error


def _end_with(pipe: IO[bytes]) -> None:
    """Until whoever asked is gone, however that came."""
    pipe.read()
    os._exit(1)


def _bound(memory_bytes: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
