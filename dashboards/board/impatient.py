"""Connections that ask nothing, or never finish asking, are closed: half-open ones would pile up for ever."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

# From the first byte, or from connecting, to the end of a question with all that belongs to it.
PATIENCE_S = 20.0


class Impatient(H11Protocol):
    """uvicorn's own, which waits for a question without end. An answer may take as long as it takes."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        # The next question of a connection that is kept alive.
        if self._deadline is None and self._is_asking():
            self._wait()
        super().data_received(data)

    def on_response_complete(self) -> None:
        self._rest()  # how long a connection may rest between two questions uvicorn says
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(PATIENCE_S, self._look)

    def _look(self) -> None:
        self._deadline = None
        if self._is_asking() and not self.transport.is_closing():
            self.transport.close()

    def _is_asking(self) -> bool:
        """Whether a question is awaited, or a part of one."""
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete or cycle.more_body
