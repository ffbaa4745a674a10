"""Room that is kept on the spool's disk, so that it can be freed when the disk is full."""

import contextlib
import os
from pathlib import Path

# Deleting what is confirmed needs room: for the log of one large round, and for writing it back.
MOST_BYTES = 8 * 1024**2
_LEAST_BYTES = 64 * 1024
# Of a small disk only so much.
_SHARE = 8


class Ballast:
    """A file of zeros beside the spool: freed when a commit finds no room, put back when there is some."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        self.path = path
        self._bytes = max(min(MOST_BYTES, max_bytes // 16, _room(path) // _SHARE), _LEAST_BYTES)
        self.restore()

    @property
    def size(self) -> int:
        """How much it should hold."""
        return self._bytes

    def release(self) -> bool:
        """Free it; whether there was anything to free."""
        try:
            held = self.path.stat().st_size
            self.path.unlink()
        except OSError:
            return False
        return held > 0

    def restore(self) -> None:
        """Take as much room as there is of it; quietly less where the disk is full."""
        with contextlib.suppress(OSError):
            if self.path.exists() and self.path.stat().st_size >= self._bytes:
                return
        wanted = self._bytes
        while wanted >= _LEAST_BYTES:
            try:
                with self.path.open("ab") as file:
                    os.posix_fallocate(file.fileno(), 0, wanted)
            except OSError:
                wanted //= 2
            else:
                return


def _room(path: Path) -> int:
    """What the disk has free, with what is held already."""
    try:
        disk = os.statvfs(path.parent)
        held = path.stat().st_size if path.exists() else 0
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize + held
