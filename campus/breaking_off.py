"""A command that a signal breaks off takes back what it has begun, says so in one line, and ends by it.

Programs that run until told to stop end well on both signals (commands/stopping.py); this is for all others,
and for those until they run. SIGTERM would end them on the spot: an archive half written, a database copied
with the keys in it and the servers of a benchmark would stay behind.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from runtime.language import Text

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM


class Terminated(SystemExit):
    """Raised by SIGTERM: every `finally` and `with` of the command has its turn."""


@contextmanager
def breaking_off() -> Iterator[None]:
    """A command runs within; its own exit codes are left alone."""
    ours = os.getpid()

    def terminate(number: int, _frame: FrameType | None) -> None:
        if os.getpid() != ours:  # forked a moment ago
            _end_by(number)
        raise Terminated(TERMINATED)

    before = signal.signal(signal.SIGTERM, terminate)
    # What is forked is ended by whoever forked it, also where it hangs in foreign code.
    os.register_at_fork(after_in_child=lambda: _leave_to_the_system(terminate))
    try:
        yield
    except KeyboardInterrupt:
        _say(Text("已中断", "interrupted"))
        sys.exit(INTERRUPTED)
    except Terminated:
        _say(Text("已终止", "terminated"))
        sys.stdout.flush()
        _end_by(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave_to_the_system(handler: object) -> None:
    if signal.getsignal(signal.SIGTERM) is handler:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end_by(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _say(text: Text) -> None:
    sys.stderr.write(f"campus: {text}\n")
