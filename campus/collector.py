"""Python's collector of cycles, left out while something large is made that has none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collector() -> Iterator[None]:
    """An evaluation makes no cycles; looking for them among millions of objects costs much of its time.

    For runs that end: a program that goes on needs its collector.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
