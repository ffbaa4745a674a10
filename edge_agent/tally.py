"""A number that can be counted up also while the disk is full: a few bytes that were written beforehand."""

import contextlib
import os
import struct
import zlib
from pathlib import Path

# Epoch, number, checksum.
_SLOT = struct.Struct("<16sQL")
_SLOT_BYTES = 512
_NOTHING = ("", 0)


class Tally:
    """How many readings of one epoch the spool could not take. It only grows.

    There are two slots, and the smaller number is overwritten: a power cut can spoil the newest one only.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._slots = [_NOTHING, _NOTHING]
        with contextlib.suppress(OSError):
            held = path.read_bytes()
            self._slots = [_unpacked(held[start : start + _SLOT.size]) for start in (0, _SLOT_BYTES)]
        with contextlib.suppress(OSError):
            if not path.exists() or path.stat().st_size < 2 * _SLOT_BYTES:
                path.write_bytes(bytes(2 * _SLOT_BYTES))

    def of(self, epoch: str) -> int:
        """The number of this epoch."""
        return max(number for _, number in ((_NOTHING), *(slot for slot in self._slots if slot[0] == epoch)))

    def put(self, epoch: str, number: int) -> None:
        """Remember a number: on disk, or where even that fails until the program ends."""
        place = min((0, 1), key=lambda slot: self._slots[slot][1] if self._slots[slot][0] == epoch else -1)
        self._slots[place] = (epoch, number)
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY)
            try:
                os.pwrite(descriptor, _packed(epoch, number), place * _SLOT_BYTES)
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)


def _packed(epoch: str, number: int) -> bytes:
    return _SLOT.pack(epoch.encode(), number, zlib.crc32(f"{epoch} {number}".encode()))


def _unpacked(held: bytes) -> tuple[str, int]:
    if len(held) < _SLOT.size:
        return _NOTHING
    epoch, number, checksum = _SLOT.unpack(held)
    text = epoch.decode("ascii", "replace")
    return (text, number) if checksum == zlib.crc32(f"{text} {number}".encode()) else _NOTHING
