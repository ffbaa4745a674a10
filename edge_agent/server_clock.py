"""Whether the gateway's clock can be trusted: the server tells its own with every acknowledgement."""

# Beyond this the two clocks do not tell the same time. Readings from further ahead are refused, too.
TOLERANCE_MS = 10 * 60 * 1000


class ServerClock:
    """What the server last said of the time, carried on by a clock that never steps nor sleeps."""

    def __init__(self) -> None:
        self._server_ms: int | None = None
        self._heard_s = 0.0

    def heard(self, server_ms: int, *, now_s: float) -> None:
        """Note the server's time; `now_s` of runtime.elapsed."""
        self._server_ms, self._heard_s = server_ms, now_s

    def offset_ms(self, own_ms: int, *, now_s: float) -> int | None:
        """The server's clock minus ours; None while nothing was heard since the program began."""
        if self._server_ms is None:
            return None
        return self._server_ms + round((now_s - self._heard_s) * 1000) - own_ms

    def confirms(self, own_ms: int, *, now_s: float) -> bool:
        """Whether both tell the same time."""
        offset = self.offset_ms(own_ms, now_s=now_s)
        return offset is not None and abs(offset) <= TOLERANCE_MS
