"""Noticing that an open SQLite file is no longer the one that its path names.

What is written to a removed or replaced file is written to nowhere, without any error.
"""

import os
from pathlib import Path

from runtime.language import Text

_Identity = tuple[int, int]


class OpenDatabase:
    """Which files a database's path, its log and its index named when they were opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = [path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm")]
        self._identities = {file: _identity(file) for file in (path, *self._beside)}

    def problem(self) -> Text | None:
        """What has become of the first that is not there any more; None while all is well.

        A path that named nothing yet is taken up as soon as it does.
        """
        for file, opened in self._identities.items():
            now = _identity(file)
            if opened is None:
                self._identities[file] = now
            elif now is None:
                return Text(f"{file} 在使用中被删除", f"{file} was removed while it was in use")
            elif now != opened:
                return Text(f"{file} 在使用中被替换", f"{file} was replaced while it was in use")
        return None

    def gone(self) -> bool:
        """Whether the database itself is not there any more, not only what lies beside it."""
        return _identity(self._path) != self._identities[self._path]

    def clear(self) -> None:
        """Remove the log and index of a file that is gone: one in its place would take them for its own."""
        if not self.gone():
            return
        for file in self._beside:
            if self._identities[file] is not None and _identity(file) == self._identities[file]:
                file.unlink(missing_ok=True)


def _identity(path: Path) -> _Identity | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
