"""How much time has gone by: a clock that never steps, and goes on while the machine sleeps.

On Linux the monotonic clock stands still in a suspended machine: of a laptop that slept over the weekend it
says that what was heard on Friday evening was heard a moment ago. Elsewhere it goes on (Windows), or there is
nothing better.
"""

import time

_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def elapsed_s() -> float:
    """Seconds since some moment that stays the same for as long as the program runs."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
