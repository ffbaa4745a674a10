"""A piece of network between two programs that can be cut, silenced and slowed down."""

import contextlib
import socket
import threading
import time
from typing import Literal

State = Literal["open", "cut", "silent", "slow"]

_PIECE = 16_384
_SLOW_S = 0.05
_LOOK_S = 0.05


class Proxy:
    """Listens on `port` and hands everything on to `target`, as the network's state allows.

    cut: connections break and none can be made. silent: they stand, and nothing passes. slow: 50 ms a piece.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self._target = target
        self.state: State = "open"
        self._closed = threading.Event()
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, name=f"proxy {port}", daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        self._listener.close()
        self._break()

    def set(self, state: State) -> None:
        self.state = state
        if state == "cut":
            self._break()

    def _break(self) -> None:
        with self._lock:
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self.state == "cut":
                    raise ConnectionRefusedError
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._ends |= {near, far}
            for one_way in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=one_way, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                if self.state == "slow":
                    time.sleep(_SLOW_S)
                while self.state == "silent" and not self._closed.is_set():
                    time.sleep(_LOOK_S)
                sink.sendall(piece)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        with self._lock:
            self._ends -= {source, sink}
