"""A name server that knows no name, and one that never answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest


def no_such_name(*_: object, **__: object) -> NoReturn:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@contextmanager
def black_hole(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Until the end of the block every look-up waits."""
    ended = threading.Event()

    def wait(*_: object, **__: object) -> NoReturn:
        ended.wait()
        no_such_name()

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    try:
        yield
    finally:
        ended.set()
