"""Every device that was told of in seven days, as it was last."""

from dataclasses import dataclass

from contract import READING_KINDS
from dashboards.board.newest import DAY, Newest
from store import Row, Store

_LOOKBACK = (7 * DAY,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesSeen:
    """The newest row of each."""

    access_points: tuple[Row, ...]
    devices: tuple[Row, ...]


class DeviceSource:
    """Reads them; not to be used by two threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._access_points = Newest(
            READING_KINDS["access_point"],
            tags=("district", "school", "ap", "room"),
            key=("school", "ap"),
            lookbacks=_LOOKBACK,
            fields=("state", "name", "model", "clients"),
        )
        self._devices = Newest(
            READING_KINDS["room_device"],
            tags=("district", "school", "device", "type", "room"),
            key=("school", "device"),
            lookbacks=_LOOKBACK,
            fields=("reachable", "power", "condition", "model", "lamp_h"),
        )

    def read(self, *, now_ms: int) -> DevicesSeen:
        """Raises store.Unavailable."""
        return DevicesSeen(
            access_points=tuple(self._access_points.read(self._store, now_ms=now_ms)),
            devices=tuple(self._devices.read(self._store, now_ms=now_ms)),
        )
