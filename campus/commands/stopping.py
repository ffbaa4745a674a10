"""SIGTERM or Ctrl-C: finish what is in hand, then end."""

import asyncio
import signal
import threading

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def stop_on_signals() -> asyncio.Event:
    """An event of the running loop that a signal sets."""
    stop = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def stop_thread_on_signals() -> threading.Event:
    """The same for a program without a loop."""
    stop = threading.Event()
    for number in _SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    return stop
