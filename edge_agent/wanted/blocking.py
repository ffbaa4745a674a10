"""A program that blocks with new settings is ended, and at its next start it is known why.

What blocks may hold the interpreter, so the watch is faulthandler's: a thread that needs none of Python.
"""

import contextlib
import faulthandler
import logging
from pathlib import Path
from typing import BinaryIO

log = logging.getLogger(__name__)

_LEFT = "blocked"
_MOST_CHARACTERS = 4000


class Watch:
    """`rewind` it in good time; where nobody did for so long, the program ends as if it had failed."""

    def __init__(self, folder: Path, within_s: float) -> None:
        self._path, self._within_s = folder / _LEFT, within_s
        self._file: BinaryIO | None = None

    @property
    def beat_s(self) -> float:
        return self._within_s / 4

    def found(self) -> bool:
        """Whether the program before this one was ended by its watch. Where it stood goes into the log."""
        try:
            stood = self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        if stood:
            log.error("the program had blocked and was ended; it stood here:\n%s", stood[:_MOST_CHARACTERS])
        self._take_away()
        return bool(stood)

    def rewind(self) -> None:
        """From now on anew."""
        if self._file is None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._file = self._path.open("wb")
            except OSError:
                # Then it is told to whoever reads the log, and counts as any other end of the program.
                faulthandler.dump_traceback_later(self._within_s, exit=True)
                return
        faulthandler.dump_traceback_later(self._within_s, exit=True, file=self._file)

    def end(self) -> None:
        """Nothing is new any more."""
        faulthandler.cancel_dump_traceback_later()
        if self._file is not None:
            self._file.close()
            self._file = None
            self._take_away()

    def _take_away(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
